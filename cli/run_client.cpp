#include "cli/run_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/client/commands.h"
#include "cli/client/http_client.h"
#include "net/worker.h"

namespace ringway::cli {

const Command* find_client_command(std::string_view name) {
  const std::span<const Command> all = client::client_commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

int run_client(const Command& command, std::span<const std::string> args) {
  auto worker = net::Worker::make(0);
  if (!worker) {
    fmt::print(stderr, "{}\n", worker.error().message);
    return client::kFailed;
  }
  client::StandardConsole console;
  return client::run_client_command(command, args,
                                    {console, client::process_environment, [&worker](const client::Location& location) {
                                       return std::make_unique<client::HttpClient>(**worker, location);
                                     }});
}

}  // namespace ringway::cli
