// What the differential test runs: reads lines from standard input, and prints what was read of each in one line.
//
//   message HEX          the message's header, questions and records, or "malformed"
//   query HEX            what read_query() says of it, and of which name
//   zone APEX HEX        how many records the master file in hexadecimal digits has, or "malformed"; for what follows
//   answer HEX           what is answered to a query by TCP, in hexadecimal digits

#include <fmt/core.h>

#include <iostream>
#include <string>
#include <string_view>

#include "redirector_dns/responder.h"
#include "redirector_dns/wire/rdata.h"
#include "redirector_dns/zone/master_file.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

std::string record_text(const Record& record) {
  const std::string data = record.type == RecordType::opt ? std::string() : rdata_text(record.type, record.rdata);
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}", record.owner.text(), record.ttl_s, record.record_class,
                     static_cast<unsigned>(record.type), to_hex(record.rdata), data);
}

std::string message_text(Bytes message) {
  if (message.size() < kHeaderOctets) return "malformed";
  MessageReader reader(message);
  const Header& header = reader.header();
  std::string out = fmt::format("{}\t{}\t{}\t{}\t{}\t{}", header.id, header.flags, header.questions, header.answers,
                                header.authorities, header.additionals);
  Question question;
  for (std::uint32_t i = 0; i < header.questions; ++i) {
    if (!reader.question(question)) return "malformed";
    out += fmt::format("\t|\t{}\t{}\t{}", question.name.text(), question.record_class,
                       static_cast<unsigned>(question.type));
  }
  Record record;
  for (std::uint32_t i = 0; i < header.records(); ++i) {
    if (!reader.record(record)) return "malformed";
    out += "\t|\t" + record_text(record);
  }
  return reader.at_end() ? out : "malformed";
}

std::string query_text(Bytes message) {
  Query query;
  switch (read_query(message, query)) {
    case Verdict::answer: return "answer\t" + query.name.text();
    case Verdict::ignore: return "ignore";
    case Verdict::formerr: return "formerr";
    case Verdict::notimp: return "notimp";
  }
  return "";
}

class NoSteering final : public Steering {
 public:
  const Steered* steer(std::string_view, const Asker&) override { return nullptr; }
  [[nodiscard]] bool is_stale() const override { return false; }
};

class World {
 public:
  std::string run(std::string_view line) {
    const std::string_view command = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(command.size() + 1, line.size()));
    if (command == "zone") return zone_text(line);
    const Octets message = from_hex(line).value_or(Octets());
    if (command == "message") return message_text(message);
    if (command == "query") return query_text(message);
    return command == "answer" ? answer_hex(message) : "unknown command";
  }

 private:
  std::string zone_text(std::string_view line) {
    const std::size_t space = line.find(' ');
    const Octets text = hex(line.substr(space + 1));
    config::Report report("zone", as_text(text));
    const auto zone = read_master_file(as_text(text), name_of(line.substr(0, space)), kFileZoneBounds, report);
    if (zone == nullptr) return "malformed";
    responder_.set_zones(ZoneSet::make({zone}).value());
    return fmt::format("{} records", zone->record_count());
  }

  std::string answer_hex(Bytes query) {
    const Sender sender{IpAddress::v4({192, 0, 2, 1}), Transport::tcp};
    const Reply reply = responder_.respond(sender, {}, query, out_);
    return to_hex(Bytes(out_).first(reply.octets));
  }

  NoSteering steering_;
  Responder responder_{{}, steering_};
  Octets out_ = Octets(kMaxMessageOctets);
};

}  // namespace
}  // namespace ringway::dns

int main() {
  ringway::dns::World world;
  std::string line;
  while (std::getline(std::cin, line)) std::cout << world.run(line) << '\n';
}
