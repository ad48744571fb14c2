#pragma once
// How one redirector takes another's place without a lost query: it gets the very sockets, with what stands in their
// queues, by a Unix socket (SOCK_SEQPACKET) that only processes of the same user may speak on. When it has read all
// else it also gets the tables that clients are steered by, so that nobody is sent back to who is ill or drains.
//
//   the next one                               the running one
//     "ringway handover 1" ────────────────────▶  ends its agent and its admin address; goes on answering
//     ◀──────────────── "udp 192.0.2.1:53" + socket, each
//     ◀──────────────────────────────────── "end"
//     "tables" ────────────────────────────────▶
//     ◀──────────────── "told 1500" + file in memory (a manager's table, and its age in milliseconds)
//     ◀──────────────── "own" + file in memory       (a table of its own making)
//     ◀──────────────────────────────────── "end"
//     answers, and says "serving" ─────────────▶  reads no more
//     ◀────────────────────────────────── "yours"
//
// Where the next one hangs up before it serves, or does not within limits::kHandoverLimit, the running one goes on as
// before. Where that one dies meanwhile, the next one has the sockets and serves.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/timer_queue.h"
#include "cli/dns/dns_sockets.h"
#include "cli/dns/table_legacy.h"
#include "net/worker.h"

namespace ringway::cli {

/// What the running one does.
class HandoverUser {
 public:
  virtual ~HandoverUser() = default;
  /// Somebody takes over: what only one process can have is given up. The sockets are read until on_handed_over().
  virtual const DnsSockets& on_handover_begun() = 0;
  [[nodiscard]] virtual TableLegacy tables() const = 0;
  virtual void on_handed_over() = 0;
  /// It came to nothing: what was given up is taken again.
  virtual void on_handover_failed(const std::string& reason) = 0;
};

/// The running one's end.
class HandoverOffer final {
 public:
  /// Listens at `path`, in the place of a socket that nobody listens at. The worker and the user outlive it.
  static Result<std::unique_ptr<HandoverOffer>> open(net::Worker& worker, const std::string& path, HandoverUser& user);
  HandoverOffer(const HandoverOffer&) = delete;
  HandoverOffer& operator=(const HandoverOffer&) = delete;
  ~HandoverOffer();

 private:
  class Impl;
  explicit HandoverOffer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The next one's end. Its calls wait for the other, for some seconds at most.
class Handover {
 public:
  Handover() = default;
  /// Nothing but an empty one where nobody runs; an error where who runs refuses.
  static Result<Handover> ask(const std::string& path);

  [[nodiscard]] std::vector<DnsSocket> take_sockets() { return std::move(sockets_); }
  /// As they are now; without what does not come, or cannot be read. An error where the other has gone on without it.
  Result<TableLegacy> ask_tables();
  /// This process answers. An error where the other has gone on without it.
  Status conclude();

 private:
  net::Descriptor peer_;  // none: nobody ran
  std::vector<DnsSocket> sockets_;
};

}  // namespace ringway::cli
