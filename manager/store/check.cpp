#include "manager/store/check.h"

#include <fmt/format.h>

#include <limits>
#include <string_view>

#include "base/limits.h"
#include "base/text.h"
#include "manager/store/chain.h"

namespace ringway::manager {

namespace {

bool storable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t octets = text.front() == '\0' ? 0 : utf8_octets(text);
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

/// Adds the texts of a batch up and keeps the first fault.
class BatchCheck {
 public:
  void key(std::string_view what, std::string_view value) {
    if (value.empty()) fault(what, "is empty");
    name(what, value);
  }
  void name(std::string_view what, std::string_view value) {
    if (value.size() > limits::kMaxStoreKeyOctets) fault(what, "is too long");
    text(what, value);
  }
  void text(std::string_view what, std::string_view value) {
    octets_ += value.size();
    if (!storable(value)) fault(what, "is no text: UTF-8 without U+0000");
  }
  void number(std::string_view what, std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) fault(what, "is too large");
  }
  void fault(std::string_view what, std::string_view why) {
    if (fault_.empty()) fault_ = fmt::format("{} {}", what, why);
  }

  Status status() {
    if (octets_ > limits::kMaxStoreBatchOctets) fault("the batch", "is too large");
    if (fault_.empty()) return {};
    return internal_error(fault_);
  }

 private:
  std::size_t octets_ = 0;
  std::string fault_;
};

void check_revision(const Revision& revision, BatchCheck& check) {
  check.number("a revision's number", revision.number);
  check.name("a revision's author", revision.author);
  check.text("a revision's message", revision.message);
  for (const Change& change : revision.changes) {
    check.key("a change's kind", change.kind);
    check.key("a change's name", change.name);
    check.text("a change's content", change.content.value_or(""));
  }
  if (revision.hash != hash_of(revision)) check.fault("a revision's hash", "is wrong");
}

}  // namespace

Status check(const Batch& batch) {
  BatchCheck check;
  if (batch.revision) check_revision(*batch.revision, check);
  for (const Record& record : batch.records) {
    check.key("a record's kind", record.kind);
    check.key("a record's name", record.name);
    check.text("a record's content", record.content.value_or(""));
  }
  for (const LogEntry& entry : batch.entries) {
    check.key("a log's name", entry.log);
    check.number("an entry's number", entry.number);
    check.text("an entry's content", entry.content);
  }
  return check.status();
}

}  // namespace ringway::manager
