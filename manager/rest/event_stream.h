#pragma once
// GET /v1/stream: server-sent events (HTML Living Standard, §9.2) for whoever watches.
//
//   event: status      each second, and at once: /v1/status
//   event: event       each new line of the log "events"; its number is the event's id, and Last-Event-ID resumes
//   event: revision    each new head
//   event: gap         lines before were not kept in memory: read /v1/events
//
// Who reads too slowly is cut off, and so is who may no longer read it.

#include <functional>
#include <list>
#include <string>

#include "base/loop.h"
#include "manager/access/authenticator.h"
#include "manager/rest/http_session.h"
#include "manager/rest/router.h"
#include "manager/revisions/ledger.h"

namespace ringway::manager {

class EventStream {
 public:
  /// All outlive it. `status_json` is asked each second while somebody follows.
  EventStream(const Ledger& ledger, const Authenticator& authenticator, Loop loop,
              std::function<std::string()> status_json);

  void add_to(Router& router);
  /// Something new may be in the ledger.
  void look();
  [[nodiscard]] std::size_t followers() const { return followers_.size(); }

 private:
  struct Follower {
    CallPtr call;
    Principal principal;
    std::uint64_t event = 0;     // the last one that was sent
    std::uint64_t revision = 0;  // the same
  };

  void open(const Request& request, const Respond& respond);
  void on_second();
  /// False where it is gone.
  bool send_news(Follower& follower);

  const Ledger& ledger_;
  const Authenticator& authenticator_;
  Loop loop_;
  std::function<std::string()> status_json_;
  std::list<Follower> followers_;
  Timer second_;
};

}  // namespace ringway::manager
