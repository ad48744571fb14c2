#pragma once
// The processes of the demo: a manager, a redirector, front-ends in two POPs and two back-ends, each as its operator
// would run it, with files that can be looked at.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/client/api.h"
#include "cli/client/json.h"
#include "cli/demo/child.h"
#include "cli/demo/ground.h"
#include "net/worker.h"

namespace ringway::cli {

/// 127.0.0.1 and 127.0.0.3 are east, 127.0.0.2 west: the same ports at all.
struct DemoPorts {
  std::uint16_t clients = 8080;
  std::uint16_t metrics = 9090;
  std::uint16_t manager = 8700;  // and the next one, for agents
  std::uint16_t dns = 5300;
};

inline constexpr const char* kDemoSite = "demo";
inline constexpr const char* kDemoName = "www.demo.test";
/// "east-1"; its address as text where it is nobody's.
std::string demo_frontend_at(const IpAddress& address);
/// What a front-end can serve, in exchanges a second: small, so that the demo's clients can crowd it.
inline constexpr int kDemoFrontendCapacity = 150;

class DemoCast {
 public:
  /// `directory` is empty. Each of `worker`'s turns is the caller's.
  DemoCast(net::Worker& worker, DemoGround& ground, DemoPorts ports, std::string directory);
  ~DemoCast();

  /// Says each step as it is done.
  Status start();
  /// Asks all to end, and waits.
  void stop();

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] std::string manager_url() const;
  [[nodiscard]] std::uint16_t client_port() const { return ports_.clients; }
  [[nodiscard]] SocketAddress redirector() const;

  /// The JSON of a good answer of the manager.
  Result<config::TreeNode> ask(std::string method, std::string target, std::string body = {});
  /// PUT or PATCH with the resource's present ETag.
  Status change(const std::string& target, const std::string& merge_patch);

  void kill(const std::string& gateway);
  Status start_gateway(const std::string& gateway);

 private:
  Result<client::Answer> good_answer(const client::Ask& ask);
  Status start_manager();
  Status exchange_token(const std::string& one_time);
  Status enrol(const std::string& role, const std::string& name);
  Status apply();
  /// Until agents of all gateways are connected.
  Status await_gateways();
  Status write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string backend_text(const std::string& name, const SocketAddress& link) const;
  [[nodiscard]] std::string frontend_text(const std::string& name, const std::string& address) const;
  [[nodiscard]] std::string redirector_text() const;
  [[nodiscard]] std::string resources() const;

  net::Worker& worker_;
  DemoGround& ground_;
  DemoPorts ports_;
  std::string directory_;
  std::string token_;
  std::unique_ptr<client::Api> api_;
  std::map<std::string, SocketAddress> backends_;  // their addresses from afar
  std::map<std::string, std::string> roles_;
  std::map<std::string, std::unique_ptr<Child>> children_;
};

}  // namespace ringway::cli
