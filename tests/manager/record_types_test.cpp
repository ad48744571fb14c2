#include "manager/record_types.h"

#include <gtest/gtest.h>

namespace ringway::manager {
namespace {

struct Moment {
  WallTime at;
  Hash hash{};
};

config::Type<Moment> moment_type() {
  return config::Object<Moment>("moment")
      .required("at", &Moment::at, wall_time(), "When.")
      .required("hash", &Moment::hash, hash(), "Of what.");
}

Result<Moment> read(const std::string& at, const std::string& hash_text) {
  return read_record(moment_type(), {"moments", "one", "{\"at\": \"" + at + "\", \"hash\": \"" + hash_text + "\"}"});
}

const std::string kHash(64, 'a');

TEST(RecordTypes, MomentsAreWrittenAsTheyAreRead) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "2026-11-21T23:59:59Z", "2024-02-29T00:00:00Z", "2200-12-31T23:59:59Z"}) {
    const auto moment = read(text, kHash);
    ASSERT_TRUE(moment) << moment.error().message;
    const Record record = write_record(moment_type(), "moments", "one", *moment);
    EXPECT_NE(record.content->find(text), std::string::npos) << *record.content;
  }
  EXPECT_EQ(read("2026-11-21T12:00:01.999999Z", kHash)->at, read("2026-11-21T12:00:01Z", kHash)->at);
  EXPECT_EQ(to_the_second(read("2026-11-21T12:00:01Z", kHash)->at + std::chrono::milliseconds(999)),
            read("2026-11-21T12:00:01Z", kHash)->at);
}

TEST(RecordTypes, NoMomentIsGuessed) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T12:00:01", "2026-11-21 12:00:01Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T12:60:00Z", "2026-11-21T12:00:60Z", "1969-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z", "2026-11-21T12:00:01.Z", "2026-11-21T12:00:01+01:00", "2026-11-21T12:00:01ZZ",
        "-026-11-21T12:00:01Z", "2026-11-21T12:00:01.5"}) {
    EXPECT_FALSE(read(text, kHash)) << text;
  }
}

TEST(RecordTypes, HashesAreSixtyFourDigits) {
  EXPECT_TRUE(read("1970-01-01T00:00:00Z", kHash));
  for (const std::string& text :
       {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'), std::string(64, 'g')}) {
    EXPECT_FALSE(read("1970-01-01T00:00:00Z", text)) << text;
  }
}

TEST(RecordTypes, AFaultNamesTheRecord) {
  const auto moment = read_record(moment_type(), {"moments", "one", "{}"});
  ASSERT_FALSE(moment);
  EXPECT_NE(moment.error().message.find("moments/one"), std::string::npos) << moment.error().message;
}

}  // namespace
}  // namespace ringway::manager
