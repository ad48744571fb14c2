// Any octets as a query, by UDP and by TCP: no answer, or a well-formed one with the query's identifier, no longer than
// it may be and the same each time. And as a whole message: what was read as text is read again the same.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "redirector_dns/limits.h"
#include "redirector_dns/responder.h"
#include "redirector_dns/wire/message_reader.h"
#include "redirector_dns/wire/rdata.h"
#include "redirector_dns/wire/rdata_fields.h"
#include "redirector_dns/zone/master_file.h"

namespace {

using namespace ringway;       // NOLINT(google-build-using-namespace)
using namespace ringway::dns;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kZone = R"($TTL 1h
@ SOA ns hostmaster 1 1h 15m 1w 30
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
alias CNAME www
* TXT "any"
sub NS ns.sub
ns.sub A 192.0.2.60
gone DNAME a.very.long.name.that.the.names.below.it.become.example.org.
shop SITE shop
lost SITE lost
)";

class OneShop final : public Steering {
 public:
  OneShop() { shop_ = {v4_, v6_, "h2", 8443, 20, 20}; }
  const Steered* steer(std::string_view site, const Asker& asker) override {
    assert(asker.prefix_bits <= (asker.address.is_v4() ? 32U : 128U));
    return site == "shop" ? &shop_ : nullptr;
  }
  [[nodiscard]] bool is_stale() const override { return true; }

 private:
  std::vector<IpAddress> v4_{IpAddress::v4({198, 51, 100, 1})};
  std::vector<IpAddress> v6_{IpAddress::v6({0x20, 1, 0xd, 0xb8})};
  Steered shop_;
};

std::shared_ptr<const ZoneSet> make_zones() {
  config::Report report("zone", kZone);
  const Name apex = Name::parse("e.").value();
  return ZoneSet::make({read_master_file(kZone, apex, kFileZoneBounds, report)}).value();
}

Responder make_responder(Steering& steering) {
  ResponderSettings settings;
  settings.nsid = "n";
  settings.cookies = CookieSecrets{{1}, {}};
  Responder responder(settings, steering);
  responder.set_zones(make_zones());
  return responder;
}

void read_through(Bytes message) {
  MessageReader reader(message);
  Question question;
  for (std::uint32_t i = 0; i < reader.header().questions; ++i) {
    if (!reader.question(question)) return;
  }
  Record record;
  for (std::uint32_t i = 0; i < reader.header().records(); ++i) {
    if (!reader.record(record)) return;
    assert(is_well_formed(record.type, record.rdata));
    const Result<Name> name = Name::parse(record.owner.text());
    assert(name && name->view() == record.owner.view());
    assert(!rdata_text(record.type, record.rdata).empty() || record.rdata.empty());
  }
}

void expect_well_formed(Bytes answer, Bytes query) {
  assert(answer.size() >= kHeaderOctets && std::equal(answer.begin(), answer.begin() + 2, query.begin()));
  MessageReader reader(answer);
  assert(reader.header().is_response() && reader.header().questions <= 1);
  Question question;
  if (reader.header().questions == 1) {
    const bool read = reader.question(question);
    assert(read);
  }
  Record record;
  for (std::uint32_t i = 0; i < reader.header().records(); ++i) {
    const bool read = reader.record(record);
    assert(read);
  }
  assert(reader.at_end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static OneShop steering;
  static Responder responder = make_responder(steering);
  static std::vector<std::uint8_t> out(kMaxMessageOctets);
  if (size > kMaxMessageOctets) return 0;
  const Bytes query(data, size);
  if (size >= kHeaderOctets) read_through(query);
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    const Sender sender{IpAddress::v4({203, 0, 113, 9}), transport};
    const Reply reply = responder.respond(sender, {Time{}, 1'700'000'000}, query, out);
    assert((reply.octets == 0) == (reply.outcome == Outcome::ignored));
    if (reply.octets == 0) continue;
    assert(transport == Transport::tcp || reply.octets <= limits::kDnsUdpOctets);
    const std::vector<std::uint8_t> first(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(reply.octets));
    expect_well_formed(first, query);
    const Reply again = responder.respond(sender, {Time{}, 1'700'000'000}, query, out);
    assert(again.octets == reply.octets && std::equal(first.begin(), first.end(), out.begin()));
  }
  return 0;
}
