#pragma once
// The redirector of a process from its first to its last moment: with its agent where it has a manager, and given away
// to the next process where that asks for it.

#include <memory>
#include <optional>
#include <string>

#include "agent/last_good.h"
#include "base/log.h"
#include "cli/dns/dns_server.h"
#include "cli/dns/handover.h"
#include "cli/gateway_agent.h"

namespace ringway::cli {

/// Whether it takes the place of one that runs.
enum class Start : std::uint8_t { alone, take_over };

class Redirector final : private HandoverUser {
 public:
  Redirector(net::Worker& worker, LineSink& sink, std::shared_ptr<const dns::Settings> settings, std::string path);

  /// Once; what it takes over from goes on where this fails.
  Status start(Start start);
  void on_signal(int number);

 private:
  const DnsSockets& on_handover_begun() override;
  [[nodiscard]] TableLegacy tables() const override { return server_->tables(); }
  void on_handed_over() override;
  void on_handover_failed(const std::string& reason) override;

  Status open_server();
  /// What only one process can have beside the sockets.
  Status open_agent();
  Status open_disk();
  Status open_offer();
  void reload();
  void stop_agent();
  void look_at_connections();

  net::Worker& worker_;
  LineSink& sink_;
  std::shared_ptr<const dns::Settings> settings_;  // as it began
  std::string path_;
  Log log_;
  std::optional<agent::LastGood> disk_;
  agent::Content in_use_;  // of a manager, while there is no agent
  std::unique_ptr<DnsServer> server_;
  std::unique_ptr<GatewayAgent> agent_;
  std::unique_ptr<HandoverOffer> offer_;
  Time leaves_at_ = kNever;
  Timer leaving_;
};

}  // namespace ringway::cli
