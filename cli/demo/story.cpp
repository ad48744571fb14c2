#include "cli/demo/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace ringway::cli {

namespace {

constexpr std::size_t kCalmCrowd = 1;
/// About twice what one front-end of the demo can serve.
constexpr std::size_t kCrowd = 10;

void title(const std::string& text) {
  fmt::print("\n-- {}\n", text);
  std::fflush(stdout);
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string state_of(const config::TreeNode& rollout) { return client::text_of(rollout, "state"); }

}  // namespace

Result<int> DemoStory::wait_until(const std::function<bool()>& done, int limit, const std::string& what) {
  for (int second = 0; second <= limit; ++second) {
    if (done()) return second;
    if (!next_second_()) return internal_error("ended by hand");
  }
  return internal_error(fmt::format("{} did not come about within {} s", what, limit));
}

Status DemoStory::stay(int seconds) {
  for (int second = 0; second < seconds; ++second) {
    if (!next_second_()) return internal_error("ended by hand");
  }
  return {};
}

void DemoStory::end_part(std::string name, std::string seen) {
  parts_.push_back({std::move(name), std::move(seen), watch_.take()});
}

Status DemoStory::tell() {
  for (const auto part : {&DemoStory::calm, &DemoStory::crowd, &DemoStory::dead_backend, &DemoStory::drained_pop,
                          &DemoStory::bad_revision}) {
    const Status told = (this->*part)();
    if (!told) return told;
  }
  return {};
}

Status DemoStory::calm() {
  title("A calm day: one front-end serves the site.");
  ground_.set_crowd(kCalmCrowd);
  watch_.take();
  const Status stayed = stay(8);
  if (!stayed) return stayed;
  end_part("calm", fmt::format("{} front-end", watch_.chosen().size()));
  return {};
}

Status DemoStory::crowd() {
  title(fmt::format("A crowd comes: {} clients load pages, more than one front-end can serve ({} exchanges/s).", kCrowd,
                    kDemoFrontendCapacity));
  ground_.set_crowd(kCrowd);
  const auto added = wait_until([this] { return watch_.chosen().size() > 1; }, 60, "a second front-end");
  if (!added) return added.error();
  end_part("crowd, alone", fmt::format("a second front-end after {} s", *added));
  const Status stayed = stay(10);
  if (!stayed) return stayed;
  end_part("crowd, shared", "two front-ends");
  return {};
}

Status DemoStory::dead_backend() {
  title("A back-end dies: host-1 is killed (SIGKILL).");
  cast_.kill("host-1");
  const Status stayed = stay(12);
  if (!stayed) return stayed;
  end_part("back-end killed", fmt::format("host-1 is {}", watch_.gateway_state("host-1")));
  const Status started = cast_.start_gateway("host-1");
  if (!started) return started;
  const auto back = wait_until([this] { return watch_.gateway_state("host-1") == "serving"; }, 60, "its return");
  if (!back) return back.error();
  end_part("started again", fmt::format("it serves after {} s", *back));
  return {};
}

Status DemoStory::drained_pop() {
  title("A POP is drained for maintenance: west.");
  const auto drained = cast_.ask("PUT", "/v1/drains/pop:west", "{}");
  if (!drained) return drained.error();
  const auto left = wait_until([this] { return !has(watch_.chosen(), "west-1"); }, 60, "the drain");
  if (!left) return left.error();
  const Status stayed = stay(5);
  if (!stayed) return stayed;
  end_part("POP drained", fmt::format("clients went elsewhere after {} s", *left));
  const auto undrained = cast_.ask("DELETE", "/v1/drains/pop:west");
  if (!undrained) return undrained.error();
  const auto back = wait_until([this] { return has(watch_.chosen(), "west-1"); }, 60, "its return");
  if (!back) return back.error();
  end_part("undrained", fmt::format("and came back after {} s", *back));
  return {};
}

Status DemoStory::bad_revision() {
  title("Somebody means 10 s and writes 10 ms: every answer comes too late for that.");
  const Status changed = cast_.change(fmt::format("/v1/sites/{}", kDemoSite), R"({"answer_timeout": "10ms"})");
  if (!changed) return changed;
  const auto rollout = [this]() -> const config::TreeNode& { return client::member(watch_.status(), "rollout"); };
  const double bad = client::number_of(rollout(), "to") + 1;
  const auto stopped =
      wait_until([&] { return client::number_of(rollout(), "to") > bad && state_of(rollout()) == "done"; }, 60,
                 "the automatic rollback");
  if (!stopped) return stopped.error();
  end_part("bad revision", fmt::format("stopped at the first gateway and rolled back within {} s", *stopped));
  const Status stayed = stay(5);
  if (!stayed) return stayed;
  end_part("after it", "as before");
  return {};
}

void DemoStory::print_summary() const {
  fmt::print("\n{:<16} {:>5} {:>9} {:>7} {:>8} {:>9}   {}\n", "what happened", "s", "requests", "failed", "page ms",
             "probe ms", "what was seen");
  for (const Part& part : parts_) {
    fmt::print("{:<16} {:>5.0f} {:>9} {:>7} {:>8} {:>9}   {}\n", part.name, part.figures.seconds,
               part.figures.clients.requests, part.figures.clients.failures, median_text(part.figures.clients.page_ms),
               median_text(part.figures.clients.probe_ms), part.seen);
  }
}

}  // namespace ringway::cli
