#include "manager/revisions/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "manager/store/chain.h"

namespace ringway::manager {

std::vector<std::string> owners_of(const ResourceKind& kind, const Resource* before, const Resource* after) {
  std::set<std::string> sites;
  for (const Resource* resource : {before, after}) {
    if (kind.domain() != Domain::sites || resource == nullptr) continue;
    for (std::string& site : kind.sites_of(*resource)) sites.insert(std::move(site));
  }
  return {sites.begin(), sites.end()};
}

namespace {

std::vector<std::vector<std::string>> owners_of(const ResourceKinds& kinds, const Revision& revision,
                                                const Snapshot& before, const Snapshot& after) {
  std::vector<std::vector<std::string>> owners;
  for (const Change& change : revision.changes) {
    owners.push_back(manager::owners_of(*kinds.find(change.kind), before.find(change.kind, change.name).get(),
                                        after.find(change.kind, change.name).get()));
  }
  return owners;
}

std::optional<std::string> json_of(const ResourcePtr& resource) {
  return resource == nullptr ? std::nullopt : std::optional(resource->json);
}

}  // namespace

Status Registry::follows(const Revision& revision, const Hash& parent, std::uint64_t number) const {
  if (revision.number == number && revision.parent == parent && hash_of(revision) == revision.hash) return {};
  return internal_error(
      fmt::format("revision {} does not follow on revision {}: the store was altered", revision.number, number - 1));
}

Status Registry::take(const std::vector<Revision>& revisions) {
  Snapshot next = head_;
  Hash parent = hash();
  std::uint64_t number = this->number();
  std::vector<std::vector<std::vector<std::string>>> owners;
  for (const Revision& revision : revisions) {
    const Status status = follows(revision, parent, ++number);
    if (!status) return status;
    std::vector<ChangeFault> faults;
    const Snapshot before = std::exchange(next, applied(kinds_, next, revision.changes, revision.number, faults));
    if (!faults.empty()) {
      const Change& change = revision.changes[faults.front().change];
      return internal_error(fmt::format("revision {}, {}/{}{}: {}; was it made by a newer release?", revision.number,
                                        change.kind, change.name, faults.front().fault.pointer,
                                        faults.front().fault.message));
    }
    parent = revision.hash;
    owners.push_back(owners_of(kinds_, revision, before, next));
  }
  head_ = std::move(next);
  for (const Revision& revision : revisions) {
    for (std::size_t i = 0; i < revision.changes.size(); ++i) {
      history_[{revision.changes[i].kind, revision.changes[i].name}].push_back({revision.number, i});
    }
  }
  owners_.insert(owners_.end(), owners.begin(), owners.end());
  revisions_.insert(revisions_.end(), revisions.begin(), revisions.end());
  return {};
}

void Registry::clear() {
  revisions_.clear();
  owners_.clear();
  history_.clear();
  head_ = {};
}

const Revision* Registry::revision(std::uint64_t number) const {
  return number == 0 || number > revisions_.size() ? nullptr : &revisions_[number - 1];
}

Snapshot Registry::at(std::uint64_t number) const {
  if (number == this->number()) return head_;
  Snapshot snapshot;
  std::vector<ChangeFault> faults;  // none: take() has seen them all
  for (std::uint64_t i = 0; i < number; ++i) {
    snapshot = applied(kinds_, snapshot, revisions_[i].changes, revisions_[i].number, faults);
  }
  return snapshot;
}

std::variant<Proposal, Refusal> Registry::propose(const std::vector<Change>& changes, const Authorship& by) const {
  Refusal refusal;
  Proposal proposal;
  proposal.snapshot = applied(kinds_, head_, changes, number() + 1, refusal.changes);
  if (refusal.changes.empty()) refusal.whole = check_all(kinds_, proposal.snapshot);
  if (!refusal.empty()) return refusal;
  Revision& revision = proposal.revision;
  revision.number = number() + 1;
  revision.time = by.time;
  revision.author = by.author;
  revision.message = by.message;
  revision.changes = difference(kinds_, head_, proposal.snapshot);
  seal(revision, hash());
  return proposal;
}

std::vector<Change> Registry::back_to(std::uint64_t number) const {
  std::vector<Change> changes;
  for (Difference& each : differences(this->number(), number)) {
    changes.push_back({std::move(each.kind), std::move(each.name), std::move(each.after)});
  }
  return changes;
}

std::uint64_t Registry::last_change(const std::string& kind, const std::string& name) const {
  const auto found = history_.find({kind, name});
  return found == history_.end() ? 0 : found->second.back().number;
}

std::optional<std::string> Registry::content_at(const Key& key, std::uint64_t number) const {
  const std::vector<Point>& points = history_.at(key);
  const auto after = std::upper_bound(points.begin(), points.end(), number,
                                      [](std::uint64_t wanted, const Point& point) { return wanted < point.number; });
  if (after == points.begin()) return std::nullopt;
  const Point& point = *std::prev(after);
  return revisions_[point.number - 1].changes[point.change].content;
}

std::vector<Difference> Registry::differences(std::uint64_t from, std::uint64_t to) const {
  std::map<Key, std::set<std::string>> touched;
  for (std::uint64_t number = std::min(from, to); number < std::max(from, to); ++number) {
    const std::vector<Change>& changes = revisions_[number].changes;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const std::vector<std::string>& sites = owners_[number][i];
      touched[{changes[i].kind, changes[i].name}].insert(sites.begin(), sites.end());
    }
  }
  std::vector<Difference> differences;
  for (const auto& [key, sites] : touched) {
    Difference each{key.first, key.second, content_at(key, from), content_at(key, to), {sites.begin(), sites.end()}};
    if (each.before != each.after) differences.push_back(std::move(each));
  }
  sort(differences);
  return differences;
}

std::vector<Difference> Registry::differences(const Proposal& proposal) const {
  std::vector<Difference> differences;
  for (const Change& change : proposal.revision.changes) {
    const ResourcePtr before = head_.find(change.kind, change.name);
    const ResourcePtr after = proposal.snapshot.find(change.kind, change.name);
    differences.push_back({change.kind, change.name, json_of(before), json_of(after),
                           manager::owners_of(*kinds_.find(change.kind), before.get(), after.get())});
  }
  return differences;
}

/// In the order of the kinds; within one they are by name already.
void Registry::sort(std::vector<Difference>& differences) const {
  std::map<std::string, std::size_t> order;
  for (const auto& kind : kinds_.all()) order.emplace(kind->plural(), order.size());
  std::stable_sort(differences.begin(), differences.end(),
                   [&](const Difference& a, const Difference& b) { return order.at(a.kind) < order.at(b.kind); });
}

}  // namespace ringway::manager
