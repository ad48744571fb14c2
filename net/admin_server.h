#pragma once
// A tiny HTTP/1.1 server for GET /metrics, /healthz and /readyz. Bounded: few connections, small heads, no content.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "net/worker.h"

namespace ringway::net {

struct AdminAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class AdminServer {
 public:
  static Result<std::unique_ptr<AdminServer>> open(Worker& worker, const SocketAddress& address);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  ~AdminServer();

  /// What answers; `query` is what follows the target's "?", as it came.
  using Handler = std::function<AdminAnswer(std::string_view query)>;
  /// `answer` is called for each GET or HEAD of exactly `path`.
  void handle(std::string path, Handler answer);
  [[nodiscard]] SocketAddress address() const;

 private:
  class Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net
