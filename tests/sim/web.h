#pragma once
// The web of a simulation: an origin whose answers anyone can check, and clients that check them.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "http/parser.h"
#include "tests/sim/network.h"
#include "tests/sim/virtual_tcp.h"

namespace ringway::sim {

/// What all origins and clients of a run saw.
struct WebLedger {
  std::map<std::uint64_t, int> posts_begun;  // number of a POST: times an origin saw its head
  std::set<std::uint64_t> posts_whole;       // seen whole and right
  std::uint64_t answered = 0;                // right answers that clients read whole
  std::uint64_t refused = 0;                 // clean errors: 502, 503, 504
  std::uint64_t broken = 0;                  // connections that broke inside an answer
  std::string fault;                         // the first thing that must never happen

  void blame(const std::string& what) {
    if (fault.empty()) fault = what;
  }
};

/// The octet at `offset` of everything numbered `number`.
char web_octet(std::uint64_t number, std::uint64_t offset);
std::string web_text(std::uint64_t number, std::uint64_t offset, std::size_t octets);

/// How badly an origin behaves; shares 0..1.
struct OriginManners {
  double resets = 0;         // breaks inside its answer
  double closes_idle = 0;    // closes after an answer without saying so
  Duration think{};          // at most, before an answer
  std::size_t piece = 4096;  // octets written at a time
  const char* type = "text/plain";
};

/// Answers GET /NUMBER/OCTETS/FRAMING with web_text, takes POST /NUMBER/OCTETS and checks its content.
class WebOrigin {
 public:
  WebOrigin(Node& node, WebLedger& ledger, const OriginManners& manners);
  ~WebOrigin();
  WebOrigin(const WebOrigin&) = delete;
  WebOrigin& operator=(const WebOrigin&) = delete;

  void accept(std::unique_ptr<ByteStream> stream);
  void set_manners(const OriginManners& manners) { manners_ = manners; }
  [[nodiscard]] std::size_t connections() const { return visitors_.size(); }

 private:
  class Visitor;
  void forget(Visitor& visitor);

  Node& node_;
  WebLedger& ledger_;
  OriginManners manners_;
  std::map<Visitor*, std::unique_ptr<Visitor>> visitors_;
};

struct WebRequest {
  enum class Kind : std::uint8_t { get, head, post };
  enum class Framing : std::uint8_t { length, chunked };
  Kind kind = Kind::get;
  Framing framing = Framing::length;
  std::uint64_t number = 0;
  std::uint64_t octets = 0;  // of the answer, or of what is posted
  const char* host = "site.test";
  std::string extra;  // more header lines
};

/// One client connection that sends its requests, one after the other or pipelined, and checks every answer.
class WebClient final : public ByteStreamHandler, public http::ResponseEvents {
 public:
  WebClient(Node& node, WebLedger& ledger, std::unique_ptr<ByteStream> stream, std::vector<WebRequest> requests,
            std::size_t pipelined);

  void start();
  /// As when the user closes the window.
  void leave();
  [[nodiscard]] bool over() const { return over_; }
  /// Where it stands, for a verdict.
  [[nodiscard]] std::string state() const;

  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode code) override;
  void on_abort(const StreamEnd& end) override;
  void on_interim_head(http::ResponseHead head) override;
  void on_response_head(http::ResponseHead head, http::Content content) override;
  void on_response_content(Slice content) override;
  void on_response_complete(http::Fields trailers) override;

 private:
  http::ResponseEvents& events() { return *this; }
  void send_some();
  void write_next();
  void begin_answer();
  void finish(bool broke);

  Node& node_;
  WebLedger& ledger_;
  std::unique_ptr<ByteStream> stream_;
  std::vector<WebRequest> requests_;
  const std::size_t pipelined_;
  http::ResponseParser parser_;
  std::size_t sent_ = 0;      // requests written
  std::size_t answered_ = 0;  // answers read
  std::uint64_t body_ = 0;    // octets of the present answer's content
  int status_ = 0;
  bool parsing_ = false;
  bool closing_ = false;  // the gateway said so
  bool over_ = false;
  ByteQueue waiting_;
};

}  // namespace ringway::sim
