#include "cli/access_log_file.h"

#include <utility>

namespace ringway::cli {

namespace {

/// How long a line may wait for others to be written with it.
constexpr Duration kFlushDelay = std::chrono::milliseconds(100);

}  // namespace

Result<std::unique_ptr<AccessLogFile>> AccessLogFile::open(net::Worker& worker, const AccessLogSettings& settings) {
  if (settings.format == AccessLogFormat::off) return std::unique_ptr<AccessLogFile>();
  Result<std::unique_ptr<LineFile>> file = LineFile::open(settings.path);
  if (!file) return file.error();
  const auto format = settings.format == AccessLogFormat::json ? http::AccessFormat::json : http::AccessFormat::clf;
  return std::make_unique<AccessLogFile>(worker, std::move(file).value(), format);
}

AccessLogFile::AccessLogFile(net::Worker& worker, std::unique_ptr<LineFile> file, http::AccessFormat format)
    : worker_(worker),
      file_(std::move(file)),
      format_(format),
      flush_timer_(worker.loop().timers, [this] { file_->flush(); }) {}

AccessLogFile::~AccessLogFile() { file_->flush(); }

void AccessLogFile::write(const http::AccessRecord& record) {
  file_->write(http::format_access(record, format_, revision_));
  if (!flush_timer_.armed()) flush_timer_.arm(worker_.now() + kFlushDelay);
}

Status AccessLogFile::reopen() { return file_->reopen(); }

void AccessLogFile::collect(Metrics& metrics) const {
  metrics.counter("ringway_access_log_dropped_total", "Lines of the access log that the disk did not take.")
      .set_total(file_->dropped());
}

}  // namespace ringway::cli
