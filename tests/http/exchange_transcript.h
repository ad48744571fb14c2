#pragma once
// What an ExchangeReader told, as text to compare.

#include <optional>

#include "http/exchange_codec.h"
#include "tests/http/transcript.h"

namespace ringway::http {

class ExchangeTranscript final : public ExchangeEvents {
 public:
  using Direction = ExchangeReader::Direction;
  explicit ExchangeTranscript(Direction direction) : reader(direction, *this) {}

  /// Feeds, and goes on while something is pending; keeps the first error.
  void feed(const Slice& data) {
    note(reader.feed(data));
    while (reader.pending()) note(reader.feed(Slice()));
  }
  std::string result() {
    if (!error.empty()) {
      transcript.line("error " + error);
    } else if (!reader.complete()) {
      transcript.line("inside");
    }
    return transcript.text();
  }

  void on_exchange_request(RequestHead head, Content content, RequestContext context) override {
    std::string line = "request " + head.method + " " + head.scheme + "://" + head.authority + " " + head.target +
                       " 1." + std::to_string(head.minor_version) + " " + Transcript::describe(content);
    if (head.expects_continue) line += " expects";
    if (!head.upgrade.empty()) line += " upgrade=" + head.upgrade;
    if (!context.request_id.empty()) line += " id=" + context.request_id;
    transcript.line(line);
    transcript.fields(head.fields);
  }
  void on_exchange_interim(ResponseHead head) override {
    transcript.line("interim " + std::to_string(head.status) + " '" + head.reason + "'");
    transcript.fields(head.fields);
  }
  void on_exchange_response(ResponseHead head, Content content, ResponseContext context) override {
    std::string line = "response " + std::to_string(head.status) + " '" + head.reason + "' 1." +
                       std::to_string(head.minor_version) + " " + Transcript::describe(content);
    if (!head.upgrade.empty()) line += " upgrade=" + head.upgrade;
    line += " origin=" + context.origin + " queue=" + std::to_string(context.queue_us) +
            " origin_time=" + std::to_string(context.origin_us);
    if (context.from_gateway) line += " from_gateway";
    transcript.line(line);
    transcript.fields(head.fields);
  }
  void on_exchange_content(Slice data) override { transcript.content(data.bytes()); }
  void on_exchange_complete(Fields trailers) override {
    transcript.line("complete");
    transcript.fields(trailers);
  }

  Transcript transcript;
  std::string error;
  ExchangeReader reader;

 private:
  void note(const Status& status) {
    if (!status && error.empty()) error = status.error().message;
  }
};

inline std::string read_exchange(ExchangeReader::Direction direction, std::string_view octets,
                                 const std::vector<std::size_t>& cuts = {}) {
  ExchangeTranscript transcript(direction);
  feed_cut(octets, cuts, [&transcript](const Slice& data) { transcript.feed(data); });
  return transcript.result();
}

}  // namespace ringway::http
