#include "tmp_protocol/identity_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/limits.h"

namespace ringway::tmp {

namespace {

constexpr unsigned kPrivate = 0600;
constexpr unsigned kPublic = 0644;

Error file_error(const std::string& path, std::string_view what) {
  return internal_error(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Status store_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return file_error(path, "cannot be opened");
  const Status status = ::fsync(directory) == 0 ? Status() : Status(file_error(path, "cannot be stored"));
  ::close(directory);
  return status;
}

/// Writes all of `file`, which is `path`, and closes it.
Status fill_file(int file, const std::string& path, std::string_view text, unsigned mode) {
  const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool stored = whole && ::fchmod(file, mode) == 0 && ::fsync(file) == 0;
  const Status status = stored ? Status() : Status(file_error(path, "cannot be written"));
  ::close(file);
  return status;
}

Result<std::string> read_private_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return internal_error(fmt::format("{}: {}", path, std::strerror(errno)));
  const unsigned mode = status.st_mode & 07777U;
  if ((mode & 077U) != 0) {
    return internal_error(
        fmt::format("{0}: others than its owner may use it (mode {1:04o}), and who has it can make identities; do: "
                    "chmod 600 {0}",
                    path, mode));
  }
  return read_file(path, limits::kMaxPemOctets);
}

using Place = int (*)(const char* from, const char* to);

/// Writes it under another name and then puts it into its place.
Status write_and_place(const std::string& path, std::string_view text, unsigned mode, Place place) {
  std::string unplaced = path + ".XXXXXX";
  const int file = ::mkostemp(unplaced.data(), O_CLOEXEC);
  if (file < 0) return file_error(path, "cannot be made");
  Status status = fill_file(file, path, text, mode);
  if (status && place(unplaced.c_str(), path.c_str()) != 0) status = file_error(path, "cannot be made");
  ::unlink(unplaced.c_str());  // where it was renamed, nothing is there
  return status ? store_directory(parent_of(path)) : status;
}

struct AuthorityPaths {
  std::string certificate;
  std::string key;
};

/// The key first: a certificate without its key would look like an authority and could sign nothing.
Result<OpenedAuthority> make_authority_files(const AuthorityPaths& paths, WallTime now) {
  std::string key;
  const bool has_key = exists(paths.key);
  if (has_key) {
    Result<std::string> read = read_private_file(paths.key);
    if (!read) return read.error();
    key = std::move(*read);
  }
  Result<Authority> authority = make_authority(now, key);
  if (!authority) return internal_error(fmt::format("{}: {}", paths.key, authority.error().message));
  if (!has_key) {
    if (const Status written = write_new_file(paths.key, authority->key, kPrivate); !written) return written.error();
  }
  const Status written = write_new_file(paths.certificate, authority->certificate, kPublic);
  if (!written) return written.error();
  return OpenedAuthority{std::move(*authority), AuthorityOrigin::made};
}

Result<OpenedAuthority> read_authority_files(const AuthorityPaths& paths) {
  Result<std::string> certificate = read_file(paths.certificate, limits::kMaxPemOctets);
  if (!certificate) return certificate.error();
  Result<std::string> key = read_private_file(paths.key);
  if (!key) return key.error();
  Authority authority = {std::move(*certificate), std::move(*key)};
  if (const Status good = check_authority(authority); !good) {
    return internal_error(fmt::format("{}, {}: {}", paths.certificate, paths.key, good.error().message));
  }
  return OpenedAuthority{std::move(authority), AuthorityOrigin::found};
}

}  // namespace

Status write_new_file(const std::string& path, std::string_view text, unsigned mode) {
  return write_and_place(path, text, mode, ::link);
}

Status replace_file(const std::string& path, std::string_view text, unsigned mode) {
  return write_and_place(path, text, mode, ::rename);
}

Result<OpenedAuthority> open_authority(const std::string& directory, WallTime now) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return internal_error(fmt::format("{}: cannot be made: {}", directory, failed.message()));
  const AuthorityPaths paths = {directory + "/ca.pem", directory + "/ca.key"};
  return exists(paths.certificate) ? read_authority_files(paths) : make_authority_files(paths, now);
}

Result<MadeIdentity> make_identity_files(const std::string& directory, const PeerIdentity& identity, WallTime now) {
  const std::string place = directory + "/";
  MadeIdentity made;
  made.files = {place + identity.name + ".pem", place + identity.name + ".key", place + "ca.pem"};
  if (!valid_gateway_name(identity.name) || identity.name == "ca") {
    return internal_error(fmt::format("'{}' is no gateway's name: 1 to {} letters, digits, '-', '_' and '.', not 'ca'",
                                      identity.name, kMaxGatewayNameOctets));
  }
  if (exists(made.files.certificate)) {
    return internal_error(made.files.certificate + ": exists; remove it to have another made for the same key");
  }
  const Result<OpenedAuthority> opened = open_authority(directory, now);
  if (!opened) return opened.error();
  made.authority = opened->origin;
  std::string own_key;
  if (exists(made.files.key)) {
    Result<std::string> read = read_file(made.files.key, limits::kMaxPemOctets);
    if (!read) return read.error();
    own_key = std::move(*read);
  }
  const Result<IdentityPem> pem = make_identity(opened->authority, {identity, kIdentityLife, {}}, now, own_key);
  if (!pem) return internal_error(fmt::format("{}: {}", directory, pem.error().message));
  if (own_key.empty()) {
    if (const Status written = write_new_file(made.files.key, pem->key, kPrivate); !written) return written.error();
  }
  if (const Status written = write_new_file(made.files.certificate, pem->certificate, kPublic); !written) {
    return written.error();
  }
  return made;
}

}  // namespace ringway::tmp
