#include "base/config_reader.h"

#include <gtest/gtest.h>

#include <array>

namespace ringway::config {
namespace {

enum class Colour : std::uint8_t { red, green };

struct Pair {
  std::string name;
  std::string value;
  bool operator==(const Pair&) const = default;
};

struct Inner {
  SocketAddress address;
  std::uint16_t count = 7;
  bool operator==(const Inner&) const = default;
};

struct Shared {
  bool loud = false;
  double share = 0.25;
  bool operator==(const Shared&) const = default;
};

struct Outer {
  std::string name;
  Shared shared;
  std::uint64_t most = UINT64_MAX;
  std::size_t room = 64 * 1024;
  Duration wait = std::chrono::seconds(90);
  Colour colour = Colour::green;
  std::vector<Inner> inner;
  std::optional<Inner> spare;
  std::vector<std::string> words;
  std::vector<Pair> pairs;
  std::array<std::uint32_t, 3> three = {1, 2, 3};
  std::string file;
  bool operator==(const Outer&) const = default;
};

Type<Inner> inner_type() {
  return Object<Inner>("inner")
      .required("address", &Inner::address, socket_address(), "Where.")
      .optional("count", &Inner::count, whole_number<std::uint16_t>(1, 9), "How many.");
}

Type<Outer> outer_type() {
  const auto shared = Object<Shared>("shared")
                          .optional("loud", &Shared::loud, boolean(), "Whether it is loud.")
                          .optional("share", &Shared::share, fraction(0, 1), "How much.")
                          .check([](const Shared& value, Checker& checker) {
                            if (value.loud && value.share == 0) checker.error({"share"}, "loud needs a share");
                          });
  return Object<Outer>("outer")
      .required("name", &Outer::name, identifier(), "Its name.")
      .merged(&Outer::shared, shared)
      .optional("most", &Outer::most, octets<std::uint64_t>(0), "At most.")
      .optional("room", &Outer::room, octets<std::size_t>(1024, 1 << 20), "Room.")
      .optional("wait", &Outer::wait, duration(std::chrono::milliseconds(1), std::chrono::hours(2)), "Patience.")
      .optional("colour", &Outer::colour, choice<Colour>({{"red", Colour::red}, {"green", Colour::green}}), "Colour.")
      .optional("inner", &Outer::inner, list(inner_type(), 1, 3), "Inners.")
      .optional("spare", &Outer::spare, maybe(inner_type()), "One more.")
      .optional("words", &Outer::words, one_or_list(text(5), 2), "Words.")
      .optional("pairs", &Outer::pairs, dictionary<Pair>(&Pair::name, &Pair::value, text(5)), "Pairs.")
      .optional("three", &Outer::three, array<3>(whole_number<std::uint32_t>(0)), "Three.")
      .optional("file", &Outer::file, readable_file(), "A file.")
      .check([](const Outer& outer, Checker& checker) {
        for (std::size_t i = 0; i < outer.inner.size(); ++i) {
          if (outer.inner[i].count == 9) checker.error({"inner", std::to_string(i), "count"}, "nine is taken");
        }
      });
}

Result<std::shared_ptr<const Outer>> read(const std::string& text) {
  return read_text(outer_type(), text, "etc/a.yaml", Files::not_looked_at);
}

Outer good(const std::string& text) {
  const auto result = read(text);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? **result : Outer{};
}

std::string errors(const std::string& text) {
  const auto result = read(text);
  EXPECT_FALSE(result.ok()) << text;
  return result.ok() ? "" : result.error().message;
}

TEST(ConfigReader, LeavesDefaultsWhereNothingIsSaid) {
  Outer expected;
  expected.name = "n";
  EXPECT_EQ(good("name: n"), expected);
}

TEST(ConfigReader, ReadsEveryKindOfValue) {
  const Outer outer = good(R"(# a comment
name: pop-1
loud: true
share: 0.5
most: 5GB
room: 64kB
wait: 250ms
colour: red
inner:
  - address: "192.0.2.1:80"
  - { address: "[2001:db8::1]:81", count: 2 }
spare: { address: "192.0.2.2:82" }
words: [ one, "two" ]
pairs: { X-A: high, "b c": "1" }
three: [ 7, 8, 9 ]
file: p.pem
)");
  EXPECT_EQ(outer.name, "pop-1");
  EXPECT_TRUE(outer.shared.loud);
  EXPECT_EQ(outer.shared.share, 0.5);
  EXPECT_EQ(outer.most, 5000000000U);
  EXPECT_EQ(outer.room, 64000U);
  EXPECT_EQ(outer.wait, std::chrono::milliseconds(250));
  EXPECT_EQ(outer.colour, Colour::red);
  ASSERT_EQ(outer.inner.size(), 2U);
  EXPECT_EQ(outer.inner[0].count, 7);
  EXPECT_EQ(outer.inner[1].address.text(), "[2001:db8::1]:81");
  EXPECT_EQ(outer.inner[1].count, 2);
  EXPECT_EQ(outer.spare.value_or(Inner{}).address.port, 82);
  EXPECT_EQ(outer.words, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(outer.pairs, (std::vector<Pair>{{"X-A", "high"}, {"b c", "1"}}));
  EXPECT_EQ(outer.three, (std::array<std::uint32_t, 3>{7, 8, 9}));
  EXPECT_EQ(outer.file, "etc/p.pem");
}

TEST(ConfigReader, TakesJson) {
  EXPECT_EQ(good(R"({"name": "n", "inner": [{"address": "192.0.2.1:80"}], "words": "one", "spare": null})").words,
            std::vector<std::string>{"one"});
}

TEST(ConfigReader, ReadsBackWhatItWrites) {
  const Outer outer = good(
      "{ name: n, loud: true, most: 3, room: 1MiB, wait: 5m, colour: red, words: a,"
      "  inner: [ { address: '192.0.2.1:80', count: 3 } ], pairs: { k: v }, three: [ 3, 2, 1 ],"
      "  spare: { address: '[::1]:1' }, file: /x }");
  const std::string json = outer_type()->json(outer);
  EXPECT_EQ(good(json), outer) << json;
  EXPECT_EQ(json, R"({"name": "n", "loud": true, "most": "3", "room": "1MiB", "wait": "5m", "colour": "red", )"
                  R"("inner": [{"address": "192.0.2.1:80", "count": 3}], "spare": {"address": "[::1]:1"}, )"
                  R"("words": ["a"], "pairs": {"k": "v"}, "three": [3, 2, 1], "file": "/x"})");
}

TEST(ConfigReader, ReportsAllErrorsAtOnceInOrder) {
  EXPECT_EQ(errors(R"(name: "-x"
colr: red
inner:
  - adress: "192.0.2.1:80"
  - address: "192.0.2.1"
    count: 10
wait: 5
)"),
            R"(etc/a.yaml:1:7: "-x" is no name (1 to 63 letters, digits, "-", "_" and ".", the first a letter or digit)
  name: "-x"
        ^
etc/a.yaml:2:1: unknown key "colr" in outer
  colr: red
  ^
  did you mean "colour"? (allowed: name, loud, share, most, room, wait, colour, inner, spare, words, pairs, three, file)
etc/a.yaml:4:5: unknown key "adress" in inner
    - adress: "192.0.2.1:80"
      ^
  did you mean "address"? (allowed: address, count)
etc/a.yaml:5:14: "192.0.2.1" is no address (like 192.0.2.1:80 or [2001:db8::1]:80)
    - address: "192.0.2.1"
               ^
etc/a.yaml:6:12: "10" is no number (1 to 9)
      count: 10
             ^
etc/a.yaml:7:7: "5" is no duration (1ms to 2h, like 250ms, 10s, 5m or 2h): a unit is missing, like 5s
  wait: 5
        ^)");
}

struct BadCase {
  const char* text;
  const char* message;
};

TEST(ConfigReader, SaysWhatIsWrongWithEachValue) {
  const BadCase cases[] = {
      {"name: [ a ]", ":1:7: expected a name, not a list"},
      {"name:", ":1:1: expected a name, not nothing"},
      {"[ a ]", ":1:1: expected keys and values (outer), not a list"},
      {"", ":1:1: expected keys and values (outer), not nothing"},
      {"loud: true", ":1:1: the key \"name\" is missing in outer"},
      {"{ name: n, loud: yes }", "\"yes\" is not allowed here"},
      {"{ name: n, loud: \"true\" }", "quotes make it text"},
      {"{ name: n, colour: grean }", "did you mean \"green\"? (allowed: red, green)"},
      {"{ name: n, share: 1.5 }", "\"1.5\" is no fraction (0 to 1)"},
      {"{ name: n, share: nan }", "\"nan\" is no fraction (0 to 1)"},
      {"{ name: n, share: 0.5x }", "\"0.5x\" is no fraction (0 to 1)"},
      {"{ name: n, room: 1023 }", "\"1023\" is no size (1KiB to 1MiB, like 512, 64kB or 16MiB)"},
      {"{ name: n, room: 2MiB }", "is no size"},
      {"{ name: n, room: 64K }", "is no size"},
      {"{ name: n, room: unlimited }", "is no size"},
      {"{ name: n, most: 99999999999GiB }", "is no size (0 to unlimited"},
      {"{ name: n, wait: 3h }", "is no duration"},
      {"{ name: n, wait: 0 }", "is no duration"},
      {"{ name: n, wait: -1s }", "is no duration"},
      {"{ name: n, inner: [] }", "expected 1 to 3 of them, not 0"},
      {"{ name: n, inner: x }", "expected a list of inner, not a single value"},
      {"{ name: n, spare: x }", "expected keys and values (inner), not a single value"},
      {"{ name: n, words: [ a, b, c ] }", "expected 1 to 2 of them, not 3"},
      {"{ name: n, words: sixsix }", "\"sixsix\" is no text (1 to 5 printable characters)"},
      {"{ name: n, words: \"a\\x01\" }", "is no text"},
      {"{ name: n, words: \"\\e[1m\" }", ": \"?[1m\" is no text"},
      {"{ name: n, pairs: [ a ] }", "expected keys and values (map of names to text), not a list"},
      {"{ name: n, three: [ 1, 2 ] }", "expected 3 of them, not 2"},
      {"{ name: n, three: [ 1, 2, -3 ] }", "\"-3\" is no number (0 to 4294967295)"},
      {"{ name: n, file: \"\" }", "\"\" is no file"},
      {"{ name: n, loud: true, share: 0 }", ":1:31: loud needs a share"},
      {"{ name: n, inner: [ { address: '1.1.1.1:1', count: 9 } ] }", ":1:52: nine is taken"},
      {"name: a\nname: b", ":2:1: the key \"name\" stands here a second time"},
      {"name: n\n? [ a ]\n: b", ": a key must be a word, not a list"},
      {"name: &a n\nwords: *a", ":2:8: aliases are not taken"},
      {"name: !!str n", "tags are not taken"},
      {"name: n\n---\nname: m", ": a second document: a file holds one"},
      {"name: [ a", "no YAML: end of sequence flow not found"},
      {"name: n\n\tloud: true", ":2:1: no YAML: illegal tab"},
  };
  for (const BadCase& bad : cases) {
    const std::string text = errors(bad.text);
    EXPECT_NE(text.find(bad.message), std::string::npos) << bad.text << "\n" << text;
  }
}

TEST(ConfigReader, JudgesTheWholeOnlyWhereItsPartsAreRight) {
  const std::string text = errors("{ name: n, inner: [ { address: '1.1.1.1:1', count: 9 } ], share: 7 }");
  EXPECT_EQ(text.find("nine"), std::string::npos) << text;
}

TEST(ConfigReader, BoundsWhatItTakes) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_NE(errors(deep).find("nested deeper than 32 levels"), std::string::npos);
  EXPECT_NE(errors(std::string(kMaxTextOctets + 1, ' ')).find("larger than 4 MiB"), std::string::npos);
  std::string wide;
  for (std::size_t i = 0; i <= kMaxKeys; ++i) wide += "k" + std::to_string(i) + ": 1\n";
  EXPECT_NE(errors(wide).find("more than 1000 keys in one map"), std::string::npos);
}

TEST(ConfigReader, RefusesAliasBombsAtOnce) {
  std::string bomb = "a0: &a0 [ x, x ]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [ " + before + ", " + before + " ]\n";
  }
  EXPECT_NE(errors(bomb).find("aliases are not taken"), std::string::npos);
}

TEST(ConfigReader, CountsErrorsBeyondItsBound) {
  std::string text = "name: n\n";
  for (std::size_t i = 0; i < kMaxErrors + 12; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const std::string report = errors(text);
  EXPECT_TRUE(report.ends_with("\netc/a.yaml: and 12 more")) << report;
}

TEST(ConfigReader, PutsTheCaretBelowItsPlace) {
  EXPECT_NE(errors("{ name: n, colour: \"r\xc3\xa9"
                   "d\", colr: 1 }")
                .find("\n  { name: n, colour: \"r\xc3\xa9"
                      "d\", colr: 1 }\n"
                      "                            ^\n"),
            std::string::npos);
  const std::string far = errors("{ name: n, " + std::string(500, ' ') + "colr: 1, " + std::string(500, ' ') + "}");
  EXPECT_NE(far.find("colr: 1,"), std::string::npos);
  EXPECT_LT(far.size(), 600U) << far;
}

TEST(ConfigReader, ChecksThatFilesCanBeRead) {
  const auto result =
      read_text(outer_type(), "name: n\nfile: none.pem", "/nonexistent/a.yaml", Files::must_be_readable);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message,
            "/nonexistent/a.yaml:2:7: cannot read the file /nonexistent/none.pem\n  file: none.pem\n        ^");
}

TEST(ConfigReader, SaysWhyAFileCannotBeOpened) {
  const auto result = read_settings(outer_type(), "/nonexistent/a.yaml");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "/nonexistent/a.yaml: No such file or directory");
  EXPECT_EQ(read_settings(outer_type(), "/").error().message, "/: Is a directory");
}

