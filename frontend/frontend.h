#pragma once
// The front-end gateway's room: what clients bring goes to the links of their sites. One per worker; sans-IO.

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/loop.h"
#include "base/metrics.h"
#include "frontend/client_connection.h"
#include "frontend/settings.h"
#include "frontend/tcp_tunnel.h"
#include "tmp_protocol/link.h"

namespace ringway::frontend {

class Frontend final : public tmp::LinkHandler {
 public:
  /// `access_log` may be null. All outlive the front-end. Numbers of client connections are
  /// `first_number`, `first_number` + `step`, …: workers share the numbers of one link.
  Frontend(std::shared_ptr<const Settings> settings, Loop loop, Metrics& metrics, http::AccessLog* access_log,
           std::uint32_t first_number = 1, std::uint32_t step = 1);
  ~Frontend() override;
  Frontend(const Frontend&) = delete;
  Frontend& operator=(const Frontend&) = delete;

  /// New requests go by the new settings; those in flight end by the old.
  void update(std::shared_ptr<const Settings> settings);
  /// The links by name of back-end; they outlive the front-end.
  void set_links(std::map<std::string, tmp::Link*> links);

  /// A client of an HTTP listener.
  void accept_http(std::unique_ptr<ByteStream> stream, const ClientInfo& client);
  /// A client of the raw TCP site of that name.
  void accept_tcp(const std::string& site, std::unique_ptr<ByteStream> stream, const ClientInfo& client);

  /// Idle connections close, the others after their answers.
  void drain();
  /// Breaks what is left.
  void abort_all();
  [[nodiscard]] const FrontendMetrics& metrics() const { return metrics_; }
  [[nodiscard]] std::size_t connections() const { return http_.size() + tcp_.size(); }
  /// Whether every site has at least one back-end whose link is up.
  [[nodiscard]] bool ready() const;

  void on_link_up(tmp::Link& link) override;
  void on_link_down(tmp::Link& link, const std::string& reason) override;
  void on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) override;
  void on_link_draining(tmp::Link& link) override;

 private:
  template <class Connection>
  using ConnectionSet = std::unordered_map<Connection*, std::unique_ptr<Connection>>;
  template <class Connection>
  void retire(ConnectionSet<Connection>& from, Connection& connection);
  std::uint32_t next_number();

  FrontendMetrics metrics_;
  ConnectionContext context_;
  ConnectionSet<ClientConnection> http_;
  ConnectionSet<TcpTunnel> tcp_;
  std::uint32_t number_;
  const std::uint32_t step_;
};

}  // namespace ringway::frontend
