#pragma once
// Which manager is asked, and with what token or certificate: options come before the environment, and that before
// the file ~/.config/ringway/client.yaml, each for itself.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ringway::cli::client {

enum class Scheme : std::uint8_t { http, https };

struct Location {
  Scheme scheme = Scheme::https;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;
  std::string authority_file;    // PEM; empty: the system's authorities
  std::string token;             // empty: none
  std::string certificate_file;  // PEM, of a user whom the manager's authority knows; empty: none
  std::string key_file;

  /// "https://manager.test:7443"
  [[nodiscard]] std::string url() const;
  /// As the field Host says it.
  [[nodiscard]] std::string authority() const;
};

/// "https://HOST[:PORT]", also "http://" for this machine: a token does not cross a network in the clear.
Result<Location> parse_manager_url(const std::string& url);
/// One or several of them, separated by commas.
Result<std::vector<Location>> parse_manager_urls(const std::string& urls);

/// What the command line says; empty: nothing.
struct LocationOptions {
  std::string manager;
  std::string token_file;
  std::string authority_file;
  std::string certificate_file = {};
  std::string key_file = {};
};

/// The value of an environment variable; empty where it is not set.
using Environment = std::function<std::string(const char* name)>;
std::string process_environment(const char* name);

/// The managers of one store, which are one to who asks: the URLs are separated by commas. The error says what is
/// missing, and where it can be said.
Result<std::vector<Location>> find_locations(const LocationOptions& options, const Environment& environment);

/// $XDG_CONFIG_HOME/ringway/client.yaml, by default in ~/.config; empty where neither is known.
std::string client_file_path(const Environment& environment);
/// Writes that file, for its owner alone. All of `locations`, not empty, have one token, one authority and one
/// certificate.
Status write_client_file(const std::string& path, const std::vector<Location>& locations);

}  // namespace ringway::cli::client
