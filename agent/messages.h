#pragma once
// What a gateway's agent and the manager say to each other over one lasting TLS connection that proves both ends:
// JSON texts, each behind its length (4 octets, network order).
//
//   agent                                manager
//     hello ───────────────────────────────▶      which release, what is in use
//     ◀─────────────────────────── welcome        whose certificates are taken no more; again when that changes
//     ◀─────────────────────────── content        what is to be in use, or what of it changed; in parts
//     status ──────────────────────────────▶      validated, applied, or refused with the reason
//     report ──────────────────────────────▶      each second
//     ◀─────────────────────────────── order      close a link, drain, go on
//     ◀─────────────────────────────── table      to redirectors: what they steer by, each second
//     request ─────────────────────────────▶      a certificate: renewed, or the first one for a token's secret
//     ◀──────────────────────────── issued        it, or why not
//
// Who has no certificate yet may send a request with a token's secret, and nothing else.
//
// Either end passes over keys and messages that it does not know: a release speaks to the one before and after it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/content.h"
#include "base/byte_queue.h"
#include "base/result.h"

namespace ringway::agent {

/// Which content: that of a revision, compiled for one gateway by the assignment of then.
struct ContentMark {
  std::uint64_t epoch = 0;     // of the manager that leads: what is of an older one than that in use is not taken
  std::uint64_t revision = 0;  // 0: none
  std::string chain;           // the revision's hash: tells it from one of the same number in another history
  std::uint64_t turn = 0;      // of the assignment: grows while the revision is the same
  std::string hash;            // of the sections; empty: there are none
  friend bool operator==(const ContentMark&, const ContentMark&) = default;
};

struct Hello {
  std::string release;  // "0.1.0"
  ContentMark in_use;
};

struct Section {
  std::string name;
  std::string text;  // JSON; empty: it is to go
};

/// A part of the sections that change; they count when the last part is there. A long section goes on in the next part,
/// under its name again.
struct ContentPart {
  ContentMark mark;  // of the whole
  std::string base;  // hash of what they change; empty: nothing, this is all
  std::vector<Section> sections;
  bool last = true;
};

/// Certificates that are taken no more (tmp::Revocations).
struct Welcome {
  std::vector<std::string> revoked_serials;
  std::vector<std::string> revoked_identities;  // "frontend:pop-1"
};

enum class Stage : std::uint8_t { validated, applied, refused };

struct ContentStatus {
  ContentMark mark;
  Stage stage = Stage::applied;
  std::string reason;  // refused: everything that is wrong, as with a file
};

enum class OrderKind : std::uint8_t { close_link, drain, undrain };

struct Order {
  OrderKind kind = OrderKind::drain;
  std::string peer;  // of the link
};

/// The texts of a steering table (redirector_dns/steering/table_text.h): the atlas comes when it has changed, and to a
/// redirector that has just said hello; the levels come each second, behind the atlas that they name.
enum class TableText : std::uint8_t { atlas, levels };

struct TablePart {
  TableText kind = TableText::levels;
  std::string text;
  bool last = true;  // of this text
};

/// A certificate that is wanted.
struct CertificateRequest {
  std::string secret;   // of an enrolment token, hexadecimal; empty: a renewal
  std::string request;  // PKCS #10, PEM
};

struct Issued {
  std::string certificate;  // PEM; empty: refused
  std::string refusal;
};

/// One origin of a site, as a back-end sees it.
struct OriginReport {
  std::string name;
  std::uint32_t pending = 0;
  std::uint32_t capacity = 0;  // of pending
  std::uint64_t served = 0;    // since the gateway began
  std::uint64_t failed = 0;
  bool up = true;  // not left alone
};

/// Counts are since the gateway began.
struct SiteReport {
  std::string name;
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;          // 503 for want of room
  std::uint64_t errors = 0;           // 5xx
  std::uint32_t p95_ms = 0;           // of the last seconds
  std::vector<std::uint64_t> rings;   // requests by ring
  std::vector<OriginReport> origins;  // back-ends
};

/// A port of a front-end that takes clients by TLS.
struct SecureEntrance {
  std::uint16_t port = 0;
  std::vector<std::string> alpn;   // what may be selected (RFC 7301)
  std::vector<std::string> sites;  // whose hosts are all in its certificate; in order
  friend bool operator==(const SecureEntrance&, const SecureEntrance&) = default;
};

struct LinkReport {
  std::string peer;
  std::uint32_t rtt_us = 0;
  double loss_out = 0;  // 0 to 1
  double loss_in = 0;
  double used = 0;              // of its capacity, 0 to 1
  std::uint32_t silent_ms = 0;  // since packets of the peer came; it may be idle, and it may be gone
};

/// Clients of one network (/24, /48): the kernel's round-trip times at accept.
struct ClientReport {
  std::string network;
  std::uint32_t count = 0;
  std::uint32_t rtt_us = 0;  // the median
};

/// A resolver that asks without saying for whom.
struct ResolverReport {
  std::string address;
  std::uint32_t queries = 0;  // since the report before
};

/// What a redirector has answered.
struct SteeringReport {
  std::uint64_t table = 0;                // the number of the levels that it answers by; 0: none of a manager's
  std::uint64_t queries = 0;              // since it began
  std::vector<std::uint64_t> pops;        // steered answers since it began, as in that table's atlas
  std::vector<ResolverReport> resolvers;  // the busiest
};

struct Report {
  std::string state = "serving";  // "draining"
  double cpu = 0;                 // of all workers, 0 to 1
  std::uint64_t memory_octets = 0;
  std::uint64_t exchanges = 0;  // since it began
  std::uint64_t octets = 0;     // both ways, since it began
  std::uint32_t connections = 0;
  std::vector<SiteReport> sites;
  std::vector<LinkReport> links;
  std::vector<ClientReport> clients;
  std::vector<SecureEntrance> secure_entrances;  // front-ends
  std::optional<SteeringReport> steering;        // redirectors
};

/// Exactly one is set; none where the message is of another release.
struct Message {
  std::optional<Hello> hello;
  std::optional<ContentPart> content;
  std::optional<ContentStatus> status;
  std::optional<Report> report;
  std::optional<Order> order;
  std::optional<Welcome> welcome;
  std::optional<CertificateRequest> request;
  std::optional<Issued> issued;
  std::optional<TablePart> table;
};

/// Appends the message with its length.
void write_message(ByteQueue& out, const Message& message);
/// Content as parts that are each below limits::kMaxAgentMessageOctets.
std::vector<Message> content_messages(const ContentMark& mark, const std::string& base, const SectionChanges& changes);
/// The text in parts of the same bound.
std::vector<Message> table_messages(TableText kind, std::string_view text);

/// Takes messages out of octets as they come.
class MessageReader {
 public:
  void add(Slice data) { octets_.append(std::move(data)); }
  /// The next message; nothing where more octets are needed. An error where they are none of ours: hang up.
  Result<std::optional<Message>> next();

 private:
  ByteQueue octets_;
};

}  // namespace ringway::agent
