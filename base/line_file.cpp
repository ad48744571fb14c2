#include "base/line_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ringway {
namespace {

/// Whether all of `text` was written. A full disk or a reader that is gone must not stop the gateway.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<int> open_for_appending(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return internal_error(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  return descriptor;
}

}  // namespace

void StandardErrorSink::write(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  write_all(STDERR_FILENO, whole);
}

Result<std::unique_ptr<LineFile>> LineFile::open(const std::string& path) {
  if (path.empty()) return std::make_unique<LineFile>(STDOUT_FILENO, path);
  const Result<int> descriptor = open_for_appending(path);
  if (!descriptor) return descriptor.error();
  return std::make_unique<LineFile>(*descriptor, path);
}

LineFile::~LineFile() {
  flush();
  if (!path_.empty()) ::close(descriptor_);
}

void LineFile::write(std::string_view line) {
  waiting_ += line;
  waiting_ += '\n';
  ++waiting_lines_;
  if (waiting_.size() >= kGatherOctets) flush();
}

void LineFile::flush() {
  if (waiting_.empty()) return;
  if (!write_all(descriptor_, waiting_)) dropped_ += waiting_lines_;
  waiting_.clear();
  waiting_lines_ = 0;
}

Status LineFile::reopen() {
  flush();
  if (path_.empty()) return {};
  const Result<int> descriptor = open_for_appending(path_);
  if (!descriptor) return descriptor.error();
  ::close(descriptor_);
  descriptor_ = *descriptor;
  return {};
}

}  // namespace ringway
