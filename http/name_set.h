#pragma once
// A few field names in lower case, known when this is compiled.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::http {

template <std::size_t Count>
class NameSet {
 public:
  template <class... Names>
  constexpr explicit NameSet(Names... names) : names_{names...} {
    for (const std::string_view name : names_) sizes_ |= std::uint64_t{1} << name.size();
  }

  /// Most others are told from them by their length.
  [[nodiscard]] bool contains(std::string_view name) const {
    if (name.size() >= 64 || ((sizes_ >> name.size()) & 1) == 0) return false;
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

 private:
  std::array<std::string_view, Count> names_;  // each shorter than 64 octets
  std::uint64_t sizes_ = 0;
};

template <class... Names>
NameSet(Names...) -> NameSet<sizeof...(Names)>;

}  // namespace ringway::http
