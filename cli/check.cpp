#include "cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <set>

#include "backend/settings.h"
#include "base/config_reader.h"
#include "cli/arguments.h"
#include "cli/dns/table_desk.h"
#include "cli/dns/zone_files.h"
#include "cli/help.h"
#include "frontend/settings.h"
#include "manager/settings.h"
#include "net/tls_context.h"
#include "redirector_dns/geography/geography_file.h"
#include "redirector_dns/settings.h"
#include "tmp_protocol/identity.h"

namespace ringway::cli {
namespace {

using Keys = std::initializer_list<const char*>;

std::size_t count_keys(const config::TreeNode& node, Keys keys) {
  return static_cast<std::size_t>(
      std::count_if(keys.begin(), keys.end(), [&](const char* key) { return node.find(key) != nullptr; }));
}

/// How many of the keys that only one kind of file has stand in it.
std::size_t count_marks(const config::TreeNode& root, Keys top, Keys of_site) {
  std::size_t count = count_keys(root, top);
  const config::Entry* sites = root.find("sites");
  if (sites == nullptr) return count;
  for (const config::TreeNode& site : sites->value.items) count += count_keys(site, of_site);
  return count;
}

std::optional<tmp::Role> role_of(const config::TreeNode& root) {
  const std::size_t frontend =
      count_marks(root, {"listen", "requests", "clients"}, {"backends", "priorities", "listen"});
  const std::size_t backend = count_marks(root, {"responses"}, {"origins", "frontends", "timeouts", "max_queued"});
  const std::size_t manager = count_keys(root, {"api", "agents", "store", "authority", "rollout"});
  if (manager > std::max(frontend, backend)) return tmp::Role::manager;
  // A manager tells the sites, and nothing else stands there: only a back-end has to say where its link is.
  const config::Entry* const link = root.find("link");
  if (frontend == 0 && backend == 0 && root.find("manager") != nullptr && link != nullptr) {
    return link->value.find("address") != nullptr ? tmp::Role::backend : tmp::Role::frontend;
  }
  if (frontend == backend) return std::nullopt;
  return frontend > backend ? tmp::Role::frontend : tmp::Role::backend;
}

/// What reads the file: one of the roles, or the redirector.
enum class Kind : std::uint8_t { frontend, backend, manager, redirector };

Kind kind_of(tmp::Role role) {
  switch (role) {
    case tmp::Role::frontend: return Kind::frontend;
    case tmp::Role::backend: return Kind::backend;
    default: return Kind::manager;
  }
}

/// The kind of the file, or why it cannot be told.
Result<Kind> read_kind(const std::string& path) {
  const Result<std::string> text = read_file(path, config::kMaxTextOctets);
  if (!text) return text.error();
  config::Report report(path, *text);
  const std::optional<config::TreeNode> root = config::parse_tree(*text, report);
  if (!root) return internal_error(report.text());
  if (count_keys(*root, {"zones", "steering", "identity"}) > 0) return Kind::redirector;
  const std::optional<tmp::Role> role = role_of(*root);
  if (role) return kind_of(*role);
  return internal_error(
      fmt::format("{}: no file of Ringway's: a front-end's sites have `backends`, a back-end's have `origins`, a "
                  "manager's file has `api`, a redirector's has `zones`",
                  path));
}

/// What the files that the settings name must be, beyond readable.
class Verdict {
 public:
  explicit Verdict(std::string path) : path_(std::move(path)) {}

  void check_identity(const IdentityFiles& files, const std::string& name, tmp::Role role) {
    const auto identity = tmp::Identity::load(files);
    if (!identity) return fault(identity.error().message);
    const tmp::PeerIdentity& self = (*identity)->self();
    if (self.name == name && self.role == role) return;
    fault(fmt::format("{} is the certificate of {} {}, and this is {} {}", files.certificate, tmp::role_name(self.role),
                      self.name, tmp::role_name(role), name));
  }

  void check_listener(const frontend::Listener& listener) {
    if (listener.tls) check_tls(listener.tls->certificate, listener.tls->key);
  }

  void check_tls(const std::string& certificate, const std::string& key) {
    const auto context = net::TlsServerContext::load(certificate, key);
    if (!context) fault(context.error().message);
  }

  void check_geography(const std::string& path) {
    const auto geography = dns::read_geography(path);
    if (!geography) fault(geography.error().message);
  }

  void check_origin(const backend::Origin& origin) {
    if (!origin.tls) return;
    const auto context = net::TlsClientContext::load(*origin.tls);
    if (!context) fault(context.error().message);
  }

