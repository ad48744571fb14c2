#pragma once
// Lines to a file or to standard output or error: where the log and the access log go.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"

namespace ringway {

/// Each line is written at once, whole: for the log.
class StandardErrorSink final : public LineSink {
 public:
  void write(std::string_view line) override;
};

/// Gathers lines and writes them together: for the access log. One per worker; several may append to one file.
/// Lines are dropped, and counted, when the disk takes none: serving goes on.
class LineFile final : public LineSink {
 public:
  /// Opens `path` for appending; empty is standard output.
  static Result<std::unique_ptr<LineFile>> open(const std::string& path);
  /// Closes `file` in the end, unless `path` is empty.
  LineFile(std::FILE* file, std::string path);
  ~LineFile() override;
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  /// Kept until flush(), or until kGatherOctets are waiting.
  void write(std::string_view line) override;
  /// Writes what waits; once a turn or once a second.
  void flush();
  /// After the file was renamed by a log rotation: what follows goes to a new one of the same name.
  Status reopen();
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  static constexpr std::size_t kGatherOctets = 64U << 10;

 private:
  std::FILE* file_;
  std::string path_;
  std::string waiting_;
  std::uint64_t waiting_lines_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace ringway
