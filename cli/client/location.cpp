#include "cli/client/location.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/address.h"
#include "base/config_reader.h"
#include "base/text.h"
#include "manager/store/durable_file.h"

namespace ringway::cli::client {

namespace {

constexpr std::size_t kMaxTokenOctets = 4096;
constexpr std::size_t kMaxUrlOctets = 2048;

struct ClientFile {
  std::string manager;
  std::string token;
  std::string authority;
  std::string certificate;
  std::string key;
};

config::Type<ClientFile> client_file_type() {
  return config::Object<ClientFile>("client")
      .optional("manager", &ClientFile::manager, config::text(kMaxUrlOctets), "The manager's URL.")
      .optional("token", &ClientFile::token, config::text(kMaxTokenOctets), "Who asks.")
      .optional("authority", &ClientFile::authority, config::readable_file(),
                "Who vouches for the manager's certificate; none: the system's authorities.")
      .optional("certificate", &ClientFile::certificate, config::readable_file(),
                "By which a user asks, without a token.")
      .optional("key", &ClientFile::key, config::readable_file(), "The certificate's.");
}

/// Nothing in it where there is none.
Result<ClientFile> read_client_file(const std::string& path) {
  struct stat about {};
  if (path.empty() || ::stat(path.c_str(), &about) != 0) return ClientFile{};
  if ((about.st_mode & 077) != 0) {
    return client_error(fmt::format("{} holds a token, and others may read it: chmod 600 {}", path, path));
  }
  const auto file = config::read_settings(client_file_type(), path);
  if (!file) return file.error();
  return **file;
}

std::string first_of(const std::string& a, const std::string& b, const std::string& c) {
  return !a.empty() ? a : !b.empty() ? b : c;
}

bool is_this_machine(const std::string& host) {
  if (host == "localhost") return true;
  const Result<IpAddress> address = IpAddress::parse(host);
  static const IpNetwork kLoopback = *IpNetwork::parse("127.0.0.0/8");
  return address && (kLoopback.contains(*address) || address->text() == "::1");
}

bool has_colon(const std::string& host) { return host.find(':') != std::string::npos; }

/// Host and port of `text`; the port is 0 where it says none.
Status split_authority(std::string_view text, Location& location) {
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  const bool with_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (with_port) {
    const auto port = parse_decimal(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return client_error("its port is none");
    location.port = static_cast<std::uint16_t>(*port);
    text = text.substr(0, colon);
  }
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  location.host = to_lower(text);
  if (location.host.empty() || location.host.find_first_of(" @?#") != std::string::npos) {
    return client_error("it names no host");
  }
  return {};
}

Result<std::string> read_token_file(const std::string& path) {
  const Result<std::string> text = read_file(path, kMaxTokenOctets);
  if (!text) return client_error(text.error().message);
  const std::string token(trim(text->substr(0, text->find_first_of("\r\n"))));
  if (token.empty()) return client_error(path + ": no token is in it");
  return token;
}

}  // namespace

std::string Location::authority() const {
  return has_colon(host) ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Location::url() const {
  return fmt::format("{}://{}", scheme == Scheme::https ? "https" : "http", authority());
}

Result<Location> parse_manager_url(const std::string& url) {
  Location location;
  const std::size_t mark = url.find("://");
  const std::string scheme = to_lower(url.substr(0, mark));
  if (mark == std::string::npos || (scheme != "https" && scheme != "http")) {
    return client_error(fmt::format("\"{}\" is no manager's URL: say https://HOST[:PORT]", url));
  }
  location.scheme = scheme == "https" ? Scheme::https : Scheme::http;
  std::string_view rest = std::string_view(url).substr(mark + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != std::string_view::npos) return client_error(fmt::format("{}: a path is not expected", url));
  const Status split = split_authority(rest, location);
  if (!split) return client_error(fmt::format("{}: {}", url, split.error().message));
  if (location.port == 0) location.port = location.scheme == Scheme::https ? 443 : 80;
  if (location.scheme == Scheme::http && !is_this_machine(location.host)) {
    return client_error(fmt::format("{}: the token would cross the network in the clear: say https://", url));
  }
  return location;
}

Result<std::vector<Location>> parse_manager_urls(const std::string& urls) {
  std::vector<Location> locations;
  for (std::size_t at = 0; at <= urls.size();) {
    const std::size_t end = std::min(urls.find(',', at), urls.size());
    Result<Location> location = parse_manager_url(std::string(trim(std::string_view(urls).substr(at, end - at))));
    if (!location) return location.error();
    locations.push_back(std::move(*location));
    at = end + 1;
  }
  return locations;
}

std::string process_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string client_file_path(const Environment& environment) {
  const std::string configuration = environment("XDG_CONFIG_HOME");
  if (!configuration.empty()) return configuration + "/ringway/client.yaml";
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.config/ringway/client.yaml";
}

Result<std::vector<Location>> find_locations(const LocationOptions& options, const Environment& environment) {
  const Result<ClientFile> file = read_client_file(client_file_path(environment));
  if (!file) return file.error();
  const std::string urls = first_of(options.manager, environment("RINGWAY_MANAGER"), file->manager);
  if (urls.empty()) {
    return client_error("no manager is named: say --manager URL, set RINGWAY_MANAGER, or run `ringway login` once");
  }
  Result<std::vector<Location>> locations = parse_manager_urls(urls);
  if (!locations) return locations;
  const Result<std::string> token = options.token_file.empty()
                                        ? Result<std::string>(first_of("", environment("RINGWAY_TOKEN"), file->token))
                                        : read_token_file(options.token_file);
  if (!token) return token.error();
  for (Location& location : *locations) {
    location.authority_file = first_of(options.authority_file, environment("RINGWAY_AUTHORITY"), file->authority);
    location.token = *token;
    location.certificate_file =
        first_of(options.certificate_file, environment("RINGWAY_CERTIFICATE"), file->certificate);
    location.key_file = first_of(options.key_file, environment("RINGWAY_KEY"), file->key);
    if (location.certificate_file.empty() != location.key_file.empty()) {
      return client_error("a certificate and its key come together: say both --certificate and --key");
    }
  }
  return locations;
}

Status write_client_file(const std::string& path, const std::vector<Location>& locations) {
  if (path.empty()) return client_error("neither XDG_CONFIG_HOME nor HOME is set: there is no place for the token");
  std::error_code fault;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), fault);
  if (fault) return client_error(fmt::format("{}: {}", path, fault.message()));
  std::string urls;
  for (const Location& location : locations) urls += (urls.empty() ? "" : ",") + location.url();
  const Location& first = locations.front();
  std::string text = fmt::format("manager: {}\n", json_quote(urls));
  if (!first.token.empty()) text += fmt::format("token: {}\n", json_quote(first.token));
  const std::pair<const char*, const std::string&> files[] = {
      {"authority", first.authority_file}, {"certificate", first.certificate_file}, {"key", first.key_file}};
  for (const auto& [key, file] : files) {
    if (!file.empty())
      text += fmt::format("{}: {}\n", key, json_quote(std::filesystem::absolute(file, fault).string()));
  }
  return manager::write_durably(path, text);
}

}  // namespace ringway::cli::client
