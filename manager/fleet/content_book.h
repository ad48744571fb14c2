#pragma once
// The contents of all gateways: of each revision that is to be in use somewhere, compiled once for each turn of the
// assignment. What is the same as before is kept, so that texts are there once.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "agent/messages.h"
#include "manager/fleet/node.h"
#include "manager/resources/compile.h"
#include "manager/revisions/registry.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

struct Content {
  agent::ContentMark mark;  // without its epoch
  SectionsPtr sections;
};

class ContentBook {
 public:
  explicit ContentBook(const Registry& registry) : registry_(registry) {}

  /// From now on. A change is another turn.
  void set(const Routes& routes, const DrainedOrigins& drained);
  [[nodiscard]] std::uint64_t turn() const { return turn_; }
  /// What the gateway is to have of the revision, at most registry.number(). One that the revision does not name gets
  /// contents with nothing in them.
  [[nodiscard]] const Content& content(const tmp::PeerIdentity& gateway, std::uint64_t revision);
  /// What has this hash, where it is remembered; null otherwise.
  [[nodiscard]] SectionsPtr find(const std::string& hash) const;
  /// Forgets revisions below both, and sections that nobody has any more.
  void keep(std::uint64_t from, std::uint64_t to);
  /// As at the start.
  void clear();

 private:
  struct Edition {
    std::uint64_t turn = 0;
    std::string chain;
    Snapshot snapshot;
    std::map<tmp::PeerIdentity, Content> contents;
    Content nothing;
  };
  Edition& edition(std::uint64_t revision);
  void compile_into(Edition& edition, std::uint64_t revision);
  Content take(agent::Sections sections, const Edition& edition, std::uint64_t revision);

  const Registry& registry_;
  Routes routes_;
  DrainedOrigins drained_;
  std::uint64_t turn_ = 1;
  std::map<std::uint64_t, Edition> editions_;
  std::map<std::string, std::weak_ptr<const agent::Sections>> by_hash_;
};

}  // namespace ringway::manager
