#pragma once
// A small web server for the demo: a page with objects, a status for the probe, and bulk data without end.

#include <memory>
#include <string>
#include <unordered_map>

#include "net/listener.h"

namespace ringway::cli {

class DemoOrigin final : public net::AcceptHandler {
 public:
  /// On a free port of 127.0.0.1. `name` is told in each answer (X-Origin).
  static Result<std::unique_ptr<DemoOrigin>> open(net::Worker& worker, std::string name);
  ~DemoOrigin() override;

  [[nodiscard]] SocketAddress address() const { return listener_->address(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) override;

 private:
  class Visitor;
  DemoOrigin(net::Worker& worker, std::string name);
  void forget(Visitor& visitor);

  net::Worker& worker_;
  std::string name_;
  std::unique_ptr<net::Listener> listener_;
  std::unordered_map<Visitor*, std::unique_ptr<Visitor>> visitors_;
};

/// Objects that the demo's page refers to: "/object/1" … "/object/24".
inline constexpr int kDemoObjects = 24;

}  // namespace ringway::cli
