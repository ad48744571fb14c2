#pragma once
// HTTP messages as values (RFC 9110): heads with their fields, and how their content is framed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::http {

struct Field {
  std::string_view name;  // always lower case
  std::string_view value;
};

/// An ordered list of fields in one block of memory. Names are made lower case when added.
class Fields {
 public:
  /// Room for so many fields and octets of text, so that adding them allocates nothing.
  void reserve(std::size_t fields, std::size_t octets);
  /// Neither text is a part of this list.
  void add(std::string_view name, std::string_view value);
  /// Replaces every field of that name by one, the last.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// Removes every Field that `unwanted` says true of.
  template <class Predicate>
  void remove_if(Predicate unwanted) {
    const auto is_unwanted = [this, &unwanted](const Entry& entry) { return unwanted(field_of(entry)); };
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(), is_unwanted), entries_.end());
  }
  /// The value of the first; `name` is lower case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Whether a comma-separated field holds `token`, without regard to case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Octets of names and values.
  [[nodiscard]] std::size_t octets() const;
  [[nodiscard]] Field operator[](std::size_t index) const { return field_of(entries_[index]); }
  void clear();

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    using pointer = const Field*;
    using reference = Field;

    Iterator(const Fields* fields, std::size_t index) : fields_(fields), index_(index) {}
    Field operator*() const { return (*fields_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Fields* fields_;
    std::size_t index_;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size()}; }

 private:
  struct Entry {
    std::uint32_t offset;
    std::uint32_t name_octets;
    std::uint32_t value_octets;
  };
  [[nodiscard]] Field field_of(const Entry& entry) const {
    const char* const at = text_.data() + entry.offset;
    return {std::string_view(at, entry.name_octets), std::string_view(at + entry.name_octets, entry.value_octets)};
  }

  std::string text_;
  std::vector<Entry> entries_;
};

/// How much content follows a head (RFC 9112 §6).
struct Content {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  /// Kind::none, and Content-Length is not to be said either.
  static constexpr std::uint64_t kUnsaid = UINT64_MAX;

  Kind kind = Kind::none;
  /// With Kind::length. With Kind::none, what a response to HEAD, or a 304, says that the content would have.
  std::uint64_t length = 0;
};

struct RequestHead {
  std::string method;
  std::string scheme = "http";
  std::string authority;          // host[:port] in lower case, without user information
  std::string target;             // origin-form, or "*" with OPTIONS
  int minor_version = 1;          // HTTP/1.x
  bool keep_alive = true;         // whether the connection may carry another request after this one
  bool expects_continue = false;  // the field Expect says only this, and stands here alone
  std::string upgrade;            // protocol asked for with Connection: upgrade; empty where none
  Fields fields;                  // without Host and Expect
};

struct ResponseHead {
  int status = 200;
  std::string reason;
  int minor_version = 1;
  bool keep_alive = true;
  std::string upgrade;  // with 101
  Fields fields;
};

/// An authority without its port: "a.test:80" and "[::1]:80" give "a.test" and "[::1]".
std::string_view host_of(std::string_view authority);

bool is_idempotent(std::string_view method);  // RFC 9110 §9.2.2
/// Removes Connection, what it names, and the other hop-by-hop fields (RFC 9110 §7.6.1).
/// Keeps Transfer-Encoding and Content-Length out as well: framing is said by Content.
void remove_hop_by_hop(Fields& fields);
/// The standard phrase; "Unknown" where there is none.
std::string_view reason_phrase(int status);

}  // namespace ringway::http
