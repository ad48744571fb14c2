#pragma once
// The back-end gateway's room: what links bring goes to the site's origins. One per worker; sans-IO.

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "backend/http_exchange.h"
#include "backend/settings.h"
#include "backend/site_service.h"
#include "backend/tcp_exchange.h"
#include "base/connector.h"
#include "base/loop.h"
#include "tmp_protocol/link.h"

namespace ringway::backend {

struct BackendCounters {
  std::uint64_t exchanges = 0;
  std::uint64_t refused = 0;  // streams for unknown sites, or from front-ends a site does not name
};

class Backend final : public tmp::LinkHandler {
 public:
  /// `access_log` may be null. All outlive the back-end.
  Backend(std::shared_ptr<const Settings> settings, Loop loop, Connector& connector, http::AccessLog* access_log);
  ~Backend() override;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  /// New exchanges go by the new settings; those in flight end by the old.
  void update(std::shared_ptr<const Settings> settings);

  void on_link_up(tmp::Link& link) override;
  void on_link_down(tmp::Link& link, const std::string& reason) override;
  void on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) override;
  void on_link_draining(tmp::Link& link) override;

  [[nodiscard]] std::size_t open_exchanges() const { return http_.size() + tcp_.size(); }
  [[nodiscard]] const BackendCounters& counters() const { return counters_; }
  [[nodiscard]] const std::map<std::string, std::shared_ptr<SiteService>>& sites() const { return sites_; }

 private:
  template <class Exchange>
  using ExchangeSet = std::unordered_map<Exchange*, std::unique_ptr<Exchange>>;
  template <class Exchange>
  void retire(ExchangeSet<Exchange>& from, Exchange& exchange);

  ExchangeContext context_;
  Connector& connector_;
  std::shared_ptr<const Settings> settings_;
  std::map<std::string, std::shared_ptr<SiteService>> sites_;
  ExchangeSet<HttpExchange> http_;
  ExchangeSet<TcpExchange> tcp_;
  BackendCounters counters_;
};

}  // namespace ringway::backend
