#pragma once
// What is known of one gateway while it lives: who it is connected by, what it has in use, and what it says of itself.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/time.h"
#include "manager/assigner/measurements.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

class AgentSession;
using SectionsPtr = std::shared_ptr<const agent::Sections>;

/// Of one site at one gateway, each second.
struct SiteRates {
  double requests = 0;
  double refused = 0;
  double errors = 0;
  std::vector<double> rings;
};

/// Counts since a gateway began as rates; a gateway that began anew starts from 0.
class NodeRates {
 public:
  void hear(const agent::Report& report, Time now);

  double exchanges = 0;
  double octets = 0;
  std::map<std::string, SiteRates> sites;

  /// Reports that come in a bunch, as after a pause of the network, count as one.
  static constexpr Duration kLeastGap = std::chrono::milliseconds(300);

 private:
  agent::Report before_;
  Time at_{};
  bool heard_ = false;
};

/// What was made of the contents that a gateway was sent.
enum class ContentStage : std::uint8_t { none, validated, applied, refused };
std::string_view content_stage_name(ContentStage stage);

struct Refused {
  agent::ContentMark mark;
  std::string reason;
};

struct Node {
  AgentSession* session = nullptr;  // null: it is away
  std::string release;
  Time since{};  // it is connected, or it is not
  Time heard{};
  agent::ContentMark in_use;
  SectionsPtr sections;                          // of what is in use, where they are known
  std::optional<agent::ContentMark> on_its_way;  // sent, and neither applied nor refused
  SectionsPtr sent_sections;
  Time sent{};
  std::vector<Refused> refused;  // the last ones
  ContentStage stage = ContentStage::none;
  std::uint64_t wanted = 0;  // the revision that it is to have; 0: none
  bool foreign = false;      // it has contents that this manager's history does not have
  agent::Report report;      // the last
  NodeRates rates;
};
/// As one that was not heard of yet.
void forget_reports(Node& node);
/// Contents that one gateway refused and that are remembered.
inline constexpr std::size_t kMaxRefused = 16;
void refuse(Node& node, Refused refused);
/// What it said of contents with this hash; null where it has not refused them.
[[nodiscard]] Refused* find_refused(Node& node, const std::string& hash);
/// Why it does not take the revision; null where it does, or has not said so.
[[nodiscard]] const Refused* refusal_of(const Node& node, std::uint64_t revision);

using Nodes = std::map<tmp::PeerIdentity, Node>;

/// Gateways and redirectors have one; users and managers do not.
[[nodiscard]] bool has_agent(tmp::Role role);
/// The kind of resource that names agents of this role (manager/resources/kinds.h).
[[nodiscard]] const char* kind_of(tmp::Role role);

/// A report as the assigner takes it.
[[nodiscard]] assigner::GatewayFigures figures_of(const Node& node);

}  // namespace ringway::manager
