#include "cli/client/table.h"

#include <gtest/gtest.h>

#include "cli/client/json.h"

namespace ringway::cli::client {
namespace {

TEST(Table, IsAsWideAsWhatIsInIt) {
  Table table({{"NAME"}, {"LOAD", Align::right}, {"PLACE"}});
  table.add({"pop-1", "1", "zürich"});
  table.add({"p", "1000", "x"});
  EXPECT_EQ(table.text(80, Paint::none), "NAME   LOAD  PLACE\npop-1     1  zürich\np      1000  x\n");
  EXPECT_EQ(table.text(80, Paint::none, 1), "NAME   LOAD  PLACE\npop-1     1  zürich\n");
}

TEST(Table, CutsTheWidestColumnWhereTheScreenIsNarrow) {
  Table table({{"NAME"}, {"WHAT"}});
  table.add({"pop-1", std::string(100, 'a')});
  EXPECT_EQ(table.text(20, Paint::none), "NAME   WHAT\npop-1  aaaaaaaaaaaa…\n");
}

TEST(Table, ColoursDoNotMoveColumns) {
  Table table({{"A"}, {"B"}});
  table.add({{"x", Colour::bad}, "y"});
  EXPECT_EQ(table.text(80, Paint::ansi), "\x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
}

TEST(Table, CutsWholeCharacters) {
  EXPECT_EQ(cut("zürich", 6), "zürich");
  EXPECT_EQ(cut("zürich", 3), "zü…");
  EXPECT_EQ(cut("éééé", 2), "é…");
  EXPECT_EQ(cut("abc", 1), "…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Table, NumbersHaveThreeFiguresOrSo) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.25), "0.2");
  EXPECT_EQ(short_number(9.96), "10");
  EXPECT_EQ(short_number(999.4), "999");
  EXPECT_EQ(short_number(999.9), "1.0 k");
  EXPECT_EQ(short_number(12345), "12 k");
  EXPECT_EQ(short_number(3.2e15), "3200 T");
  EXPECT_EQ(short_octets(1.5e9), "1.5 GB");
  EXPECT_EQ(percent(0.123), "12 %");
  EXPECT_EQ(short_bit_rate(0), "0 bit/s");
  EXPECT_EQ(short_bit_rate(12.3e6), "12 Mbit/s");
  EXPECT_EQ(percent(0.0123), "1.2 %");
  EXPECT_EQ(percent(0.0001), "0 %");
  EXPECT_EQ(milliseconds(85.2), "85 ms");
  EXPECT_EQ(milliseconds(1234), "1.2 s");
  EXPECT_EQ(seconds_text(7300), "2 h");
}

TEST(Json, TakesWhatIsMissingForEmpty) {
  const TreeNode tree = *read_json(R"({"a": {"b": 1.5}, "l": ["x", {}, "y"], "n": null, "t": true})");
  EXPECT_EQ(number_of(member(tree, "a"), "b"), 1.5);
  EXPECT_EQ(number_of(tree, "l"), 0);
  EXPECT_EQ(text_of(member(member(tree, "q"), "r"), "s"), "");
  EXPECT_EQ(words_of(tree, "l"), (std::vector<std::string>{"x", "y"}));
  EXPECT_FALSE(has(tree, "n"));
  EXPECT_TRUE(flag_of(tree, "t"));
  EXPECT_FALSE(read_json("<html>"));
}

TEST(Json, ShowsTerminalsNoCommands) {
  EXPECT_EQ(printable("a\x1b[2J\r\nb\x7f\xc2\x9b"
                      "c é"),
            "a?[2J??b??c é");
  EXPECT_EQ(text_of(*read_json(R"({"a": "\u001b]0;x\u0007"})"), "a"), "?]0;x?");
}

}  // namespace
}  // namespace ringway::cli::client
