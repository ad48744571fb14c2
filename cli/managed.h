#pragma once
// What a manager may tell, as its agent uses it: a gateway, or a redirector.

#include <cstdint>
#include <functional>
#include <string>

#include "agent/messages.h"
#include "base/metrics.h"
#include "base/result.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::cli {

class Managed {
 public:
  virtual ~Managed() = default;
  /// Reads the file again, with what a manager says beside it. Nothing changes before the change is called, at once;
  /// nor then, on an error.
  using Change = std::function<Status()>;
  [[nodiscard]] virtual Result<Change> judge(const std::string& path, const agent::Sections& told) = 0;
  Status reload(const std::string& path, const agent::Sections& told) {
    const Result<Change> change = judge(path, told);
    return change ? (*change)() : change.error();
  }
  /// What is in use is that of a manager's `revision`: it stands in the logs' lines from now on.
  virtual void set_revision(std::uint64_t revision) = 0;
  /// About once a second; each tells of the time since the one before. Without state.
  virtual agent::Report report() = 0;
  /// What the first worker counts.
  virtual Metrics& metrics() = 0;

  // Of gateways: others have no links to peers.

  /// Who peers' certificates are judged by from now on; links of revoked ones close.
  virtual void set_trust(const tmp::PeerTrust& /*trust*/) {}
  /// Reads the certificate again, and uses it for what comes.
  virtual Status reload_identity() { return {}; }
  /// Ends the live links to `peer`; those that are still wanted are made again.
  virtual void close_link(const std::string& /*peer*/) {}

  /// Of redirectors: a whole text of a steering table. An error where it is to be told anew.
  virtual Status take_table(agent::TableText /*kind*/, const std::string& /*text*/) { return {}; }
};

}  // namespace ringway::cli
