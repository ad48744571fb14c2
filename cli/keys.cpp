#include "cli/keys.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <optional>

#include "cli/arguments.h"
#include "cli/help.h"
#include "tmp_protocol/identity_files.h"

namespace ringway::cli {
namespace {

std::optional<tmp::Role> parse_role(const std::string& text) {
  if (text == "frontend") return tmp::Role::frontend;
  if (text == "backend") return tmp::Role::backend;
  if (text == "redirector") return tmp::Role::redirector;
  return std::nullopt;
}

int bad_usage(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 2;
}

/// What to do next, ready to be pasted into the configuration.
void print_made(const tmp::MadeIdentity& made, const std::string& name, tmp::Role role) {
  if (made.authority == tmp::AuthorityOrigin::made) {
    fmt::print("made an authority: {}; keep its key where it is, gateways do not need it\n", made.files.authority);
  }
  fmt::print("made {}: put these into its configuration:\n{}", name, identity_text(made.files, role));
}

}  // namespace

std::string identity_text(const IdentityFiles& files, tmp::Role role) {
  const bool links = role == tmp::Role::frontend || role == tmp::Role::backend;
  const std::string_view indent = links ? "  " : "";
  return fmt::format("{0}{1}identity:\n{1}  certificate: {2}\n{1}  key: {3}\n{1}  authority: {4}\n",
                     links ? "link:\n" : "", indent, files.certificate, files.key, files.authority);
}

int run_keys(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("keys", args, arguments)) return *end;
  const std::string name = arguments.get("name");
  const std::optional<tmp::Role> role = parse_role(arguments.get("role"));
  if (!role) return bad_usage("ringway keys: --role is frontend, backend or redirector");
  if (!tmp::valid_gateway_name(name)) {
    return bad_usage("ringway keys: --name is 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit");
  }
  const Result<tmp::MadeIdentity> made =
      tmp::make_identity_files(arguments.get("authority"), {*role, name}, std::chrono::system_clock::now());
  if (!made) {
    fmt::print(stderr, "ringway keys: {}\n", made.error().message);
    return 1;
  }
  print_made(*made, name, *role);
  return 0;
}

}  // namespace ringway::cli
