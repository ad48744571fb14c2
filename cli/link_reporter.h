#pragma once
// Tells the log what happens to links, and passes everything on to the room that uses them.

#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "net/tmp_driver.h"
#include "tmp_protocol/link.h"

namespace ringway::cli {

class LinkReporter final : public tmp::LinkHandler {
 public:
  /// All outlive it.
  LinkReporter(Log& log, Metrics& metrics) : log_(log), metrics_(metrics) {}
  /// Set before anything happens on a link.
  void set_next(tmp::LinkHandler& next) { next_ = &next; }

  void on_link_up(tmp::Link& link) override;
  void on_link_down(tmp::Link& link, const std::string& reason) override;
  void on_link_travel(tmp::Link& link, tmp::Travel travel, const std::string& reason) override;
  void on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) override;
  void on_link_draining(tmp::Link& link) override;
  void on_peer_expired(tmp::Link& link, tmp::WallTime expired) override;
  void on_carrier_fault(const SocketAddress& remote, const std::string& reason) override;
  void on_peer_refused(const SocketAddress& remote, const std::string& reason) override;

 private:
  Log& log_;
  Metrics& metrics_;
  tmp::LinkHandler* next_ = nullptr;
};

/// Brings the metrics of every link and of the UDP socket up to date; called before an exposition.
void collect_link_metrics(Metrics& metrics, net::TmpDriver& driver, const std::vector<tmp::Link*>& links);
/// The same for what the process as a whole holds.
void collect_process_metrics(Metrics& metrics);

}  // namespace ringway::cli
