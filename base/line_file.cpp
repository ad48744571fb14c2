#include "base/line_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace ringway {
namespace {

/// Unbuffered, so that each fwrite() is one write to the file: lines of several workers never mix.
Result<std::FILE*> open_for_appending(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return internal_error(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  std::setvbuf(file, nullptr, _IONBF, 0);
  return file;
}

}  // namespace

void StandardErrorSink::write(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

Result<std::unique_ptr<LineFile>> LineFile::open(const std::string& path) {
  if (path.empty()) return std::make_unique<LineFile>(stdout, path);
  const Result<std::FILE*> file = open_for_appending(path);
  if (!file) return file.error();
  return std::make_unique<LineFile>(*file, path);
}

LineFile::LineFile(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

LineFile::~LineFile() {
  flush();
  if (!path_.empty()) std::fclose(file_);
}

void LineFile::write(std::string_view line) {
  waiting_ += line;
  waiting_ += '\n';
  ++waiting_lines_;
  if (waiting_.size() >= kGatherOctets) flush();
}

void LineFile::flush() {
  if (waiting_.empty()) return;
  const bool whole = std::fwrite(waiting_.data(), 1, waiting_.size(), file_) == waiting_.size();
  if (!whole || std::fflush(file_) != 0) dropped_ += waiting_lines_;
  std::clearerr(file_);
  waiting_.clear();
  waiting_lines_ = 0;
}

Status LineFile::reopen() {
  flush();
  if (path_.empty()) return {};
  const Result<std::FILE*> file = open_for_appending(path_);
  if (!file) return file.error();
  std::fclose(file_);
  file_ = *file;
  return {};
}

}  // namespace ringway