  void fault(const std::string& message) { faults_ += fmt::format("{}: {}\n", path_, message); }

  /// Prints them, or `summary` where there are none.
  bool conclude(const std::string& summary) const {
    if (faults_.empty()) {
      fmt::print("{}: ok: {}\n", path_, summary);
    } else {
      fmt::print(stderr, "{}", faults_);
    }
    return faults_.empty();
  }

 private:
  std::string path_;
  std::string faults_;
};

std::string counted(std::size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

bool fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return false;
}

bool check_frontend(const std::string& path) {
  const auto settings = frontend::load_settings(path);
  if (!settings) return fail(settings.error().message);
  const frontend::Settings& all = **settings;
  Verdict verdict(path);
  verdict.check_identity(all.link.identity, all.gateway.name, tmp::Role::frontend);
  for (const frontend::Listener& listener : all.listeners) verdict.check_listener(listener);
  std::set<std::string> backends;
  for (const frontend::Site& site : all.sites) {
    for (const tmp::PeerTarget& backend : site.backends) backends.insert(backend.name);
  }
  return verdict.conclude(fmt::format("front-end {}, {}, {}, {}", all.gateway.name,
                                      counted(all.listeners.size(), "listener"), counted(all.sites.size(), "site"),
                                      counted(backends.size(), "back-end")));
}

bool check_backend(const std::string& path) {
  const auto settings = backend::load_settings(path);
  if (!settings) return fail(settings.error().message);
  const backend::Settings& all = **settings;
  Verdict verdict(path);
  verdict.check_identity(all.link.identity, all.gateway.name, tmp::Role::backend);
  std::size_t origins = 0;
  std::set<std::string> frontends;
  for (const backend::Site& site : all.sites) {
    origins += site.origins.size();
    for (const backend::Origin& origin : site.origins) verdict.check_origin(origin);
    frontends.insert(site.frontends.begin(), site.frontends.end());
  }
  return verdict.conclude(fmt::format("back-end {}, {}, {}, {}", all.gateway.name, counted(all.sites.size(), "site"),
                                      counted(origins, "origin"), counted(frontends.size(), "front-end")));
}

bool check_manager(const std::string& path) {
  const auto settings = manager::load_settings(path);
  if (!settings) return fail(settings.error().message);
  const manager::Settings& all = **settings;
  Verdict verdict(path);
  if (all.api.tls) verdict.check_tls(all.api.tls->certificate, all.api.tls->key);
  if (!all.geography.empty()) verdict.check_geography(all.geography);
  return verdict.conclude(fmt::format("manager {}, API at {}", all.name, all.api.address.text()));
}

bool check_redirector(const std::string& path) {
  const auto settings = dns::load_settings(path);
  if (!settings) return fail(settings.error().message);
  const dns::Settings& all = **settings;
  Verdict verdict(path);
  if (all.identity) verdict.check_identity(*all.identity, all.name, tmp::Role::redirector);
  const auto zones = read_zones(all.zones, {});
  if (!zones) verdict.fault(zones.error().message);
  if (!all.cookie_file.empty()) {
    const auto secrets = dns::read_cookie_file(all.cookie_file);
    if (!secrets) verdict.fault(secrets.error().message);
  }
  const auto steering = draw_steering(all);
  if (!steering) verdict.fault(steering.error().message);
  if (!all.steering && !all.geography.empty()) verdict.check_geography(all.geography);
  const std::size_t steered = all.steering ? all.steering->sites.size() : 0;
  return verdict.conclude(fmt::format("redirector {}, {}, {}", all.name, counted(all.zones.size(), "zone"),
                                      counted(steered, "steered site")));
}

bool check_file(const std::string& path) {
  const Result<Kind> kind = read_kind(path);
  if (!kind) return fail(kind.error().message);
  switch (*kind) {
    case Kind::frontend: return check_frontend(path);
    case Kind::backend: return check_backend(path);
    case Kind::redirector: return check_redirector(path);
    case Kind::manager: break;
  }
  return check_manager(path);
}

}  // namespace

int run_check(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("check", args, arguments)) return *end;
  if (arguments.operands().empty()) {
    fmt::print(stderr, "ringway check: name the files to check\n");
    return 2;
  }
  bool good = true;
  for (const std::string& path : arguments.operands()) good = check_file(path) && good;
  return good ? 0 : 1;
}

}  // namespace ringway::cli
