#include "agent/messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/config_json.h"
#include "base/config_reader.h"
#include "base/limits.h"

namespace ringway::agent {

namespace {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

constexpr std::size_t kMaxItems = 100'000;

template <class T>
Type<T> number() {
  return whole_number<T>(0);
}

Type<double> share() { return fraction(0, 1); }

Type<ContentMark> mark_type() {
  return Object<ContentMark>("mark")
      .optional("epoch", &ContentMark::epoch, number<std::uint64_t>(), "")
      .optional("revision", &ContentMark::revision, number<std::uint64_t>(), "")
      .optional("chain", &ContentMark::chain, any_text(), "")
      .optional("turn", &ContentMark::turn, number<std::uint64_t>(), "")
      .optional("hash", &ContentMark::hash, any_text(), "");
}

Type<Hello> hello_type() {
  return Object<Hello>("hello")
      .required("release", &Hello::release, any_text(), "")
      .optional("in_use", &Hello::in_use, mark_type(), "");
}

Type<ContentPart> content_type() {
  const Type<Section> section = Object<Section>("section")
                                    .required("name", &Section::name, any_text(), "")
                                    .optional("text", &Section::text, any_text(), "");
  return Object<ContentPart>("content")
      .required("mark", &ContentPart::mark, mark_type(), "")
      .optional("base", &ContentPart::base, any_text(), "")
      .optional("sections", &ContentPart::sections, list(section, 0, kMaxItems), "")
      .optional("last", &ContentPart::last, boolean(), "");
}

Type<ContentStatus> status_type() {
  return Object<ContentStatus>("status")
      .required("mark", &ContentStatus::mark, mark_type(), "")
      .required(
          "stage", &ContentStatus::stage,
          choice<Stage>({{"validated", Stage::validated}, {"applied", Stage::applied}, {"refused", Stage::refused}}),
          "")
      .optional("reason", &ContentStatus::reason, any_text(), "");
}

Type<Order> order_type() {
  return Object<Order>("order")
      .required(
          "kind", &Order::kind,
          choice<OrderKind>(
              {{"close_link", OrderKind::close_link}, {"drain", OrderKind::drain}, {"undrain", OrderKind::undrain}}),
          "")
      .optional("peer", &Order::peer, any_text(), "");
}

Type<Welcome> welcome_type() {
  return Object<Welcome>("welcome")
      .optional("revoked_serials", &Welcome::revoked_serials, list(any_text(), 0, kMaxItems), "")
      .optional("revoked_identities", &Welcome::revoked_identities, list(any_text(), 0, kMaxItems), "");
}

Type<CertificateRequest> request_type() {
  return Object<CertificateRequest>("request")
      .optional("secret", &CertificateRequest::secret, any_text(), "")
      .required("request", &CertificateRequest::request, any_text(), "");
}

Type<Issued> issued_type() {
  return Object<Issued>("issued")
      .optional("certificate", &Issued::certificate, any_text(), "")
      .optional("refusal", &Issued::refusal, any_text(), "");
}

Type<TablePart> table_type() {
  return Object<TablePart>("table")
      .required("kind", &TablePart::kind,
                choice<TableText>({{"atlas", TableText::atlas}, {"levels", TableText::levels}}), "")
      .required("text", &TablePart::text, any_text(), "")
      .optional("last", &TablePart::last, boolean(), "");
}

Type<OriginReport> origin_report_type() {
  return Object<OriginReport>("origin report")
      .required("name", &OriginReport::name, any_text(), "")
      .optional("pending", &OriginReport::pending, number<std::uint32_t>(), "")
      .optional("capacity", &OriginReport::capacity, number<std::uint32_t>(), "")
      .optional("served", &OriginReport::served, number<std::uint64_t>(), "")
      .optional("failed", &OriginReport::failed, number<std::uint64_t>(), "")
      .optional("up", &OriginReport::up, boolean(), "");
}

Type<SiteReport> site_report_type() {
  return Object<SiteReport>("site report")
      .required("name", &SiteReport::name, any_text(), "")
      .optional("requests", &SiteReport::requests, number<std::uint64_t>(), "")
      .optional("refused", &SiteReport::refused, number<std::uint64_t>(), "")
      .optional("errors", &SiteReport::errors, number<std::uint64_t>(), "")
      .optional("p95_ms", &SiteReport::p95_ms, number<std::uint32_t>(), "")
      .optional("rings", &SiteReport::rings, list(number<std::uint64_t>(), 0, kMaxItems), "")
      .optional("origins", &SiteReport::origins, list(origin_report_type(), 0, kMaxItems), "");
}

Type<SecureEntrance> secure_entrance_type() {
  return Object<SecureEntrance>("secure entrance")
      .required("port", &SecureEntrance::port, number<std::uint16_t>(), "")
      .required("alpn", &SecureEntrance::alpn, list(any_text(), 0, kMaxItems), "")
      .optional("sites", &SecureEntrance::sites, list(any_text(), 0, kMaxItems), "");
}

Type<LinkReport> link_report_type() {
  return Object<LinkReport>("link report")
      .required("peer", &LinkReport::peer, any_text(), "")
      .optional("rtt_us", &LinkReport::rtt_us, number<std::uint32_t>(), "")
      .optional("loss_out", &LinkReport::loss_out, share(), "")
      .optional("loss_in", &LinkReport::loss_in, share(), "")
      .optional("used", &LinkReport::used, share(), "")
      .optional("silent_ms", &LinkReport::silent_ms, number<std::uint32_t>(), "");
}

Type<ClientReport> client_report_type() {
  return Object<ClientReport>("client report")
      .required("network", &ClientReport::network, any_text(), "")
      .optional("count", &ClientReport::count, number<std::uint32_t>(), "")
      .optional("rtt_us", &ClientReport::rtt_us, number<std::uint32_t>(), "");
}

Type<SteeringReport> steering_report_type() {
  const Type<ResolverReport> resolver = Object<ResolverReport>("resolver report")
                                            .required("address", &ResolverReport::address, any_text(), "")
                                            .optional("queries", &ResolverReport::queries, number<std::uint32_t>(), "");
  return Object<SteeringReport>("steering report")
      .optional("table", &SteeringReport::table, number<std::uint64_t>(), "")
      .optional("queries", &SteeringReport::queries, number<std::uint64_t>(), "")
      .optional("pops", &SteeringReport::pops, list(number<std::uint64_t>(), 0, kMaxItems), "")
      .optional("resolvers", &SteeringReport::resolvers, list(resolver, 0, limits::kMaxReportedNetworks), "");
}

Type<Report> report_type() {
  return Object<Report>("report")
      .optional("state", &Report::state, any_text(), "")
      .optional("cpu", &Report::cpu, share(), "")
      .optional("memory_octets", &Report::memory_octets, number<std::uint64_t>(), "")
      .optional("exchanges", &Report::exchanges, number<std::uint64_t>(), "")
      .optional("octets", &Report::octets, number<std::uint64_t>(), "")
      .optional("connections", &Report::connections, number<std::uint32_t>(), "")
      .optional("sites", &Report::sites, list(site_report_type(), 0, kMaxItems), "")
      .optional("links", &Report::links, list(link_report_type(), 0, kMaxItems), "")
      .optional("clients", &Report::clients, list(client_report_type(), 0, limits::kMaxReportedNetworks), "")
      .optional("secure_entrances", &Report::secure_entrances, list(secure_entrance_type(), 0, kMaxItems), "")
      .optional("steering", &Report::steering, maybe(steering_report_type()), "");
}

const Type<Message>& message_type() {
  static const Type<Message> kType = Object<Message>("message")
                                         .optional("hello", &Message::hello, maybe(hello_type()), "")
                                         .optional("content", &Message::content, maybe(content_type()), "")
                                         .optional("status", &Message::status, maybe(status_type()), "")
                                         .optional("report", &Message::report, maybe(report_type()), "")
                                         .optional("order", &Message::order, maybe(order_type()), "")
                                         .optional("welcome", &Message::welcome, maybe(welcome_type()), "")
                                         .optional("request", &Message::request, maybe(request_type()), "")
                                         .optional("issued", &Message::issued, maybe(issued_type()), "")
                                         .optional("table", &Message::table, maybe(table_type()), "");
  return kType;
}

Result<std::optional<Message>> parse(const std::string& text) {
  config::Report report("message", text);
  const std::optional<TreeNode> tree = parse_json(text, report);
  Context context{report, {}, false, UnknownKeys::passed_over};
  Message message;
  if (tree) message_type()->read(context, *tree, message);
  if (report.empty()) return std::optional(std::move(message));
  const Finding first = report.findings().front();
  return internal_error("a message that is not understood: " + (tree ? json_pointer(*tree, first.place) : "") + " " +
                        first.message);
}

/// Of text in one part: quotes may double it.
constexpr std::size_t kPartOctets = limits::kMaxAgentMessageOctets / 4;
constexpr std::size_t kSectionOverhead = 32;

/// As much of `rest` as one part holds, and no part of a character (RFC 3629): JSON has none.
std::string_view take_piece(std::string_view& rest) {
  std::size_t end = std::min(kPartOctets, rest.size());
  while (end < rest.size() && end > 0 && (static_cast<unsigned char>(rest[end]) & 0xc0) == 0x80) --end;
  if (end == 0) end = std::min(kPartOctets, rest.size());
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(end);
  return piece;
}

}  // namespace

void write_message(ByteQueue& out, const Message& message) {
  const std::string text = message_type()->json(message);
  std::array<std::uint8_t, 4> length{};
  store_u32(length.data(), static_cast<std::uint32_t>(text.size()));
  out.append(Bytes(length));
  out.append(std::string_view(text));
}

std::vector<Message> content_messages(const ContentMark& mark, const std::string& base, const SectionChanges& changes) {
  std::vector<Message> messages(1);
  std::size_t octets = 0;
  const auto add = [&](const std::string& name, std::string_view text) {
    const std::size_t its = name.size() + text.size() + kSectionOverhead;
    if (octets > 0 && octets + its > kPartOctets) {
      messages.emplace_back();
      octets = 0;
    }
    octets += its;
    if (!messages.back().content) messages.back().content.emplace();
    messages.back().content->sections.push_back({name, std::string(text)});
  };
  for (const auto& [name, text] : changes.changed) {
    for (std::string_view rest = text; !rest.empty();) add(name, take_piece(rest));
  }
  for (const std::string& name : changes.removed) add(name, "");
  for (Message& message : messages) {
    if (!message.content) message.content.emplace();
    message.content->mark = mark;
    message.content->base = base;
    message.content->last = &message == &messages.back();
  }
  return messages;
}

std::vector<Message> table_messages(TableText kind, std::string_view text) {
  std::vector<Message> messages;
  messages.reserve(text.size() / kPartOctets + 1);
  do {
    std::string piece(take_piece(text));
    messages.emplace_back().table = TablePart{kind, std::move(piece), text.empty()};
  } while (!text.empty());
  return messages;
}

Result<std::optional<Message>> MessageReader::next() {
  std::array<std::uint8_t, 4> header{};
  if (octets_.size() < header.size()) return std::optional<Message>();
  octets_.copy_out(0, MutableBytes(header));
  const std::size_t length = load_u32(header.data());
  if (length > limits::kMaxAgentMessageOctets) return internal_error("a message that is too long");
  if (octets_.size() < header.size() + length) return std::optional<Message>();
  std::string text(length, '\0');
  octets_.copy_out(header.size(), {reinterpret_cast<std::uint8_t*>(text.data()), length});
  octets_.remove_prefix(header.size() + length);
  return parse(text);
}

}  // namespace ringway::agent
