// The bench's clients:
//
//   wan_client page|downloads|probes|answers [--NAME VALUE]…    workloads.h says what they do and names the options
//
// It ends with status 1 at the first fault, and with its parent.

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "tests/bench/client/workloads.h"

namespace ringway::wan {

namespace {

std::map<std::string, std::string> read_arguments(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int index = 2; index + 1 < argc; index += 2) given[std::string(argv[index]).substr(2)] = argv[index + 1];
  return given;
}

Options read_options(const std::map<std::string, std::string>& given) {
  Options options;
  const auto number = [&given](const char* name, double otherwise) {
    const auto found = given.find(name);
    return found == given.end() ? otherwise : std::strtod(found->second.c_str(), nullptr);
  };
  const auto text = [&given](const char* name, const std::string& otherwise) {
    const auto found = given.find(name);
    return found == given.end() ? otherwise : found->second;
  };
  options.server = {text("address", options.server.address), static_cast<std::uint16_t>(number("port", 0)),
                    text("host", "shop.test"), text("authority", "")};
  options.target = text("target", options.target);
  options.connections = static_cast<std::uint64_t>(number("connections", 1));
  options.objects = static_cast<std::uint64_t>(number("objects", 60));
  options.rounds = static_cast<std::uint64_t>(number("rounds", 0));
  options.seconds = number("seconds", 0);
  options.gap_ms = number("gap-ms", 0);
  options.every_ms = number("every-ms", 100);
  return options;
}

std::unique_ptr<Workload> make_workload(const std::string& name, PollLoop& loop, const Options& options) {
  if (name == "page") return std::make_unique<PageLoads>(loop, options);
  if (name == "downloads") return std::make_unique<Downloads>(loop, options);
  if (name == "probes") return std::make_unique<Probes>(loop, options);
  if (name == "answers") return std::make_unique<SmallAnswers>(loop, options);
  fail("no workload " + name);
}

}  // namespace

}  // namespace ringway::wan

int main(int argc, char** argv) {
  using namespace ringway::wan;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc < 2) fail("usage: wan_client WORKLOAD [--NAME VALUE]...");
  const Options options = read_options(read_arguments(argc, argv));
  PollLoop loop;
  const std::unique_ptr<Workload> workload = make_workload(argv[1], loop, options);
  if (options.seconds > 0) loop.at(now() + ringway::from_seconds(options.seconds), [&loop] { loop.stop(); });
  workload->begin();
  loop.run();
  workload->end();
  return 0;
}
