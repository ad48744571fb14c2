#pragma once
// The access log of one gateway process, as its settings say.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/gateway_settings.h"
#include "base/line_file.h"
#include "base/metrics.h"
#include "base/timer_queue.h"
#include "http/access_log.h"
#include "net/worker.h"

namespace ringway::cli {

class AccessLogFile final : public http::AccessLog {
 public:
  /// Null where the settings switch it off. The worker outlives it.
  static Result<std::unique_ptr<AccessLogFile>> open(net::Worker& worker, const AccessLogSettings& settings);
  AccessLogFile(net::Worker& worker, std::unique_ptr<LineFile> file, http::AccessFormat format);
  ~AccessLogFile() override;

  void write(const http::AccessRecord& record) override;
  /// Stands in every line from now on.
  void set_revision(std::uint64_t revision) { revision_ = revision; }
  /// After a rotation.
  Status reopen();
  /// What became of its lines, into `metrics`.
  void collect(Metrics& metrics) const;

 private:
  net::Worker& worker_;
  std::unique_ptr<LineFile> file_;
  http::AccessFormat format_;
  std::optional<std::uint64_t> revision_;
  Timer flush_timer_;
};

}  // namespace ringway::cli
