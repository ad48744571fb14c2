#pragma once
// HTTP messages as values (RFC 9110): heads with their fields, and how their content is framed.

#include <cstdint>
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
  void add(std::string_view name, std::string_view value);
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// The value of the first; `name` is lower case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Whether a comma-separated field holds `token`, without regard to case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Octets of names and values.
  [[nodiscard]] std::size_t octets() const;
  [[nodiscard]] Field operator[](std::size_t index) const;
  void clear();

  class Iterator {
   public:
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
    std::uint16_t name_octets;
    std::uint32_t value_octets;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

/// How much content follows a head (RFC 9112 §6).
struct Content {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  // with Kind::length
};

struct RequestHead {
  std::string method;
  std::string scheme = "http";
  std::string authority;  // host[:port] in lower case, without user information
  std::string target;     // origin-form, or "*" with OPTIONS
  int minor_version = 1;  // HTTP/1.x
  bool keep_alive = true;  // whether the connection may carry another request after this one
  bool expects_continue = false;
  std::string upgrade;  // protocol asked for with Connection: upgrade; empty where none
  Fields fields;        // without Host
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
