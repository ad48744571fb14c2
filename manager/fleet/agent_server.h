#pragma once
// Where agents connect: TLS by which both ends prove who they are (agent_tls.h), and the manager's own certificate,
// which it signs itself and anew long before its end.

#include <memory>
#include <string>

#include "manager/fleet/agent_tls.h"
#include "manager/fleet/fleet.h"
#include "net/listener.h"

namespace ringway::manager {

struct AgentServerSettings {
  SocketAddress address;
  std::string manager;  // its name
};

class AgentServer final : private net::AcceptHandler {
 public:
  /// Listens at once. All that is referred to outlives it.
  static Result<std::unique_ptr<AgentServer>> open(net::Worker& worker, const AgentServerSettings& settings,
                                                   std::shared_ptr<const tmp::Authority> authority, Fleet& fleet,
                                                   Log& log);
  [[nodiscard]] SocketAddress address() const { return listener_->address(); }

 private:
  AgentServer(net::Worker& worker, AgentServerSettings settings, std::shared_ptr<const tmp::Authority> authority,
              Fleet& fleet, Log& log);
  Status listen();
  Status renew();
  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) override;
  void on_handshake_failed(const SocketAddress& remote, const std::string& reason) override;

  net::Worker& worker_;
  AgentServerSettings settings_;
  std::shared_ptr<const tmp::Authority> authority_;
  Fleet& fleet_;
  Log& log_;
  std::shared_ptr<const ManagerIdentity> identity_;
  std::unique_ptr<net::Listener> listener_;
  Timer renewal_;
};

}  // namespace ringway::manager
