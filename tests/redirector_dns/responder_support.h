#pragma once
// A responder with a zone and a steering of paper, and its answers as text.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "redirector_dns/responder.h"
#include "redirector_dns/wire/rdata.h"
#include "tests/redirector_dns/zone_support.h"

namespace ringway::dns {

class PaperSteering final : public Steering {
 public:
  const Steered* steer(std::string_view site, const Asker& asker) override {
    asked = asker;
    const auto found = sites.find(std::string(site));
    return found == sites.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool is_stale() const override { return stale; }

  std::map<std::string, Steered> sites;
  Asker asked;
  bool stale = false;
};

/// One answer, read.
struct Answer {
  Reply reply;
  Octets octets;
  Header header;
  std::string question;
  std::map<Section, std::vector<std::string>> sections;
  bool has_opt = false;
  unsigned rcode = 0;  // with EDNS' higher bits
  std::map<std::uint16_t, std::string> options;

  [[nodiscard]] bool has(std::uint16_t flag) const { return (header.flags & flag) != 0; }
};

inline void read_opt(const Record& record, Answer& answer) {
  answer.has_opt = true;
  answer.rcode |= (record.ttl_s >> 24) << 4;
  for (Bytes rest = record.rdata; !rest.empty();) {
    const std::size_t length = load_u16(rest.data() + 2);
    answer.options[load_u16(rest.data())] = to_hex(rest.subspan(4, length));
    rest = rest.subspan(4 + length);
  }
}

inline Answer read_answer(const Reply& reply, Bytes octets) {
  Answer answer;
  answer.reply = reply;
  answer.octets.assign(octets.begin(), octets.end());
  if (octets.empty()) return answer;
  MessageReader reader(octets);
  answer.header = reader.header();
  answer.rcode = answer.header.flags & kRcodeBits;
  Question question;
  for (std::uint32_t i = 0; i < answer.header.questions; ++i) {
    EXPECT_TRUE(reader.question(question));
    answer.question = question.name.text() + ' ' + type_text(question.type);
  }
  for (std::uint32_t i = 0; i < answer.header.records(); ++i) {
    Record record;
    EXPECT_TRUE(reader.record(record)) << to_hex(octets);
    const std::uint32_t before = i < answer.header.answers                               ? 0
                                 : i < answer.header.answers + answer.header.authorities ? 1
                                                                                         : 2;
    if (record.type == RecordType::opt) {
      read_opt(record, answer);
    } else {
      answer.sections[static_cast<Section>(before)].push_back(record.owner.text() + ' ' + std::to_string(record.ttl_s) +
                                                              ' ' + type_text(record.type) + ' ' +
                                                              rdata_text(record.type, record.rdata));
    }
  }
  EXPECT_TRUE(reader.at_end());
  return answer;
}

struct ResponderWorld {
  explicit ResponderWorld(std::string_view lines, ResponderSettings settings = {})
      : responder(std::move(settings), steering) {
    responder.set_zones(ZoneSet::make({zone_with(lines)}).value());
  }

  Answer ask(const Octets& query) {
    out.assign(kMaxMessageOctets, 0xee);
    const Reply reply = responder.respond(sender, moment, query, out);
    return read_answer(reply, Bytes(out).first(reply.octets));
  }
  Answer ask(std::string_view name, RecordType type) { return ask(QueryBuilder::of(name, type).octets()); }
  Answer ask(std::string_view name, RecordType type, const Octets& options) {
    return ask(QueryBuilder::of(name, type).opt(options).octets());
  }

  PaperSteering steering;
  Responder responder;
  Sender sender{IpAddress::parse("203.0.113.9").value(), Transport::udp};
  Moment moment{Time{std::chrono::hours(1)}, 1'700'000'000};
  Octets out;
};

}  // namespace ringway::dns
