#pragma once
// What the demo sees each second: its clients' figures, and what the manager says. It also does for the clients what
// the redirector will do: it asks the manager for the site's front-ends.

#include <optional>
#include <string>
#include <vector>

#include "cli/demo/cast.h"
#include "cli/demo/ground.h"

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
  DemoWatch(DemoCast& cast, DemoGround& ground) : cast_(cast), ground_(ground), looked_(Clock::now()) {}

  /// One look; a line for people.
  void look();
  /// What /v1/status said last; empty where the manager did not answer.
  [[nodiscard]] const config::TreeNode& status() const { return status_; }
  /// The site's, as of then.
  [[nodiscard]] std::vector<std::string> site_gateways(const char* side) const;
  /// The front-ends that clients are sent to, with their weights, as of then.
  [[nodiscard]] const std::vector<std::string>& chosen() const { return chosen_; }
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
  Clock::time_point looked_;
  config::TreeNode status_;
  std::vector<std::string> chosen_;
  DemoFigures present_;
  DemoFigures total_;
  int lines_ = 0;
};

}  // namespace ringway::cli
