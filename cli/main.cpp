// ringway: one binary, a subcommand for each role.

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cli/check.h"
#include "cli/demo/demo.h"
#include "cli/dns/run_dns.h"
#include "cli/enrol.h"
#include "cli/help.h"
#include "cli/keys.h"
#include "cli/manager_store.h"
#include "cli/run_client.h"
#include "cli/run_gateway.h"
#include "cli/run_manager.h"
#include "net/descriptor.h"

namespace {

using namespace ringway::cli;  // NOLINT(google-build-using-namespace): this file is the command line

int run(const std::vector<std::string>& words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", usage_text());
    return 2;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    fmt::print("{}", usage_text());
    return 0;
  }
  if (words[0] == "--version") {
    fmt::print("ringway {}\n", RINGWAY_VERSION);
    return 0;
  }
  if (const Command* command = find_client_command(words[0])) {
    return run_client(*command, std::span(words).subspan(1));
  }
  static const std::map<std::string, int (*)(std::span<const std::string>)> kSubcommands = {
      {"frontend", run_frontend}, {"backend", run_backend}, {"manager", run_manager}, {"dns", run_dns},
      {"backup", run_backup},     {"restore", run_restore}, {"demo", run_demo},       {"keys", run_keys},
      {"check", run_check},       {"enrol", run_enrol}};
  const auto found = kSubcommands.find(words[0]);
  if (found == kSubcommands.end()) {
    fmt::print(stderr, "{}", unknown_command_text(words[0]));
    return 2;
  }
  return found->second(std::span(words).subspan(1));
}

}  // namespace

int main(int argc, char** argv) {
  ringway::net::raise_descriptor_limit();  // every connection has a descriptor, and a shell allows for 1,024
  return run({argv + 1, argv + argc});
}
