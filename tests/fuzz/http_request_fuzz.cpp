// Any octets as the requests of one connection. The first octet says where the rest is cut.
// Whatever comes: the same is told however it is cut, and what was told can be written and read again.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/parser.h"
#include "http/serializer.h"

namespace ringway::http {
namespace {

class Listener final : public RequestEvents {
 public:
  Listener() { limits_.head_octets = 4096; }

  void feed(Bytes bytes) {
    ByteQueue queue;
    queue.append(bytes);
    while (!queue.empty() && parser.error() == nullptr) {
      Slice slice = queue.pop_front();
      while (!slice.empty()) {
        const std::size_t taken = parser.feed(slice);
        if (taken == 0 && parser.error() != nullptr) return;
        if (parser.complete()) parser.next();
        slice.remove_prefix(taken);
      }
    }
  }
  std::string result() {
    const ParseError* error = parser.error();
    return told + (error == nullptr ? "" : "error " + std::to_string(error->status) + error->message);
  }

  void on_request_head(RequestHead head, Content content) override {
    tell(head);
    told += std::to_string(static_cast<int>(content.kind)) + "/" + std::to_string(content.length) + "\n";
    heads_.append(written(head));
  }
  void on_request_content(Slice content) override { told.append(as_text(content.bytes())); }
  void on_request_complete(Fields trailers) override {
    told += "\ncomplete\n";
    tell(trailers);
  }
  /// All heads without content, as they would be sent on.
  [[nodiscard]] const std::string& heads() const { return heads_; }

  std::string told;
  std::string told_heads;

 private:
  void tell(const Fields& fields) {
    for (const Field field : fields) told.append(field.name).append(": ").append(field.value).append("\n");
  }
  void tell(const RequestHead& head) {
    std::string text = head.method + " " + head.authority + " " + head.target + "\n";
    told += text;
    if (!head.authority.empty()) told_heads += text;
    tell(head.fields);
  }
  static std::string written(RequestHead& head) {
    if (head.authority.empty()) return {};  // HTTP/1.0 without Host
    remove_hop_by_hop(head.fields);
    head.upgrade.clear();
    head.expects_continue = false;
    ByteQueue out;
    write_request_head(out, head, {});
    return out.text();
  }

  ParserLimits limits_;
  std::string heads_;

 public:
  RequestParser parser{*this, limits_};
};

void run(Bytes input) {
  if (input.empty()) return;
  const Bytes octets = input.subspan(1);
  Listener whole;
  whole.feed(octets);
  Listener cut;
  const std::size_t step = 1U + input[0];
  for (std::size_t at = 0; at < octets.size(); at += step)
    cut.feed(octets.subspan(at, std::min(step, octets.size() - at)));
  if (whole.result() != cut.result()) std::abort();

  Listener again;
  again.feed(as_bytes(whole.heads()));
  if (again.parser.error() != nullptr && again.parser.error()->status != 431) std::abort();
  if (again.parser.error() == nullptr && again.told_heads != whole.told_heads) std::abort();
}

}  // namespace
}  // namespace ringway::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ringway::http::run({data, size});
  return 0;
}
