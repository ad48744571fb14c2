#pragma once
// A machine with an endpoint that can be stopped and started again, and a talker on it.

#include <memory>
#include <optional>

#include "tests/sim/network.h"
#include "tests/sim/talkers.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::sim {

/// Settings of gateway `name`, an identity of the tests' authority included; `peer` may make links to it.
tmp::EndpointSettings link_settings(tmp::Role role, const char* name, const char* peer);

class Machine {
 public:
  Machine(Network& network, Ledger& ledger, const char* address, tmp::EndpointSettings settings);
  ~Machine() { stop(); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// From the next start on.
  void keep_link_to(const tmp::PeerTarget& target) { target_ = target; }
  void use(tmp::EndpointSettings settings) {
    settings_ = std::make_shared<const tmp::EndpointSettings>(std::move(settings));
  }
  void start();
  /// At once, without a word to anybody.
  void stop();

  [[nodiscard]] std::size_t streams() const;
  /// Its only link; there is one.
  [[nodiscard]] tmp::Link& link() { return *endpoint_->links().at(0); }
  [[nodiscard]] const tmp::EndpointSettings& settings() const { return *settings_; }
  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] Talker& talker() { return talker_; }
  [[nodiscard]] tmp::Endpoint& endpoint() { return *endpoint_; }

 private:
  Node node_;
  Talker talker_;
  std::shared_ptr<const tmp::EndpointSettings> settings_;
  std::optional<tmp::PeerTarget> target_;
  std::unique_ptr<tmp::Endpoint> endpoint_;
};

}  // namespace ringway::sim
