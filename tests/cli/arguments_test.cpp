#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/help.h"

namespace ringway::cli {
namespace {

const Command kCommand = {"serve",
                          "serves",
                          "FILE...",
                          {{"config", "FILE", "the file", "", true},
                           {"rate", "MBIT", "the rate", "50", false},
                           {"quiet", "", "says nothing", "", false}},
                          {"ringway serve --config a"}};

Result<Arguments> parse(const std::vector<std::string>& words) { return Arguments::parse(kCommand, words); }

std::string error(const std::vector<std::string>& words) {
  const auto result = parse(words);
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().message;
}

TEST(Arguments, TakeOptionsOperandsAndFallbacks) {
  const auto result = parse({"a", "--config", "f.yaml", "--quiet", "b", "--", "--c"});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->get("config"), "f.yaml");
  EXPECT_TRUE(result->has("quiet"));
  EXPECT_FALSE(result->has("rate"));
  EXPECT_EQ(result->get("rate"), "50");
  EXPECT_EQ(result->operands(), (std::vector<std::string>{"a", "b", "--c"}));
}

TEST(Arguments, TakeValuesAfterAnEqualsSign) {
  EXPECT_EQ(parse({"--config=a=b"})->get("config"), "a=b");
  EXPECT_EQ(parse({"--config="})->get("config"), "");
  EXPECT_EQ(parse({"--config", "--quiet"})->get("config"), "--quiet");
}

TEST(Arguments, TakeHelpWithoutWhatIsRequired) {
  EXPECT_TRUE(parse({"--help"})->wants_help());
  EXPECT_TRUE(parse({"-h"})->wants_help());
  EXPECT_FALSE(parse({"--config", "x"})->wants_help());
}

TEST(Arguments, SayWhatIsWrong) {
  const std::string end = "\nSee ringway serve --help.";
  EXPECT_EQ(error({"--confg", "x"}), "ringway serve: unknown option --confg; did you mean --config?" + end);
  EXPECT_EQ(error({"--zebra"}), "ringway serve: unknown option --zebra" + end);
  EXPECT_EQ(error({"-q"}), "ringway serve: unknown option -q" + end);
  EXPECT_EQ(error({"--config"}), "ringway serve: --config needs a value: FILE" + end);
  EXPECT_EQ(error({"--quiet"}), "ringway serve: --config FILE is missing: the file" + end);
  EXPECT_EQ(error({"--config", "a", "--config", "b"}), "ringway serve: --config is given twice" + end);
  EXPECT_EQ(error({"--config", "a", "--quiet=yes"}), "ringway serve: --quiet takes no value" + end);
}

TEST(Arguments, HaveLettersAndMayBeRepeated) {
  const Command command{"x", "", "FILE...", {{"file", "FILE", "", "", false, "f", true}, {"yes", "", "", ""}}, {}};
  const auto files = [&command](const std::vector<std::string>& words) {
    const auto result = Arguments::parse(command, words);
    return result ? result->get_all("file") : std::vector<std::string>{result.error().message};
  };
  EXPECT_EQ(files({"-f", "a", "b", "--file=c", "-f", "-"}), (std::vector<std::string>{"a", "c", "-"}));
  EXPECT_EQ(files({"b"}), std::vector<std::string>());
  EXPECT_EQ(files({"-f"}).at(0).substr(0, 30), "ringway x: --file needs a valu");
  EXPECT_EQ(files({"-g", "a"}).at(0).substr(0, 28), "ringway x: unknown option -g");
  EXPECT_EQ(files({"-"}), std::vector<std::string>());
  EXPECT_EQ(files({"--yes", "--yes"}).at(0).substr(0, 31), "ringway x: --yes is given twice");
}

TEST(Arguments, RefuseOperandsWhereNoneAreTaken) {
  const std::vector<std::string> words = {"x"};
  const auto result = Arguments::parse(*find_command("demo"), words);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "ringway demo: \"x\" is not expected\nSee ringway demo --help.");
}

TEST(Arguments, ReadNumbersWithinBounds) {
  const auto number = [](const std::string& text) {
    return parse({"--config=x", "--rate=" + text})->number("rate", 1, 100);
  };
  EXPECT_EQ(*number("1"), 1);
  EXPECT_EQ(*number("99.5"), 99.5);
  EXPECT_EQ(*parse({"--config=x"})->number("rate", 1, 100), 50);
  for (const char* bad : {"0", "101", "", "5x", "nan", "-1", " 5"}) EXPECT_FALSE(number(bad).ok()) << bad;
  EXPECT_EQ(number("0").error().message, "--rate: \"0\" is no number from 1 to 100");
}

TEST(Help, NamesEveryCommandAndOption) {
  const std::string usage = usage_text();
  for (const Command& command : commands()) {
    EXPECT_NE(usage.find("  " + command.name + " "), std::string::npos) << command.name;
    const std::string help = help_text(command);
    for (const Option& option : command.options) EXPECT_NE(help.find("  --" + option.name), std::string::npos);
    EXPECT_FALSE(command.examples.empty()) << command.name;
  }
}

TEST(Help, HasExamplesThatParse) {
  for (const Command& command : commands()) {
    for (const std::string& example : command.examples) {
      std::vector<std::string> words;
      std::istringstream stream(example);
      for (std::string word; stream >> word;) words.push_back(word);
      ASSERT_EQ(words.at(0), "ringway");
      ASSERT_EQ(words.at(1), command.name);
      const auto result = Arguments::parse(command, std::span(words).subspan(2));
      EXPECT_TRUE(result.ok()) << result.error().message;
    }
  }
}

TEST(Help, SuggestsACommand) {
  EXPECT_EQ(unknown_command_text("fronted"),
            "ringway: unknown command \"fronted\"; did you mean \"frontend\"?\nSee ringway --help.\n");
  EXPECT_EQ(unknown_command_text("x"), "ringway: unknown command \"x\"\nSee ringway --help.\n");
}

}  // namespace
}  // namespace ringway::cli
