#include "cli/client/explain_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/config_json.h"
#include "cli/client/table.h"

namespace ringway::cli::client {

namespace {

constexpr std::size_t kHeading = 14;

/// Lines below one heading, which stands in front of the first.
class Chapter {
 public:
  Chapter(std::string& story, std::string heading, Paint paint)
      : story_(story), heading_(std::move(heading)), paint_(paint) {}
  void say(const std::string& line, Colour colour = Colour::plain) {
    const std::string space(kHeading - std::min(kHeading, width_of(heading_)), ' ');
    story_ += painted(heading_, Colour::strong, paint_) + space + painted(line, colour, paint_) + "\n";
    heading_.clear();
  }

 private:
  std::string& story_;
  std::string heading_;
  Paint paint_;
};

Colour state_colour(const std::string& state) { return state == "serving" ? Colour::good : Colour::warning; }

std::string condition_text(const TreeNode& rule) { return printable(config::json_text(member(rule, "when"))); }

void tell_ring(Chapter chapter, const TreeNode& explanation) {
  const TreeNode& ring = member(explanation, "ring");
  const double number = number_of(ring, "ring");
  const std::vector<TreeNode>& rules = items_of(ring, "rules");
  const TreeNode* decided = nullptr;
  for (const TreeNode& rule : rules) {
    if (text_of(rule, "verdict") == "matches") decided = &rule;
  }
  if (decided == nullptr) {
    chapter.say(
        fmt::format("{}, the site's own: {}", number, rules.empty() ? "it has no rules" : "none of its rules matches"));
  } else {
    chapter.say(fmt::format("{}, by rule {}: {}", number, number_of(*decided, "rule") + 1, condition_text(*decided)));
  }
  for (const TreeNode& rule : rules) {
    if (text_of(rule, "verdict") != "depends_on_answer") continue;
    chapter.say(fmt::format("{} where the answer is as rule {} wants it: {}", number_of(rule, "ring"),
                            number_of(rule, "rule") + 1, condition_text(rule)));
  }
}

void tell_frontends(Chapter chapter, const TreeNode& explanation) {
  for (const TreeNode& frontend : items_of(explanation, "frontends")) {
    const std::string state = text_of(frontend, "state");
    std::string line = text_of(frontend, "name");
    if (has(frontend, "pop")) line += fmt::format(" in {}", text_of(frontend, "pop"));
    line += fmt::format(", {}: {} of new clients", state, percent(number_of(frontend, "weight") / 1000));
    if (has(frontend, "client_rtt_ms")) {
      line += fmt::format(", {} from this client's network", milliseconds(number_of(frontend, "client_rtt_ms")));
    }
    chapter.say(line, state_colour(state));
  }
  if (items_of(explanation, "frontends").empty()) chapter.say("none: nobody can reach the site", Colour::bad);
}

void tell_backends(Chapter chapter, const TreeNode& explanation) {
  for (const TreeNode& frontend : items_of(explanation, "frontends")) {
    std::size_t place = 0;
    for (const TreeNode& backend : items_of(frontend, "backends")) {
      const std::string order = place++ == 0 ? fmt::format("from {} first to", text_of(frontend, "name")) : "  then to";
      chapter.say(fmt::format("{} {}: {}", order, text_of(backend, "name"), text_of(backend, "why")),
                  state_colour(text_of(backend, "state")));
    }
    if (place == 0) chapter.say(fmt::format("from {}: none", text_of(frontend, "name")), Colour::bad);
  }
}

void tell_origins(Chapter chapter, const TreeNode& explanation) {
  for (const TreeNode& origin : items_of(explanation, "origins")) {
    const std::string by = has(origin, "backend") ? fmt::format(" behind {}", text_of(origin, "backend")) : "";
    chapter.say(fmt::format("{}{}: {}", text_of(origin, "name"), by, text_of(origin, "why")),
                flag_of(origin, "up") && !flag_of(origin, "draining") ? Colour::good : Colour::warning);
  }
}

}  // namespace

std::string explain_text(const TreeNode& explanation, Paint paint) {
  std::string story = painted(text_of(explanation, "url"), Colour::strong, paint);
  if (has(explanation, "client")) story += ", asked from " + text_of(explanation, "client");
  story += "\n\n";
  const TreeNode& site = member(explanation, "site");
  Chapter(story, "1. Site", paint).say(fmt::format("{}, for it has {}", text_of(site, "name"), text_of(site, "match")));
  tell_ring(Chapter(story, "2. Ring", paint), explanation);
  tell_frontends(Chapter(story, "3. Front-ends", paint), explanation);
  tell_backends(Chapter(story, "4. Back-ends", paint), explanation);
  tell_origins(Chapter(story, "5. Origins", paint), explanation);
  return story;
}

}  // namespace ringway::cli::client
