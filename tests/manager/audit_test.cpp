#include "manager/access/audit.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "manager/record_types.h"

namespace ringway::manager {
namespace {

AuditEntry read(const std::string& json) {
  const auto entry = read_record(audit_type(), {"audit", "1", json});
  EXPECT_TRUE(entry) << entry.error().message;
  return entry ? *entry : AuditEntry{};
}

TEST(Audit, SaysWhoDidWhat) {
  AuditEntry entry = {
      "user:ada", "192.0.2.1:4000",   "change", "sites", "shop", content_hash("{}"), content_hash("{\"a\": 1}"),
      "req-1",    AuditOutcome::done, ""};
  EXPECT_EQ(read(audit_json(entry)), entry);
  EXPECT_NE(*entry.before, *entry.after);
  entry = {"", "192.0.2.1:4000", "authenticate", "api_tokens", "", {}, {}, "", AuditOutcome::refused, "unknown token"};
  EXPECT_EQ(read(audit_json(entry)), entry);
}

TEST(Audit, StrangersWriteNoLinesOfTheirOwn) {
  AuditEntry entry;
  entry.action = "create";
  entry.kind = "sites";
  entry.name = "a\n{\"actor\": \"owner\"}\x1b[2J\xff";
  entry.request = std::string(10'000, 'x');
  const std::string json = audit_json(entry);
  EXPECT_LT(json.size(), 600U);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const AuditEntry said = read(json);
  EXPECT_EQ(said.name, "a?{\"actor\": \"owner\"}?[2J?");
  EXPECT_EQ(said.request.size(), kMaxAuditTextOctets);
  EXPECT_TRUE(said.actor.empty());
}

TEST(Audit, WhateverComesCanBeReadAgain) {
  SeededRandom random(1);
  for (int i = 0; i < 500; ++i) {
    AuditEntry entry;
    entry.action = "change";
    entry.kind = "sites";
    std::vector<std::uint8_t> octets(random.below(400));
    random.fill(octets);
    entry.name = as_text(octets);
    entry.detail = "\xc3\xa9\xc2\x85" + entry.name;
    const std::string json = audit_json(entry);
    EXPECT_EQ(audit_json(read(json)), json);
  }
}

}  // namespace
}  // namespace ringway::manager
