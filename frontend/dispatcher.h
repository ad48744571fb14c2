#pragma once
// Which back-end gets an exchange: of the links that are up, the one with the least expected time. A link whose peer
// owes an answer for long is about to be lost, and gets one only where no other is.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "frontend/settings.h"
#include "tmp_protocol/link.h"

namespace ringway::frontend {

/// Links that an exchange has already tried.
using TriedLinks = std::vector<const tmp::Link*>;

class Dispatcher {
 public:
  /// `links` by name of back-end; they outlive the dispatcher.
  void set_links(std::map<std::string, tmp::Link*> links) { links_ = std::move(links); }
  [[nodiscard]] const std::map<std::string, tmp::Link*>& links() const { return links_; }

  /// Null where no back-end of the site that was not tried has a link that takes streams.
  tmp::Link* choose(const Site& site, const TriedLinks& tried) const;

  /// Whether the last of `tried` is silent and another back-end of the site is not.
  [[nodiscard]] bool should_leave(const Site& site, const TriedLinks& tried) const;

  /// The peer opens and takes no more streams until its link is made again.
  void set_draining(const tmp::Link& link) { draining_.insert(&link); }
  void clear_draining(const tmp::Link& link) { draining_.erase(&link); }

 private:
  std::map<std::string, tmp::Link*> links_;
  std::set<const tmp::Link*> draining_;
};

/// Expected milliseconds until a small answer is back: the round trip, dearer by loss, what waits before it,
/// and a share for each exchange pending there.
double expected_milliseconds(const tmp::LinkQuality& quality, std::size_t streams);

/// The peer owes an answer for longer than lost packets explain.
bool silent(const tmp::LinkQuality& quality);

}  // namespace ringway::frontend
