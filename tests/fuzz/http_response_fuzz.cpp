// Any octets as an origin's response. The first octet chooses the request's method and where the rest is cut.
// Whatever comes, the same is told however it is cut.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/byte_queue.h"
#include "http/parser.h"

namespace ringway::http {
namespace {

class Listener final : public ResponseEvents {
 public:
  explicit Listener(std::string_view method) { parser.begin(method); }

  /// False once the parser takes no more.
  bool feed(Bytes bytes) {
    ByteQueue queue;
    queue.append(bytes);
    while (!queue.empty()) {
      const Slice slice = queue.pop_front();
      if (parser.feed(slice) < slice.size() || parser.error() != nullptr) return false;
    }
    return true;
  }
  std::string result() {
    parser.finish();
    const ParseError* error = parser.error();
    return told + (error == nullptr ? "" : "error " + error->message);
  }

  void on_interim_head(ResponseHead head) override { tell(head); }
  void on_response_head(ResponseHead head, Content content) override {
    tell(head);
    told += std::to_string(static_cast<int>(content.kind)) + "/" + std::to_string(content.length) + "\n";
  }
  void on_response_content(Slice content) override { told.append(as_text(content.bytes())); }
  void on_response_complete(Fields trailers) override {
    told += "\ncomplete\n";
    tell(trailers);
  }

  std::string told;
  ResponseParser parser{*this, ParserLimits{}};

 private:
  void tell(const Fields& fields) {
    for (const Field field : fields) told.append(field.name).append(": ").append(field.value).append("\n");
  }
  void tell(const ResponseHead& head) {
    told += std::to_string(head.status) + " " + head.reason + "\n";
    tell(head.fields);
  }
};

void run(Bytes input) {
  if (input.empty()) return;
  const Bytes octets = input.subspan(1);
  const std::string_view method = (input[0] & 0x80) != 0 ? "HEAD" : "GET";
  const std::size_t step = 1U + (input[0] & 0x7fU);
  Listener whole(method);
  whole.feed(octets);
  Listener cut(method);
  for (std::size_t at = 0; at < octets.size(); at += step) {
    if (!cut.feed(octets.subspan(at, std::min(step, octets.size() - at)))) break;
  }
  if (whole.result() != cut.result()) std::abort();
}

}  // namespace
}  // namespace ringway::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ringway::http::run({data, size});
  return 0;
}
