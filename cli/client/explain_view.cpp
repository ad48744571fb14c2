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

std::string candidate_text(const TreeNode& candidate) {
  std::string line = text_of(candidate, "pop");
  if (has(candidate, "rtt_ms")) {
    line += fmt::format(", {} from the client ({})", milliseconds(number_of(candidate, "rtt_ms")),
                        has(candidate, "measured_s_ago")
                            ? fmt::format("measured {:.0f} s ago", number_of(candidate, "measured_s_ago"))
                            : "by where they are");
  }
  if (has(candidate, "link_ms"))
    line += fmt::format(" + {} to the site", milliseconds(number_of(candidate, "link_ms")));
  if (has(candidate, "use")) line += fmt::format(", {} used", percent(number_of(candidate, "use")));
  const std::string verdict = text_of(candidate, "verdict");
  line += ": " + verdict;
  if (number_of(candidate, "shed") > 0) {
    line += fmt::format(", it passes on {} and this client's hash is {:.3f}", percent(number_of(candidate, "shed")),
                        number_of(candidate, "hash"));
  }
  return line;
}

void tell_steering(Chapter chapter, const TreeNode& steering) {
  for (const TreeNode& answer : items_of(steering, "frontends")) {
    std::vector<std::string> addresses;
    for (const TreeNode& address : items_of(answer, "addresses")) addresses.push_back(printable(address.scalar));
    chapter.say(
        fmt::format("{} in {}: {}", text_of(answer, "name"), text_of(steering, "pop"), fmt::join(addresses, ", ")),
        Colour::good);
  }
  chapter.say(fmt::format("for {:.0f} s, to all of {} (scope /{:.0f}), by table {:.0f}: {}",
                          number_of(steering, "ttl_s"), text_of(steering, "cell"), number_of(steering, "scope"),
                          number_of(steering, "table"), text_of(steering, "reason")));
  for (const TreeNode& candidate : items_of(steering, "candidates")) {
    chapter.say(candidate_text(candidate), text_of(candidate, "verdict") == "chosen" ? Colour::good : Colour::plain);
  }
  if (has(steering, "site_rtt_ms")) {
    const TreeNode& to_site = steering.find("site_rtt_ms")->value;
    chapter.say(fmt::format("to its front-end {}, to the site between {} and {}",
                            milliseconds(number_of(steering, "rtt_ms")), milliseconds(number_of(to_site, "least")),
                            milliseconds(number_of(to_site, "most"))));
  }
  if (has(steering, "alpn")) chapter.say(fmt::format("HTTPS record: {}", text_of(steering, "alpn")));
  for (const TreeNode& warning : items_of(steering, "warnings"))
    chapter.say(printable(warning.scalar), Colour::warning);
}

/// Where redirectors steer, they say who gets new clients; else the assigner's weights say who should.
void tell_frontends(Chapter chapter, const TreeNode& explanation) {
  const bool steered = has(explanation, "steering");
  for (const TreeNode& frontend : items_of(explanation, "frontends")) {
    const std::string state = text_of(frontend, "state");
    std::string line = text_of(frontend, "name");
    if (has(frontend, "pop")) line += fmt::format(" in {}", text_of(frontend, "pop"));
    line += ", " + state;
    if (!steered) line += fmt::format(": {} of new clients", percent(number_of(frontend, "weight") / 1000));
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
  if (has(explanation, "steering")) tell_steering(Chapter(story, "6. DNS", paint), member(explanation, "steering"));
  return story;
}

}  // namespace ringway::cli::client
