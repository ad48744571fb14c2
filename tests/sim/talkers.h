#pragma once
// Two ends of a link that talk by a plan that both can look up, and a ledger that both write down what happened in.
// An end checks every octet it reads against the plan at once.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "tests/sim/network.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::sim {

/// What one end of a stream does.
struct EndPlan {
  std::uint64_t octets = 0;                  // to write, then FIN
  std::optional<std::uint64_t> abort_after;  // octets written, then both directions are aborted
  std::optional<std::uint64_t> stop_after;   // octets read, then no more are wanted
  Duration read_pause{};                     // between taking octets and giving them back
  Duration write_pause{};                    // between two writes
};

struct StreamPlan {
  EndPlan ends[2];  // the opener's, the acceptor's
  std::uint8_t ring = 2;
  std::uint32_t connection = 0;
};

/// How one end saw its stream go.
struct EndReport {
  std::uint64_t written = 0;
  std::uint64_t received = 0;
  bool begun = false;
  bool over = false;
  bool heard_end = false;
  bool heard_stop = false;
  bool left_early = false;  // it aborted, as planned
  std::optional<StreamCode> heard_abort;
};

/// The plans of all streams of a run, and what came of them.
class Ledger {
 public:
  std::uint32_t add(const StreamPlan& plan);
  [[nodiscard]] const StreamPlan& plan(std::uint32_t number) const { return entries_[number].plan; }
  [[nodiscard]] EndReport& report(std::uint32_t number, int end) { return entries_[number].reports[end]; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// The first thing that ever went wrong.
  void blame(const std::string& fault);
  [[nodiscard]] const std::string& fault() const { return fault_; }
  /// Every stream that was opened is over at both ends (the acceptor may never have heard of it).
  [[nodiscard]] bool all_over() const;
  /// Checks one stream's reports against its plan and says what is wrong.
  [[nodiscard]] std::string verdict(std::uint32_t number) const;

 private:
  struct Entry {
    StreamPlan plan;
    EndReport reports[2];
  };
  std::vector<Entry> entries_;
  std::string fault_;
};

class Talker;

/// One end of one stream.
class Leg final : public ByteStreamHandler {
 public:
  Leg(Talker& talker, std::uint32_t number, int end);
  void begin(std::unique_ptr<tmp::LinkStream> stream);

  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode code) override;
  void on_abort(const StreamEnd& end) override;
  /// Its machine stopped: it hears nothing more, and its stream says nothing more.
  void on_machine_stopped();

 private:
  [[nodiscard]] const EndPlan& plan() const;
  [[nodiscard]] const EndPlan& peer_plan() const;
  EndReport& report();
  void pump();
  void write_some();
  void check(const Slice& data);
  bool stop_if_planned();
  void give_back();
  void end_if_done();
  void leave();

  Talker* talker_;
  std::uint32_t number_;
  int end_;
  std::unique_ptr<tmp::LinkStream> stream_;
  Timer write_timer_;
  Timer read_timer_;
  std::size_t held_ = 0;  // read, not given back
  bool wrote_all_ = false;
  bool read_all_ = false;
};

/// A gateway in miniature: opens streams, takes streams, keeps the legs.
class Talker final : public tmp::LinkHandler {
 public:
  Talker(Node& node, Ledger& ledger) : node_(&node), ledger_(&ledger) {}

  void on_link_up(tmp::Link& link) override;
  void on_link_down(tmp::Link& link, const std::string& reason) override;
  void on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening) override;
  void on_link_draining(tmp::Link& link) override;
  void on_peer_expired(tmp::Link& link, tmp::WallTime expired) override;
  void on_peer_refused(const SocketAddress& remote, const std::string& reason) override;

  /// Opens stream `number` over the link that is up. False where there is none, or it takes no more now.
  bool open(std::uint32_t number);
  void drop(Leg& leg);
  /// As when the machine stops: no leg hears anything more.
  void forget_all();
  void forget_link() { link_ = nullptr; }

  [[nodiscard]] tmp::Link* link() const { return link_; }
  [[nodiscard]] std::size_t legs() const { return legs_.size(); }
  [[nodiscard]] std::size_t ups() const { return ups_; }
  [[nodiscard]] std::size_t downs() const { return downs_; }
  [[nodiscard]] std::size_t drains() const { return drains_; }
  [[nodiscard]] const std::string& last_reason() const { return last_reason_; }
  /// Why somebody was refused last.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  /// Handshakes that took a certificate that had expired.
  [[nodiscard]] std::size_t expired_peers() const { return expired_peers_; }
  [[nodiscard]] Node& node() { return *node_; }
  [[nodiscard]] Ledger& ledger() { return *ledger_; }

 private:
  Leg& add_leg(std::uint32_t number, int end);

  Node* node_;
  Ledger* ledger_;
  tmp::Link* link_ = nullptr;
  std::map<Leg*, std::unique_ptr<Leg>> legs_;
  std::size_t ups_ = 0;
  std::size_t downs_ = 0;
  std::size_t drains_ = 0;
  std::size_t expired_peers_ = 0;
  std::string last_reason_;
  std::string refusal_;
};

/// The octet at `offset` of what end `end` writes on stream `number`.
std::uint8_t pattern_octet(std::uint32_t number, int end, std::uint64_t offset);

}  // namespace ringway::sim
