#include "manager/fleet/content_book.h"

#include <utility>

#include "manager/store/chain.h"

namespace ringway::manager {

void ContentBook::set(const Routes& routes, const DrainedOrigins& drained) {
  if (routes == routes_ && drained == drained_) return;
  routes_ = routes;
  drained_ = drained;
  ++turn_;
}

void ContentBook::clear() {
  editions_.clear();
  by_hash_.clear();
  routes_.clear();
  drained_.clear();
  ++turn_;
}

const Content& ContentBook::content(const tmp::PeerIdentity& gateway, std::uint64_t revision) {
  Edition& found = edition(revision);
  const auto content = found.contents.find(gateway);
  return content == found.contents.end() ? found.nothing : content->second;
}

ContentBook::Edition& ContentBook::edition(std::uint64_t revision) {
  const auto [entry, fresh] = editions_.try_emplace(revision);
  Edition& edition = entry->second;
  if (fresh) {
    edition.snapshot = registry_.at(revision);
    const Revision* known = registry_.revision(revision);
    if (known != nullptr) edition.chain = to_text(known->hash);
  }
  if (edition.turn != turn_) compile_into(edition, revision);
  return edition;
}

void ContentBook::compile_into(Edition& edition, std::uint64_t revision) {
  edition.turn = turn_;
  GatewayContents compiled = compile(edition.snapshot, routes_, drained_);
  std::map<tmp::PeerIdentity, Content> contents;
  const auto add = [&](tmp::Role role, std::map<std::string, agent::Sections>& all) {
    for (auto& [name, sections] : all) contents[{role, name}] = take(std::move(sections), edition, revision);
  };
  add(tmp::Role::frontend, compiled.frontends);
  add(tmp::Role::backend, compiled.backends);
  add(tmp::Role::redirector, compiled.redirectors);
  edition.contents = std::move(contents);
  edition.nothing = take({}, edition, revision);
}

Content ContentBook::take(agent::Sections sections, const Edition& edition, std::uint64_t revision) {
  Content content;
  content.mark.revision = revision;
  content.mark.chain = edition.chain;
  content.mark.turn = turn_;
  content.mark.hash = agent::hash_of(sections);
  std::weak_ptr<const agent::Sections>& known = by_hash_[content.mark.hash];
  content.sections = known.lock();
  if (content.sections == nullptr) {
    content.sections = std::make_shared<const agent::Sections>(std::move(sections));
    known = content.sections;
  }
  return content;
}

SectionsPtr ContentBook::find(const std::string& hash) const {
  const auto known = by_hash_.find(hash);
  return known == by_hash_.end() ? nullptr : known->second.lock();
}

void ContentBook::keep(std::uint64_t from, std::uint64_t to) {
  std::erase_if(editions_, [&](const auto& entry) { return entry.first != from && entry.first != to; });
  std::erase_if(by_hash_, [](const auto& entry) { return entry.second.expired(); });
}

}  // namespace ringway::manager
