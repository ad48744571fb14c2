#pragma once
// What should be: every revision, the resources as of each, and how changes become the next revision.
//
//   changes ──propose()──▶ Proposal ──store──▶ take() ──▶ head()
//
// Nothing here waits or writes: a proposal is written to the store by the caller, and counts once the store has it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "manager/resources/changes.h"
#include "manager/resources/resource_kind.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// The sites that own a resource before or after a change of it; of kinds of other domains none.
[[nodiscard]] std::vector<std::string> owners_of(const ResourceKind& kind, const Resource* before,
                                                 const Resource* after);

/// The next revision, not yet written, and the resources as of it.
struct Proposal {
  Revision revision;
  Snapshot snapshot;
};

/// One resource as it was and as it is then: canonical JSON, nothing where it is not.
struct Difference {
  std::string kind;
  std::string name;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::vector<std::string> sites;  // that own it before or after, or did between; of the domain sites alone
};

/// Why changes cannot become a revision. Faults of content name the change; those of the whole name what they are of.
struct Refusal {
  std::vector<ChangeFault> changes;
  ResourceFaults whole;
  [[nodiscard]] bool empty() const { return changes.empty() && whole.empty(); }
};

/// Who makes a revision, and why.
struct Authorship {
  std::string author;
  std::string message;
  WallTime time;
};

class Registry {
 public:
  explicit Registry(ResourceKinds kinds) : kinds_(std::move(kinds)) {}

  /// The revisions that a store holds, or those written since. An error where one does not follow on the last, or has
  /// content that this release does not know: then none of them is taken.
  Status take(const std::vector<Revision>& revisions);
  /// As at the start.
  void clear();

  [[nodiscard]] const ResourceKinds& kinds() const { return kinds_; }
  /// 0 before the first.
  [[nodiscard]] std::uint64_t number() const { return revisions_.size(); }
  [[nodiscard]] const Snapshot& head() const { return head_; }
  [[nodiscard]] Hash hash() const { return revisions_.empty() ? Hash{} : revisions_.back().hash; }
  /// Null where there is none; 1 is the first.
  [[nodiscard]] const Revision* revision(std::uint64_t number) const;
  /// As of revision `number`, at most number(); 0 is empty. Takes as long as there are changes up to it.
  [[nodiscard]] Snapshot at(std::uint64_t number) const;

  /// From one revision to another, in the order of the kinds, then by name. Looks at the changes between them alone.
  [[nodiscard]] std::vector<Difference> differences(std::uint64_t from, std::uint64_t to) const;
  /// What a proposal on the head changes.
  [[nodiscard]] std::vector<Difference> differences(const Proposal& proposal) const;
  /// The last revision that changed it; 0 where none did.
  [[nodiscard]] std::uint64_t last_change(const std::string& kind, const std::string& name) const;
  /// The sites that own what each change of revision `number` (at least 1) is of.
  [[nodiscard]] const std::vector<std::vector<std::string>>& owners(std::uint64_t number) const {
    return owners_[number - 1];
  }

  /// The head with the changes. Where they change nothing the proposal's revision has none.
  [[nodiscard]] std::variant<Proposal, Refusal> propose(const std::vector<Change>& changes, const Authorship& by) const;
  /// What makes the head as it was in revision `number`.
  [[nodiscard]] std::vector<Change> back_to(std::uint64_t number) const;

 private:
  /// A change: of which revision, and which of its changes.
  struct Point {
    std::uint64_t number = 0;
    std::size_t change = 0;
  };
  using Key = std::pair<std::string, std::string>;  // kind and name

  [[nodiscard]] Status follows(const Revision& revision, const Hash& parent, std::uint64_t number) const;
  [[nodiscard]] std::optional<std::string> content_at(const Key& key, std::uint64_t number) const;
  void sort(std::vector<Difference>& differences) const;

  ResourceKinds kinds_;
  std::vector<Revision> revisions_;                            // by number, from 1
  std::vector<std::vector<std::vector<std::string>>> owners_;  // of each of their changes
  std::map<Key, std::vector<Point>> history_;
  Snapshot head_;
};

}  // namespace ringway::manager
