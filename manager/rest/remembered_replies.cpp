#include "manager/rest/remembered_replies.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config_reader.h"
#include "base/limits.h"
#include "manager/access/audit.h"
#include "manager/record_types.h"
#include "manager/rest/answer.h"

namespace ringway::manager {

namespace {

struct WrittenField {
  std::string name;
  std::string value;
};

/// `time` comes first: so texts of records sort by their age.
struct Remembered {
  WallTime time;
  Hash request{};
  std::uint32_t status = 200;
  std::vector<WrittenField> fields;
  std::string body;  // JSON; empty: it is not kept
};

const config::Type<Remembered>& remembered_type() {
  using config::text;
  static const config::Type<Remembered> kType =
      config::Object<Remembered>("remembered reply")
          .required("time", &Remembered::time, wall_time(), "When it was answered.")
          .required("request", &Remembered::request, hash(), "SHA-256 of what was asked.")
          .required("status", &Remembered::status, config::whole_number<std::uint32_t>(100, 599), "Of the answer.")
          .optional("fields", &Remembered::fields,
                    config::dictionary(&WrittenField::name, &WrittenField::value, text(limits::kMaxApiHeadOctets)),
                    "Of the answer.")
          .optional("body", &Remembered::body, config::any_json(), "Of the answer.");
  return kType;
}

/// Empty where the request is none that is remembered.
std::string_view key_of(const Request& request) {
  return request.method == "POST" ? request.field("idempotency-key") : std::string_view();
}

/// Of one caller's key.
std::string record_name(const Request& request) {
  return to_hex(content_hash(request.principal.name + "\n" + std::string(key_of(request))));
}

/// Of all that the reply depends on.
Hash fingerprint(const Request& request) {
  std::string text = request.method + "\n" + request.path + "\n";
  for (const auto& [name, value] : request.query) text += fmt::format("{}:{}={}\n", name.size(), name, value);
  text += request.field("if-match");
  return content_hash(text + "\n" + request.body);
}

std::string beginning(WallTime time) {
  Remembered oldest;
  oldest.time = time;
  const std::string text = remembered_type()->json(oldest);
  return text.substr(0, text.find(','));
}

Reply answered_before(const Remembered& remembered, const Request& request) {
  if (remembered.body.empty()) {
    return problem_reply(conflict("it was done before, with this key; its answer was told once and is not kept"),
                         request);
  }
  Reply reply;
  reply.status = static_cast<int>(remembered.status);
  for (const WrittenField& field : remembered.fields) reply.fields.emplace_back(field.name, field.value);
  reply.fields.emplace_back("idempotent-replayed", "true");
  reply.body = remembered.body + "\n";
  return reply;
}

}  // namespace

std::optional<Reply> RememberedReplies::begin(const Request& request) {
  const std::string_view key = key_of(request);
  if (key.empty()) return std::nullopt;
  if (key.size() > limits::kMaxIdempotencyKeyOctets) {
    return problem_reply(bad_request("that Idempotency-Key is too long"), request);
  }
  const std::string name = record_name(request);
  if (const std::string* found = ledger_.record(kReplyKind, name); found != nullptr) {
    const auto remembered = read_record(remembered_type(), {kReplyKind, name, *found});
    if (remembered && clock_.wall() - remembered->time < limits::kIdempotencyLife) {
      if (remembered->request == fingerprint(request)) return answered_before(*remembered, request);
      return problem_reply(invalid({{"", "this Idempotency-Key was used for another request", "take a new one"}}),
                           request);
    }
  }
  if (being_done_.insert(name).second) return std::nullopt;
  return problem_reply(conflict("a request with this Idempotency-Key is being done"), request);
}

void RememberedReplies::end(const Request& request) {
  if (!key_of(request).empty()) being_done_.erase(record_name(request));
}

void RememberedReplies::add_to(std::vector<Record>& records, const Request& request, const Reply& reply,
                               Repeat repeat) const {
  if (key_of(request).empty()) return;
  Remembered remembered;
  remembered.time = to_the_second(clock_.wall());
  remembered.request = fingerprint(request);
  remembered.status = static_cast<std::uint32_t>(reply.status);
  for (const auto& [name, value] : reply.fields) remembered.fields.push_back({name, value});
  const bool kept = repeat == Repeat::answered_again && reply.body.size() <= limits::kMaxRememberedReplyOctets;
  if (kept) remembered.body = reply.body;
  forget_some(records);
  records.push_back(write_record(remembered_type(), kReplyKind, record_name(request), remembered));
}

void RememberedReplies::forget_some(std::vector<Record>& records) const {
  const RecordMap& all = ledger_.records(kReplyKind);
  const std::string too_old = beginning(to_the_second(clock_.wall() - limits::kIdempotencyLife));
  auto oldest = all.end();
  for (auto it = all.begin(); it != all.end(); ++it) {
    if (it->second < too_old) records.push_back({kReplyKind, it->first, std::nullopt});
    if (oldest == all.end() || it->second < oldest->second) oldest = it;
  }
  if (all.size() >= limits::kMaxRememberedReplies) records.push_back({kReplyKind, oldest->first, std::nullopt});
}

}  // namespace ringway::manager
