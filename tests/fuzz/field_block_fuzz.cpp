// Any octets as one direction of an exchange on a TMP stream. The first octet chooses the direction and where the
// rest is cut. Whatever comes: the same is told however it is cut, and what was told is written and read the same.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/exchange_codec.h"

namespace ringway::http {
namespace {

using Direction = ExchangeReader::Direction;

/// Tells what it reads as text, and writes it again.
class Listener final : public ExchangeEvents {
 public:
  explicit Listener(Direction direction) : reader(direction, *this) {}

  void feed(Bytes bytes) {
    ByteQueue queue;
    queue.append(bytes);
    while (!queue.empty() && right) {
      right = reader.feed(queue.pop_front()).ok();
      while (right && reader.pending() && reader.content_out() < kEnough) right = reader.feed(Slice()).ok();
    }
  }

  void on_exchange_request(RequestHead head, Content content, RequestContext context) override {
    told += head.method + head.scheme + head.authority + head.target + head.upgrade + context.request_id;
    tell(content);
    tell(head.fields);
    writer.request_head(out, head, content, context);
  }
  void on_exchange_interim(ResponseHead head) override {
    told += std::to_string(head.status) + head.reason;
    tell(head.fields);
    writer.interim_head(out, head);
  }
  void on_exchange_response(ResponseHead head, Content content, ResponseContext context) override {
    told += std::to_string(head.status) + head.reason + head.upgrade + context.origin;
    told += std::to_string(context.queue_us) + "/" + std::to_string(context.origin_us);
    tell(content);
    tell(head.fields);
    writer.response_head(out, head, content, context);
  }
  void on_exchange_content(Slice data) override {
    told.append(as_text(data.bytes()));
    writer.content(out, std::move(data));
  }
  void on_exchange_complete(Fields trailers) override {
    told += "complete";
    tell(trailers);
    writer.complete(out, trailers);
  }

  static constexpr std::uint64_t kEnough = 1 << 20;
  std::string told;
  bool right = true;
  ByteQueue out;
  ExchangeWriter writer;
  ExchangeReader reader;

 private:
  void tell(const Content& content) {
    told += std::to_string(static_cast<int>(content.kind)) + "/" + std::to_string(content.length);
  }
  void tell(const Fields& fields) {
    for (const Field field : fields) told.append(field.name).append(": ").append(field.value).append("\n");
  }
};

void run(Bytes input) {
  if (input.empty()) return;
  const Bytes octets = input.subspan(1);
  const Direction direction = (input[0] & 0x80) != 0 ? Direction::response : Direction::request;
  const std::size_t step = 1U + (input[0] & 0x7fU);
  Listener whole(direction);
  whole.feed(octets);
  if (whole.reader.content_out() >= Listener::kEnough) return;
  Listener cut(direction);
  for (std::size_t at = 0; at < octets.size(); at += step) {
    cut.feed(octets.subspan(at, std::min(step, octets.size() - at)));
  }
  // Before a fault inside compressed content the decoder may have told more or less of it.
  if (whole.right != cut.right || (whole.right && whole.told != cut.told)) std::abort();

  Listener again(direction);
  again.feed(as_bytes(whole.out.text()));
  if (!again.right || again.told != whole.told) std::abort();
}

}  // namespace
}  // namespace ringway::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ringway::http::run({data, size});
  return 0;
}
