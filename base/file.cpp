#include "base/file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace ringway {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error file_error(const std::string& path, int code) {
  return internal_error(fmt::format("{}: {}", path, std::strerror(code)));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_octets) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return file_error(path, errno);
  std::string text;
  char block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof block, file.get())) {
    text.append(block, count);
    if (text.size() > max_octets) return internal_error(fmt::format("{}: larger than {} octets", path, max_octets));
  }
  if (std::ferror(file.get()) != 0) return file_error(path, errno);  // a directory, for instance
  return text;
}

}  // namespace ringway
