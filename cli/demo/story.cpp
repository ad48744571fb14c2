#include "cli/demo/story.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace ringway::cli {

namespace {

constexpr std::size_t kCalmCrowd = 2;
/// About twice what one front-end of the demo can serve.
constexpr std::size_t kCrowd = 14;

void title(const std::string& text) {
  fmt::print("\n-- {}\n", text);
  std::fflush(stdout);
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
  title("A calm day: clients are sent to the POP near them.");
  ground_.set_crowd(kCalmCrowd);
  watch_.take();
  const Status stayed = stay(8);
  if (!stayed) return stayed;
  end_part("calm", fmt::format("{} of {} networks go to the other POP", abroad("east") + abroad("west"),
                               2 * DemoLookup::kNetworksOfPop));
  return {};
}

std::size_t DemoStory::abroad(const std::string& pop) const {
  std::size_t all = 0;
  for (const auto& [frontend, count] : watch_.sent_from(pop)) all += frontend.starts_with(pop) ? 0 : count;
  return all;
}

Status DemoStory::crowd() {
  title(fmt::format(
      "A crowd comes in the east: {} clients load pages, more than one front-end can serve ({} exchanges/s).", kCrowd,
      kDemoFrontendCapacity));
  ground_.set_crowd(kCrowd);
  const auto relieved = wait_until([this] { return abroad("east") > 0 || watch_.sent_to("east-2") > 0; }, 60,
                                   "that clients are sent elsewhere");
  if (!relieved) return relieved.error();
  end_part("crowd", fmt::format("the first networks were sent elsewhere after {} s", *relieved));
  const auto added = wait_until([this] { return watch_.sent_to("east-2") > 0; }, 60, "a second front-end in the east");
  if (!added) return added.error();
  const Status stayed = stay(15);
  if (!stayed) return stayed;
  end_part("crowd, shared", fmt::format("east-2 serves as well; {} of {} eastern networks go west", abroad("east"),
                                        DemoLookup::kNetworksOfPop));
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
  const auto left = wait_until([this] { return watch_.sent_to("west-1") == 0; }, 90, "the drain");
  if (!left) return left.error();
  const Status stayed = stay(5);
  if (!stayed) return stayed;
  end_part("POP drained", fmt::format("the last clients went elsewhere after {} s", *left));
  const auto undrained = cast_.ask("DELETE", "/v1/drains/pop:west");
  if (!undrained) return undrained.error();
  const auto back = wait_until([this] { return watch_.sent_to("west-1") > 0; }, 120, "its return");
  if (!back) return back.error();
  end_part("undrained", fmt::format("the first came back after {} s", *back));
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
