#pragma once
// What one gateway is told: for each of its sites what its own file would say, and how its links are made. Sections are
// JSON by name ("sites/shop", "link"), so that what changes can be sent alone and be told from what does not.

#include <map>
#include <string>
#include <vector>

namespace ringway::agent {

using Sections = std::map<std::string, std::string>;

/// SHA-256 over the names and texts in order, in lower-case hexadecimal: both ends know by it whether they mean the
/// same.
std::string hash_of(const Sections& sections);

/// What leads from some sections to others.
struct SectionChanges {
  Sections changed;
  std::vector<std::string> removed;
  [[nodiscard]] bool empty() const { return changed.empty() && removed.empty(); }
};
SectionChanges difference(const Sections& from, const Sections& to);
Sections applied(Sections base, const SectionChanges& changes);

}  // namespace ringway::agent
