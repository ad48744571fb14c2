#pragma once
// What lives, for telling what happens to a request (manager/rest/live_view.h).

#include "manager/fleet/fleet.h"
#include "manager/rest/live_view.h"

namespace ringway::manager {

class FleetView final : public LiveView {
 public:
  /// The fleet outlives it.
  explicit FleetView(const Fleet& fleet) : fleet_(fleet) {}

  [[nodiscard]] std::vector<LiveSeat> seats(const std::string& site, assigner::Role role) const override;
  [[nodiscard]] std::optional<LiveLink> link(const std::string& frontend, const std::string& backend) const override;
  [[nodiscard]] std::vector<LiveOrigin> origins(const std::string& site) const override;
  [[nodiscard]] std::optional<double> client_rtt_ms(const std::string& frontend,
                                                    const IpAddress& client) const override;

 private:
  const Fleet& fleet_;
};

}  // namespace ringway::manager
