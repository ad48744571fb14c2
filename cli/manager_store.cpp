#include "cli/manager_store.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/help.h"
#include "manager/settings.h"
#include "manager/store/backup.h"
#include "manager/store/open_store.h"

namespace ringway::cli {

namespace {

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

/// Runs `work(store, file, arguments)` with the one operand.
template <class Work>
int with_store(const char* name, std::span<const std::string> args, Work work) {
  Arguments arguments;
  if (const std::optional<int> end = read_words(name, args, arguments)) return *end;
  if (arguments.operands().size() != 1) {
    fmt::print(stderr, "ringway {}: name one file\n", name);
    return 2;
  }
  const auto settings = manager::load_settings(arguments.get("config"));
  if (!settings) return fail(settings.error().message);
  const auto store = manager::open_store((*settings)->store);
  if (!store) return fail(store.error().message);
  const std::string& file = arguments.operands().front();
  const Status status = work(**store, file, arguments);
  if (!status) return fail(fmt::format("ringway {}: {}", name, status.error().message));
  fmt::print("{}: {} {}\n", manager::store_name((*settings)->store), name == std::string("backup") ? "is in" : "is now",
             file);
  return 0;
}

}  // namespace

int run_backup(std::span<const std::string> args) {
  return with_store("backup", args, [](manager::Store& store, const std::string& file, const Arguments&) {
    return manager::backup(store, file);
  });
}

int run_restore(std::span<const std::string> args) {
  return with_store("restore", args, [](manager::Store& store, const std::string& file, const Arguments& arguments) {
    const bool replaces = arguments.has("replace");
    return manager::restore(store, file, replaces ? manager::Existing::replaced : manager::Existing::kept);
  });
}

}  // namespace ringway::cli
