#pragma once
// Letters of one kind from one worker to another: a bounded queue under a mutex that is held for a swap, written at
// the end of the writer's turn and read at the beginning of one of the reader's. A batch costs one wake-up.

#include <sys/eventfd.h>

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "net/descriptor.h"
#include "net/worker.h"

namespace ringway::net {

template <class Letter>
class Mailbox {
 public:
  /// Null where the process has no descriptor left.
  static std::shared_ptr<Mailbox> make(std::size_t capacity) {
    Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event.valid()) return nullptr;
    return std::shared_ptr<Mailbox>(new Mailbox(std::move(event), capacity));
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() = default;

  /// Takes letters from batch[from] on, as many as there is room for, and returns how many. All of them where
  /// nobody reads any more. For the writer's thread.
  std::size_t put(std::vector<Letter>& batch, std::size_t from) {
    const std::size_t offered = batch.size() - from;
    if (offered == 0) return 0;
    std::size_t taken = 0;
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return offered;
      wake = letters_.empty();
      while (taken < offered && letters_.size() < capacity_) letters_.push_back(std::move(batch[from + taken++]));
    }
    if (wake && taken > 0) ::eventfd_write(event_.get(), 1);
    return taken;
  }

  /// All that is there, in the place of what `letters` held; its room is used for those that come next. For the
  /// reader's thread, as are the others.
  void take(std::vector<Letter>& letters) {
    letters.clear();
    const std::lock_guard lock(mutex_);
    letters_.swap(letters);
  }
  /// Nobody reads any more.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    letters_.clear();
  }
  [[nodiscard]] int event() const { return event_.get(); }

 private:
  Mailbox(Descriptor event, std::size_t capacity) : event_(std::move(event)), capacity_(capacity) {}

  Descriptor event_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::vector<Letter> letters_;
  bool closed_ = false;
};

/// Reads one mailbox on one worker.
template <class Letter>
class MailboxReader final : public Source {
 public:
  using Read = std::function<void(std::vector<Letter>&)>;

  /// `read` is called on `worker`, with one letter at least, and does not destroy the reader.
  MailboxReader(Worker& worker, std::shared_ptr<Mailbox<Letter>> mailbox, Read read)
      : Source(worker), mailbox_(std::move(mailbox)), read_(std::move(read)) {
    // Watching fails only for want of kernel memory; then the letters wait, as with a reader that is stuck.
    static_cast<void>(worker.watch(mailbox_->event(), EPOLLIN, *this));
  }
  MailboxReader(const MailboxReader&) = delete;
  MailboxReader& operator=(const MailboxReader&) = delete;
  ~MailboxReader() override { mailbox_->close(); }

  void on_ready(std::uint32_t /*events*/) override {
    mailbox_->take(letters_);
    if (!letters_.empty()) read_(letters_);
    // The room of a burst is not kept.
    if (letters_.capacity() > kKeptLetters) std::vector<Letter>().swap(letters_);
    letters_.clear();
  }

 private:
  static constexpr std::size_t kKeptLetters = 1024;

  std::shared_ptr<Mailbox<Letter>> mailbox_;
  Read read_;
  std::vector<Letter> letters_;
};

}  // namespace ringway::net
