#pragma once
// What lives, for telling what happens to a request (manager/rest/live_view.h).

#include "manager/fleet/fleet.h"
#include "manager/rest/live_view.h"
#include "manager/steering/publisher.h"

namespace ringway::manager {

class FleetView final : public LiveView {
 public:
  /// Both outlive it.
  FleetView(const Fleet& fleet, const Publisher& publisher) : fleet_(fleet), publisher_(publisher) {}

  [[nodiscard]] std::vector<LiveSeat> seats(const std::string& site, assigner::Role role) const override;
  [[nodiscard]] std::optional<LiveLink> link(const std::string& frontend, const std::string& backend) const override;
  [[nodiscard]] std::vector<LiveOrigin> origins(const std::string& site) const override;
  [[nodiscard]] std::optional<double> client_rtt_ms(const std::string& frontend,
                                                    const IpAddress& client) const override;
  [[nodiscard]] std::optional<LiveSteering> steering(const std::string& site, const IpAddress& client) const override;

 private:
  const Fleet& fleet_;
  const Publisher& publisher_;
};

}  // namespace ringway::manager