TEST(ConfigReader, SurvivesEveryCutOfAFile) {
  const std::string text =
      "name: n\ninner:\n  - address: \"192.0.2.1:80\"\n    count: 2\npairs: { a: b, 'c': \"d\\u0041\" }\nwords: [ x, y "
      "]\n"
      "file: |\n  p\n  q\nspare: { address: >\n x }\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto result = read(text.substr(0, cut));
    if (!result) {
      EXPECT_TRUE(result.error().message.starts_with("etc/a.yaml:")) << result.error().message;
    }
  }
}

TEST(ReferencePage, HasARowForEachKeyAndASectionForEachObject) {
  const std::string page = reference_page(outer_type()->description);
  EXPECT_EQ(page.substr(0, page.find('\n')), "### outer");
  EXPECT_NE(page.find("| `name` | name (1 to 63 letters, digits, \"-\", \"_\" and \".\", the first a letter or digit) "
                      "| *required* | Its name. |\n"),
            std::string::npos);
  EXPECT_NE(page.find("| `colour` | `red`, `green` | `green` | Colour. |\n"), std::string::npos);
  EXPECT_NE(page.find("| `spare` | inner | none | One more. |\n"), std::string::npos);
  const std::size_t section = page.find("### inner\n");
  ASSERT_NE(section, std::string::npos);
  EXPECT_EQ(page.find("### inner\n", section + 1), std::string::npos);
}

}  // namespace
}  // namespace ringway::config
