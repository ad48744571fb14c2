#pragma once
// One gateway in a process: what `ringway frontend`, `ringway backend` and the demo run.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/gateway_settings.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "cli/managed.h"
#include "net/admin_server.h"
#include "net/worker.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/link_settings.h"
#include "tmp_protocol/peer_trust.h"
#include "tmp_protocol/settings.h"

namespace ringway::cli {

class Gateway : public Managed {
 public:
  /// Listeners close, peers are told; what is in flight goes on.
  virtual void drain() = 0;
  [[nodiscard]] virtual bool drained() const = 0;
  [[nodiscard]] virtual Duration drain_limit() const = 0;
  /// Ends what is left and closes the links so that the peers hear of it.
  virtual void close() = 0;
};

/// What a gateway is opened with beside its settings.
struct GatewayParts {
  net::Worker& worker;
  LineSink& log_sink;
  /// Null: loaded from the files that the settings name.
  std::shared_ptr<const tmp::Identity> identity;
  tmp::PeerTrust trust = {};
  /// Of what a manager says, for the logs; nothing where none is told of.
  std::optional<std::uint64_t> revision = {};
};

/// What a gateway is told that holds for as long as its process.
struct FixedSettings {
  const GatewaySettings& gateway;
  const tmp::LinkSettings& link;
};

/// An error where the file at `path` changes something of the present that takes a restart.
Status check_fixed(const std::string& path, const FixedSettings& present, const FixedSettings& next);

/// An error where `identity`, of `files`, is not of `self`.
Status check_self(const tmp::Identity& identity, const tmp::PeerIdentity& self, const IdentityFiles& files);

/// `settings` with what is this gateway's own: its identity (that of the parts, or the files', whose certificate must
/// name `self`) and its stateless-reset key.
Result<std::shared_ptr<const tmp::EndpointSettings>> make_endpoint_settings(const GatewayParts& parts,
                                                                            const tmp::PeerIdentity& self,
                                                                            const IdentityFiles& files,
                                                                            tmp::EndpointSettings settings);
/// The same for other peers' certificates.
std::shared_ptr<const tmp::EndpointSettings> with_trust(const tmp::EndpointSettings& settings,
                                                        const tmp::PeerTrust& trust);

/// What the admin address of a gateway answers. `unready` says why it cannot serve; nothing where it can.
Result<std::unique_ptr<net::AdminServer>> open_admin_server(net::Worker& worker, const SocketAddress& address,
                                                            std::function<std::string()> metrics,
                                                            std::function<std::string()> unready);

}  // namespace ringway::cli
