#include "manager/store/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ringway::manager {

namespace {

Error file_error(const std::string& path) { return internal_error(fmt::format("{}: {}", path, std::strerror(errno))); }

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Status fill(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return file_error(path);
  Status status;
  if (!write_all(file, text) || ::fsync(file) != 0) status = file_error(path);
  ::close(file);
  return status;
}

}  // namespace

Status write_durably(const std::string& path, std::string_view text) {
  const std::string partial = path + ".partial";
  if (::unlink(partial.c_str()) != 0 && errno != ENOENT) return file_error(partial);
  Status status = fill(partial, text);
  if (status.ok() && std::rename(partial.c_str(), path.c_str()) != 0) status = file_error(path);
  if (!status) {
    ::unlink(partial.c_str());
    return status;
  }
  return flush_folder_of(path);
}

Status flush_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_error(folder);
  Status status;
  if (::fsync(descriptor) != 0) status = file_error(folder);
  ::close(descriptor);
  return status;
}

}  // namespace ringway::manager
