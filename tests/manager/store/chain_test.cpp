#include "manager/store/chain.h"

#include <openssl/sha.h>

#include "base/bytes.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

Contents three_of_each() {
  Chains chains;
  Contents contents;
  for (const char* content : {"{\"a\":1}", "{}", "null"}) {
    const Batch batch = chains.batch(content);
    contents.revisions.push_back(*batch.revision);
    contents.entries.push_back(batch.entries.front());
  }
  return contents;
}

TEST(Chain, HashesTheOctetsThatTheHeaderSays) {
  Revision revision;
  revision.number = 2;
  revision.time = from_microseconds(-3);
  revision.author = "ada";
  revision.message = "why";
  revision.parent.fill(0x11);
  revision.changes = {{"sites", "shop", "{}"}, {"pops", "p", std::nullopt}};
  const auto number = [](std::uint8_t value) { return std::string(7, '\0') + static_cast<char>(value); };
  const std::string octets = "ringway revision 1" + number(2) + std::string(7, '\xff') + '\xfd' + number(3) + "ada" +
                             number(3) + "why" + std::string(32, '\x11') + number(2) + number(5) + "sites" + number(4) +
                             "shop" + number(1) + number(2) + "{}" + number(4) + "pops" + number(1) + "p" + number(0);
  Hash expected{};
  SHA256(as_bytes(octets).data(), octets.size(), expected.data());
  EXPECT_EQ(hash_of(revision), expected);

  LogEntry entry{"audit", 7, from_microseconds(9), "{}", {}};
  const std::string line =
      "ringway log entry 1" + std::string(32, '\x11') + number(5) + "audit" + number(7) + number(9) + number(2) + "{}";
  SHA256(as_bytes(line).data(), line.size(), expected.data());
  EXPECT_EQ(hash_of(entry, revision.parent), expected);
}

TEST(Chain, HashesComeBackFromText) {
  Hash hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<std::uint8_t>(i * 37);
  EXPECT_EQ(parse_hash(to_text(hash)), hash);
  EXPECT_EQ(parse_hash(to_text(hash).substr(1)), std::nullopt);
  EXPECT_EQ(parse_hash(std::string(64, 'g')), std::nullopt);
  EXPECT_EQ(parse_hash(std::string(64, 'A')), std::nullopt);
}

TEST(Chain, SealCutsTimesToMicroseconds) {
  LogEntry entry{"audit", 1, WallTime(1234567ns), "{}", {}};
  seal(entry, {});
  EXPECT_EQ(entry.time, from_microseconds(1234));
  EXPECT_EQ(from_microseconds(to_microseconds(entry.time)), entry.time);
  EXPECT_EQ(to_microseconds(WallTime(-1ns)), -1);
}

TEST(Chain, VerifiesWhatIsWhole) {
  EXPECT_TRUE(verify(Contents()).ok());
  EXPECT_TRUE(verify(three_of_each()).ok());
}

TEST(Chain, FindsEveryAlteration) {
  const std::vector<std::function<void(Contents&)>> alterations = {
      [](Contents& c) { c.revisions[1].number = 9; },
      [](Contents& c) { c.revisions[1].time += 1us; },
      [](Contents& c) { c.revisions[1].author += "x"; },
      [](Contents& c) { c.revisions[1].message.pop_back(); },
      [](Contents& c) { c.revisions[1].parent[31] ^= 1; },
      [](Contents& c) { c.revisions[2].hash[0] ^= 1; },
      [](Contents& c) { c.revisions[0].changes[0].kind = "pops"; },
      [](Contents& c) { c.revisions[0].changes[0].name = "other"; },
      [](Contents& c) { c.revisions[0].changes[0].content.reset(); },
      [](Contents& c) { c.revisions[0].changes.push_back(c.revisions[0].changes[0]); },
      [](Contents& c) { c.revisions.erase(c.revisions.begin()); },
      [](Contents& c) { c.revisions.erase(c.revisions.begin() + 1); },
      [](Contents& c) { std::swap(c.revisions[0], c.revisions[1]); },
      // A new hash over altered content does not fit what follows.
      [](Contents& c) {
        c.revisions[1].author = "eve";
        seal(c.revisions[1], c.revisions[0].hash);
      },
      [](Contents& c) { c.entries[1].content = "{\"b\":2}"; },
      [](Contents& c) { c.entries[1].time -= 1us; },
      [](Contents& c) { c.entries[2].log = "events"; },
      [](Contents& c) { c.entries[2].hash[5] ^= 0x80; },
      [](Contents& c) { c.entries.erase(c.entries.begin()); },
      [](Contents& c) {
        c.entries[0].content = "forged";
        seal(c.entries[0], {});
      },
  };
  for (std::size_t i = 0; i < alterations.size(); ++i) {
    Contents contents = three_of_each();
    alterations[i](contents);
    EXPECT_FALSE(verify(contents).ok()) << "alteration " << i;
  }
}

TEST(Chain, TextsCannotTradePlaces) {
  Revision a;
  a.author = "ab";
  a.message = "c";
  Revision b;
  b.author = "a";
  b.message = "bc";
  EXPECT_NE(hash_of(a), hash_of(b));
}

}  // namespace
}  // namespace ringway::manager::testing
