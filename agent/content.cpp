#include "agent/content.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/bytes.h"

namespace ringway::agent {

std::string hash_of(const Sections& sections) {
  std::string octets = "ringway content 1";
  for (const auto& [name, text] : sections)
    octets += fmt::format("\n{} {}\n{}{}", name.size(), text.size(), name, text);
  std::array<std::uint8_t, 32> hash{};
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), hash.data(), &size, EVP_sha256(), nullptr);
  return to_hex(hash);
}

SectionChanges difference(const Sections& from, const Sections& to) {
  SectionChanges changes;
  for (const auto& [name, text] : to) {
    const auto before = from.find(name);
    if (before == from.end() || before->second != text) changes.changed.emplace(name, text);
  }
  for (const auto& [name, text] : from) {
    if (!to.contains(name)) changes.removed.push_back(name);
  }
  return changes;
}

Sections applied(Sections base, const SectionChanges& changes) {
  for (const auto& [name, text] : changes.changed) base[name] = text;
  for (const std::string& name : changes.removed) base.erase(name);
  return base;
}

}  // namespace ringway::agent
