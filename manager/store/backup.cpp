#include "manager/store/backup.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "manager/store/chain.h"
#include "manager/store/durable_file.h"

namespace ringway::manager {

namespace {

constexpr std::int64_t kFormat = 1;

Hash sha256(std::string_view text) {
  Hash hash{};
  EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

/// One line in the making.
class Line {
 public:
  Line(std::string& out, std::string_view kind) : out_(out) {
    out_ += '[';
    append_json_quoted(out_, kind);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { out_ += "]\n"; }

  Line& number(std::uint64_t value) { return raw(std::to_string(value)); }
  Line& time(WallTime at) { return raw(std::to_string(to_microseconds(at))); }
  Line& hash(const Hash& value) { return text(to_text(value)); }
  Line& text(std::string_view value) {
    out_ += ',';
    append_json_quoted(out_, value);
    return *this;
  }
  Line& content(const std::optional<std::string>& value) { return value ? text(*value) : raw("null"); }

 private:
  Line& raw(std::string_view value) {
    out_ += ',';
    out_ += value;
    return *this;
  }
  std::string& out_;
};

/// Takes a line apart, value by value; the first that is not what was asked for makes all that follow fail.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) { take('['); }

  std::string text() {
    separate();
    std::string value;
    if (take('"')) take_quoted(value);
    return value;
  }
  std::optional<std::string> content() {
    const std::string_view null = first_ ? "null" : ",null";
    if (!rest_.starts_with(null)) return text();
    rest_.remove_prefix(null.size());
    return std::nullopt;
  }
  std::int64_t number() {
    separate();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    fail_unless(error == std::errc());
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  std::uint64_t count() {
    const std::int64_t value = number();
    fail_unless(value >= 0);
    return static_cast<std::uint64_t>(value);
  }
  WallTime time() { return from_microseconds(number()); }
  Hash hash() {
    const std::optional<Hash> value = parse_hash(text());
    fail_unless(value.has_value());
    return value.value_or(Hash{});
  }
  /// Whether all was as asked for and nothing is left.
  bool end() { return take(']') && rest_.empty(); }

 private:
  void fail_unless(bool fine) { fine_ = fine_ && fine; }
  void separate() {
    if (!std::exchange(first_, false)) take(',');
  }
  bool take(char c) {
    fail_unless(rest_.starts_with(c));
    if (fine_) rest_.remove_prefix(1);
    return fine_;
  }
  void take_quoted(std::string& value) {
    for (;;) {
      const std::size_t plain = rest_.find_first_of("\"\\");
      if (plain == std::string_view::npos) return fail_unless(false);
      value += rest_.substr(0, plain);
      rest_.remove_prefix(plain);
      if (rest_.front() == '"') return rest_.remove_prefix(1);
      if (!take_escape(value)) return;
    }
  }
  /// Those that append_json_quoted() writes.
  bool take_escape(std::string& value) {
    static constexpr std::string_view kShort = "\"\\nrt";
    static constexpr std::string_view kMeant = "\"\\\n\r\t";
    const char c = rest_.size() < 2 ? '\0' : rest_[1];
    if (const std::size_t at = kShort.find(c); at != std::string_view::npos) {
      value += kMeant[at];
      rest_.remove_prefix(2);
      return true;
    }
    unsigned code = 0;
    const std::string_view digits = rest_.substr(0, 6).size() == 6 ? rest_.substr(2, 4) : std::string_view();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    fail_unless(c == 'u' && error == std::errc() && end == digits.data() + digits.size() && code > 0 && code < 0x80);
    if (!fine_) return false;
    value += static_cast<char>(code);
    rest_.remove_prefix(6);
    return true;
  }

  std::string_view rest_;
  bool first_ = true;
  bool fine_ = true;
};

/// One line into `whole`; false where it is none of those that may stand between the first and the last.
bool add_line(Fields& fields, Contents& whole) {
  const std::string kind = fields.text();
  if (kind == "revision") {
    Revision& revision = whole.revisions.emplace_back();
    revision.number = fields.count();
    revision.time = fields.time();
    revision.author = fields.text();
    revision.message = fields.text();
    revision.parent = fields.hash();
    revision.hash = fields.hash();
  } else if (kind == "change" && !whole.revisions.empty()) {
    Change& change = whole.revisions.back().changes.emplace_back();
    change.kind = fields.text();
    change.name = fields.text();
    change.content = fields.content();
  } else if (kind == "record") {
    Record& record = whole.records.emplace_back();
    record.kind = fields.text();
    record.name = fields.text();
    record.content = fields.content();
  } else if (kind == "entry") {
    LogEntry& entry = whole.entries.emplace_back();
    entry.log = fields.text();
    entry.number = fields.count();
    entry.time = fields.time();
    entry.content = fields.text();
    entry.hash = fields.hash();
  } else {
    return false;
  }
  return fields.end();
}

Error not_whole(std::string_view why) { return internal_error(fmt::format("the backup is damaged: {}", why)); }

/// Whether the last line fits what is before it, which is returned.
Result<std::string_view> checked_body(std::string_view text) {
  if (!text.ends_with('\n')) return not_whole("its end is missing");
  const std::string_view lines = text.substr(0, text.size() - 1);
  const std::size_t newline = lines.rfind('\n');
  if (newline == std::string_view::npos) return not_whole("its end is missing");
  const std::string_view body = text.substr(0, newline + 1);
  Fields last(lines.substr(newline + 1));
  const bool end = last.text() == "end";
  const std::uint64_t count = last.count();
  const Hash hash = last.hash();
  if (!end || !last.end()) return not_whole("its end is missing");
  if (hash != sha256(body)) return not_whole("its content is not what its checksum says");
  if (count != static_cast<std::uint64_t>(std::count(body.begin(), body.end(), '\n')))
    return not_whole("lines are missing");
  return body;
}

Status take_first_line(Fields first, Contents& whole) {
  if (first.text() != "ringway-backup") return internal_error("this is no backup of a store");
  const std::int64_t format = first.number();
  if (format != kFormat) {
    return internal_error(fmt::format("the backup is of format {}, this release reads {}", format, kFormat));
  }
  whole.position = first.count();
  whole.epoch = first.count();
  return first.end() ? Status() : not_whole("line 1");
}

std::string_view next_line(std::string_view& body) {
  const std::size_t end = body.find('\n');
  const std::string_view line = body.substr(0, end);
  body.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string encode_backup(const Contents& whole) {
  std::string text;
  Line(text, "ringway-backup").number(kFormat).number(whole.position).number(whole.epoch);
  for (const Revision& revision : whole.revisions) {
    Line(text, "revision")
        .number(revision.number)
        .time(revision.time)
        .text(revision.author)
        .text(revision.message)
        .hash(revision.parent)
        .hash(revision.hash);
    for (const Change& change : revision.changes) {
      Line(text, "change").text(change.kind).text(change.name).content(change.content);
    }
  }
  for (const Record& record : whole.records) {
    Line(text, "record").text(record.kind).text(record.name).content(record.content);
  }
  for (const LogEntry& entry : whole.entries) {
    Line(text, "entry").text(entry.log).number(entry.number).time(entry.time).text(entry.content).hash(entry.hash);
  }
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  const Hash sum = sha256(text);
  Line(text, "end").number(lines).hash(sum);
  return text;
}

Result<Contents> decode_backup(std::string_view text) {
  const Result<std::string_view> checked = checked_body(text);
  if (!checked) return checked.error();
  std::string_view body = *checked;
  Contents whole;
  if (Status begun = take_first_line(Fields(next_line(body)), whole); !begun) return begun.error();
  for (std::uint64_t number = 2; !body.empty(); ++number) {
    Fields fields(next_line(body));
    if (!add_line(fields, whole)) return not_whole(fmt::format("line {}", number));
  }
  if (Status chains = verify(whole); !chains) return chains.error();
  return whole;
}

Status backup(Store& store, const std::string& path) {
  const Result<Contents> whole = store.read(0, std::numeric_limits<std::size_t>::max());
  if (!whole) return whole.error();
  return write_durably(path, encode_backup(*whole));
}

Status restore(Store& store, const std::string& path, Existing existing) {
  const Result<std::string> text = read_file(path, limits::kMaxBackupOctets);
  if (!text) return text.error();
  const Result<Contents> whole = decode_backup(*text);
  if (!whole) return internal_error(path + ": " + whole.error().message);
  return store.replace(*whole, existing);
}

}  // namespace ringway::manager
