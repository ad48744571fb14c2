#pragma once
// One query in, one answer out (RFC 1035 §7.1): reads it, decides what it deserves, guards against who forges, and
// writes.
//
//   octets ─▶ read_query ─▶ decide: zone, finding, outcome ─▶ guard: cookie, rate ─▶ write: records, OPT ─▶ octets
//
// What is answered depends on the zones, the steering and who asks, on nothing that was asked before. No recursion, no
// following of aliases (RFC 7871 §7.2.1 wants none: the answer's scope would be of two names), no transfers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "redirector_dns/counters.h"
#include "redirector_dns/guard/cookies.h"
#include "redirector_dns/guard/rate_limiter.h"
#include "redirector_dns/steered.h"
#include "redirector_dns/steered_records.h"
#include "redirector_dns/wire/message_writer.h"
#include "redirector_dns/wire/query.h"
#include "redirector_dns/zone/zone_set.h"

namespace ringway::dns {

enum class Transport : std::uint8_t { udp, tcp };

/// Who sent the query, and how.
struct Sender {
  IpAddress address;
  Transport transport = Transport::udp;
};

struct Moment {
  Time now;
  std::uint32_t wall_s = 0;  // since 1970
};

struct ResponderSettings {
  std::string nsid;  // which redirector this is (RFC 5001); at most limits::kMaxNsidOctets; empty: untold
  std::optional<CookieSecrets> cookies;  // none: cookies are passed over
  RateSettings rate;
  SipKey rate_key{};
  /// How long an idle connection is kept (RFC 7828), for who asks; 0: untold.
  std::chrono::milliseconds tcp_idle{0};
};

struct Reply {
  std::size_t octets = 0;  // 0: nothing is sent
  Outcome outcome = Outcome::ignored;
  std::size_t zone = ZoneSet::kNoZone;  // its index
  RecordType type{};                    // that was asked for, if any
};

/// For one thread; each worker has its own.
class Responder {
 public:
  /// `steering` outlives the responder.
  Responder(ResponderSettings settings, Steering& steering);

  /// From the next query on. What was counted of zones that stay is kept, what was of others goes with them.
  void set_zones(std::shared_ptr<const ZoneSet> zones);
  void set_cookies(const std::optional<CookieSecrets>& secrets) { settings_.cookies = secrets; }

  /// Writes the answer into `out`: of limits::kMinDnsAnswerOctets at least, apart from `query`, and with room for what
  /// the transport carries, 65535 octets by TCP. By UDP at most limits::kDnsUdpOctets are written, and what the asker
  /// takes.
  Reply respond(const Sender& sender, Moment moment, Bytes query, MutableBytes out);

  [[nodiscard]] const ZoneSet& zones() const { return *zones_; }
  /// Of all queries there ever were.
  [[nodiscard]] const OutcomeCounts& counts() const { return counts_; }
  /// `zone` is an index in zones().
  [[nodiscard]] const OutcomeCounts& counts_of(std::size_t zone) const { return zone_counts_[zone]; }
  /// Of queries that asked for no zone here.
  [[nodiscard]] const OutcomeCounts& counts_outside() const { return outside_counts_; }

 private:
  /// One query on its way to an answer.
  struct Case;

  void decide(Verdict verdict, Case& work) const;
  [[nodiscard]] std::optional<Outcome> outcome_without_zones(Verdict verdict, const Query& query) const;
  void decide_by_zone(Case& work) const;
  [[nodiscard]] bool guard(Case& work);
  void check_cookie(Case& work) const;
  [[nodiscard]] RateLimiter::Pass check_rate(const Case& work);
  void prepare_edns(Case& work) const;
  [[nodiscard]] std::optional<ExtendedError> error_of(const Case& work) const;
  std::size_t write(Case& work, MutableBytes out);
  [[nodiscard]] bool write_records(Case& work, MessageWriter& writer);
  [[nodiscard]] bool write_steered(Case& work, MessageWriter& writer);
  [[nodiscard]] static bool write_renamed(Case& work, MessageWriter& writer);
  [[nodiscard]] static bool write_negative(const Case& work, MessageWriter& writer);
  [[nodiscard]] static bool write_referral(const Case& work, MessageWriter& writer);
  void count(const Reply& reply);

  ResponderSettings settings_;
  Steering& steering_;
  RateLimiter limiter_;
  std::shared_ptr<const ZoneSet> zones_;
  OutcomeCounts counts_;
  std::vector<OutcomeCounts> zone_counts_;
  OutcomeCounts outside_counts_;
  SteeredBuffer buffer_{};
};

}  // namespace ringway::dns
