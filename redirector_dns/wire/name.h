#pragma once
// Domain names in their wire form (RFC 1035 §3.1): labels, each behind its length, and the root's zero at the end. Case
// is kept and never matters (RFC 4343).

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace ringway::dns {

inline constexpr std::size_t kMaxNameOctets = 255;
inline constexpr std::size_t kMaxLabelOctets = 63;
inline constexpr std::size_t kMaxLabels = 127;  // the root's empty one left out

/// Borrows a whole name, uncompressed and well formed; the root where it was not given one.
class NameView {
 public:
  NameView() : octets_(kRoot) {}
  /// `octets` are one such name, and nothing else.
  explicit NameView(Bytes octets) : octets_(octets) {}

  [[nodiscard]] Bytes octets() const { return octets_; }
  [[nodiscard]] std::size_t size() const { return octets_.size(); }
  [[nodiscard]] bool is_root() const { return octets_.size() == 1; }
  /// The first label without its length; of a name that is not the root.
  [[nodiscard]] Bytes label() const { return octets_.subspan(1, octets_[0]); }
  /// Without the first label; of a name that is not the root.
  [[nodiscard]] NameView parent() const { return NameView(octets_.subspan(1U + octets_[0])); }
  [[nodiscard]] std::size_t label_count() const;
  [[nodiscard]] bool is_wildcard() const { return octets_.size() > 2 && octets_[0] == 1 && octets_[1] == '*'; }
  /// Whether this is `ancestor`, or below it.
  [[nodiscard]] bool is_within(NameView ancestor) const;
  /// As in a master file, with the final dot.
  [[nodiscard]] std::string text() const;

  friend bool operator==(NameView a, NameView b);

 private:
  static constexpr std::uint8_t kRoot[1] = {0};
  Bytes octets_;
};

/// The canonical order (RFC 4034 §6.1): by labels, the last one first, upper case as lower.
std::strong_ordering canonical_order(NameView a, NameView b);

/// Owns a name, without allocating.
class Name {
 public:
  Name() = default;
  explicit Name(NameView view) : size_(static_cast<std::uint8_t>(view.size())) {
    copy_bytes(view.octets(), octets_.data());
  }
  /// As in a master file (RFC 1035 §5.1): "www", "www.example.com.", "@", `a\.b\007`. What has no final dot is below
  /// `origin`.
  static Result<Name> parse(std::string_view text, NameView origin = {});

  [[nodiscard]] NameView view() const { return NameView(Bytes(octets_).first(size_)); }
  operator NameView() const { return view(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string text() const { return view().text(); }
  void make_lower();

  void clear() { size_ = 0; }
  /// Adds a label at the end, or the root where it is empty. False where the name would be too long.
  bool append(Bytes label);

 private:
  std::array<std::uint8_t, kMaxNameOctets> octets_{};
  std::uint8_t size_ = 1;
};

/// Reads the name at `at` of a message, follows compression (RFC 1035 §4.1.4), and moves `at` behind it. Each pointer
/// must lead before everything that was read of the name so far, so that there is an end. False where it is malformed.
bool read_name(Bytes message, std::size_t& at, Name& out);

/// Moves `at` behind the name there, without following a pointer. False where the message ends inside it, or where
/// there is no label.
bool skip_name(Bytes message, std::size_t& at);

/// Octets of the name that `octets` begin with, which is not compressed. Nothing where it is malformed.
std::optional<std::size_t> whole_name_octets(Bytes octets);

}  // namespace ringway::dns
