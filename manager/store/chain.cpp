#include "manager/store/chain.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <memory>

#include "base/bytes.h"

namespace ringway::manager {

namespace {

/// Feeds canonical octets to SHA-256. OpenSSL's own digest fails for nothing but want of memory.
class Digest {
 public:
  explicit Digest(std::string_view kind) : context_(EVP_MD_CTX_new()) {
    const bool begun = context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
    assert(begun);
    octets(as_bytes(kind));
  }

  Digest& octets(Bytes bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    return *this;
  }
  Digest& number(std::uint64_t value) {
    std::uint8_t wire[8];
    store_u64(wire, value);
    return octets(wire);
  }
  Digest& time(WallTime at) { return number(static_cast<std::uint64_t>(to_microseconds(at))); }
  Digest& text(std::string_view value) { return number(value.size()).octets(as_bytes(value)); }

  Hash hash() {
    Hash result{};
    EVP_DigestFinal_ex(context_.get(), result.data(), nullptr);
    return result;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

Status verify_revisions(const std::vector<Revision>& revisions) {
  std::uint64_t number = 0;
  Hash parent{};
  for (const Revision& revision : revisions) {
    if (revision.number != ++number) {
      return internal_error(fmt::format("revision {} is missing: {} stands in its place", number, revision.number));
    }
    if (revision.parent != parent) {
      return internal_error(fmt::format("revision {} is not made on revision {} as it is here", number, number - 1));
    }
    if (revision.hash != hash_of(revision)) {
      return internal_error(fmt::format("revision {} is not what its hash says: it was altered", number));
    }
    parent = revision.hash;
  }
  return {};
}

Status verify_entries(const std::vector<LogEntry>& entries) {
  const LogEntry start;
  const LogEntry* before = &start;
  for (const LogEntry& entry : entries) {
    if (entry.log != before->log) before = &start;
    if (entry.number != before->number + 1) {
      return internal_error(fmt::format("entry {} of the log '{}' is missing", before->number + 1, entry.log));
    }
    if (entry.hash != hash_of(entry, before->hash)) {
      return internal_error(
          fmt::format("entry {} of the log '{}' is not what its hash says: it, or what is before it, "
                      "was altered",
                      entry.number, entry.log));
    }
    before = &entry;
  }
  return {};
}

}  // namespace

std::int64_t to_microseconds(WallTime time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

WallTime from_microseconds(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

std::string to_text(const Hash& hash) { return to_hex(hash); }

std::optional<Hash> parse_hash(std::string_view text) {
  Hash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const auto high = hex_digit(text[2 * i]);
    const auto low = hex_digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return hash;
}

Hash hash_of(const Revision& revision) {
  Digest digest("ringway revision 1");
  digest.number(revision.number).time(revision.time).text(revision.author).text(revision.message);
  digest.octets(revision.parent).number(revision.changes.size());
  for (const Change& change : revision.changes) {
    digest.text(change.kind).text(change.name).number(change.content ? 1 : 0);
    if (change.content) digest.text(*change.content);
  }
  return digest.hash();
}

Hash hash_of(const LogEntry& entry, const Hash& before) {
  Digest digest("ringway log entry 1");
  digest.octets(before).text(entry.log).number(entry.number).time(entry.time).text(entry.content);
  return digest.hash();
}

void seal(Revision& revision, const Hash& parent) {
  revision.time = from_microseconds(to_microseconds(revision.time));
  revision.parent = parent;
  revision.hash = hash_of(revision);
}

void seal(LogEntry& entry, const Hash& before) {
  entry.time = from_microseconds(to_microseconds(entry.time));
  entry.hash = hash_of(entry, before);
}

Status verify(const Contents& whole) {
  if (Status revisions = verify_revisions(whole.revisions); !revisions) return revisions;
  return verify_entries(whole.entries);
}

}  // namespace ringway::manager
