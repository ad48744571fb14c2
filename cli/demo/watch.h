#pragma once
// What the demo sees each second: its clients' figures, where the redirector sends them, and what the manager says.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/demo/cast.h"
#include "cli/demo/ground.h"
#include "cli/demo/lookup.h"

namespace ringway::cli {

/// One second, or several added up.
struct DemoFigures {
  double seconds = 0;
  LoadFigures clients;
  void add(const DemoFigures& other);
  [[nodiscard]] double requests_per_s() const;
};

/// "-" where there are none.
std::string median_text(const std::vector<double>& values);

class DemoWatch {
 public:
  /// `lookup` is the clients' resolver.
  DemoWatch(DemoCast& cast, DemoGround& ground, std::unique_ptr<DemoLookup> lookup)
      : cast_(cast), ground_(ground), lookup_(std::move(lookup)), looked_(Clock::now()) {}

  /// One look; a line for people.
  void look();
  /// What /v1/status said last; empty where the manager did not answer.
  [[nodiscard]] const config::TreeNode& status() const { return status_; }
  /// The site's, as of then.
  [[nodiscard]] std::vector<std::string> site_gateways(const char* side) const;
  /// How many of the networks near `pop` are sent to each front-end, as of then.
  [[nodiscard]] std::map<std::string, std::size_t> sent_from(std::string_view pop) const;
  /// Of all networks, to that front-end.
  [[nodiscard]] std::size_t sent_to(const std::string& frontend) const;
  /// Of the gateway as the manager sees it; empty: it is not known.
  [[nodiscard]] std::string gateway_state(const std::string& name) const;

  /// Since the last call.
  DemoFigures take();
  [[nodiscard]] const DemoFigures& total() const { return total_; }

 private:
  using Clock = std::chrono::steady_clock;

  void send_clients();
  void print(const DemoFigures& figures);

  DemoCast& cast_;
  DemoGround& ground_;
  std::unique_ptr<DemoLookup> lookup_;
  Clock::time_point looked_;
  config::TreeNode status_;
  DemoFigures present_;
  DemoFigures total_;
  int lines_ = 0;
};

}  // namespace ringway::cli
