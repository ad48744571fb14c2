#pragma once
// One gateway in a process: what `ringway frontend`, `ringway backend` and the demo run.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/messages.h"
#include "base/gateway_settings.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "net/admin_server.h"
#include "net/worker.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/link_settings.h"
#include "tmp_protocol/peer_trust.h"
#include "tmp_protocol/settings.h"

namespace ringway::cli {

class Gateway {
 public:
  virtual ~Gateway() = default;
  /// Reads the file again, with what a manager says beside it (compose.h). Nothing changes before the change is called,
  /// at once; nor then, on an error.
  using Change = std::function<Status()>;
  [[nodiscard]] virtual Result<Change> judge(const std::string& path, const agent::Sections& told) = 0;
  Status reload(const std::string& path, const agent::Sections& told) {
    const Result<Change> change = judge(path, told);
    return change ? (*change)() : change.error();
  }
  /// What is in use is that of a manager's `revision`: it stands in the logs' lines from now on.
  virtual void set_revision(std::uint64_t revision) = 0;
  /// Who peers' certificates are judged by from now on; links of revoked ones close.
  virtual void set_trust(const tmp::PeerTrust& trust) = 0;
  /// Reads the certificate again, and uses it for what comes.
  virtual Status reload_identity() = 0;
  /// Ends the live links to `peer`; those that are still wanted are made again.
  virtual void close_link(const std::string& peer) = 0;
  /// About once a second; each tells of the time since the one before. Without state.
  virtual agent::Report report() = 0;
  /// What the first worker counts.
  virtual Metrics& metrics() = 0;
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
