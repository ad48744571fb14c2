#pragma once
// What passes between the worker that has a link and one that only uses it: at most one letter a stream a turn.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_queue.h"
#include "base/timer_queue.h"
#include "net/mailbox.h"
#include "tmp_protocol/link.h"

namespace ringway::net {

/// The link as its owner saw it last.
struct LinkNews {
  bool up = false;
  bool draining = false;
  std::size_t streams = 0;
  std::string reason;  // why it is not up
  tmp::LinkQuality quality;
  tmp::LinkCounters counters;
};

/// What a user wants of the whole link.
struct LinkWish {
  enum class Kind : std::uint8_t { drain, close };
  Kind kind = Kind::drain;
  std::string reason;
};

/// Everything that happened to one stream in one turn; the reader takes it in the order of the members.
/// A user's abort overrides the rest, as it does in any stream.
struct LinkLetter {
  static constexpr std::uint8_t kSameRing = 0xff;

  std::uint64_t stream = 0;  // 0: of the link itself
  std::unique_ptr<LinkNews> news;
  std::unique_ptr<LinkWish> wish;
  std::unique_ptr<tmp::StreamOpening> opening;
  std::uint8_t ring = kSameRing;
  std::size_t consumed = 0;  // octets of earlier letters to this writer that were passed on
  std::size_t taken = 0;     // octets of earlier letters to this writer that went into the stream: it may write more
  ByteQueue data;
  bool finished = false;                  // nothing more is written
  StreamCode stopped = StreamCode::none;  // nothing more is wanted
  bool gone = false;                      // finished and forgotten
  StreamCode aborted = StreamCode::none;  // dead both ways
  std::string message;                    // with an abort
  bool left = true;                       // with an abort: whether any of it was ever sent
};

/// A stream's place in its outbox.
struct LetterPlace {
  std::uint64_t stream = 0;
  std::size_t slot = 0;
  std::uint64_t batch = 0;
};

/// Gathers letters and puts them into the mailbox before the turn ends. Where that is full they wait, and later
/// turns add to them: there is never more than one unsent letter a stream.
class LinkOutbox final : private Source {
 public:
  LinkOutbox(Worker& worker, std::shared_ptr<Mailbox<LinkLetter>> mailbox)
      : Source(worker), mailbox_(std::move(mailbox)), retry_(worker.loop().timers, [this] { flush(); }) {}
  LinkOutbox(const LinkOutbox&) = delete;
  LinkOutbox& operator=(const LinkOutbox&) = delete;
  ~LinkOutbox() override = default;

  /// The unsent letter of this stream, a new one where there is none. Good until the next call.
  LinkLetter& letter(LetterPlace& place);
  /// What the mailbox takes leaves now.
  void flush();

 private:
  static constexpr Duration kRetryInterval = std::chrono::milliseconds(1);

  void on_ready(std::uint32_t /*events*/) override {}
  void on_pending() override { flush(); }

  std::shared_ptr<Mailbox<LinkLetter>> mailbox_;
  std::vector<LinkLetter> letters_;
  std::size_t sent_ = 0;     // of the letters
  std::uint64_t batch_ = 1;  // a new number whenever places lose their meaning
  Timer retry_;              // where the mailbox was full
};

/// Both directions between two workers.
struct LinkChannel {
  /// Letters that wait in one direction.
  static constexpr std::size_t kLetters = 16384;

  /// Null where the process has no descriptor left.
  static std::shared_ptr<LinkChannel> make();

  std::shared_ptr<Mailbox<LinkLetter>> to_host;
  std::shared_ptr<Mailbox<LinkLetter>> to_user;
};

}  // namespace ringway::net
