#pragma once
// The owner's half of a link that another worker uses (remote_link.h): carries its letters to real streams and
// what becomes of them back.

#include <memory>
#include <unordered_map>

#include "base/timer_queue.h"
#include "net/link_letter.h"
#include "tmp_protocol/link.h"

namespace ringway::net {

class RemoteLinkHost {
 public:
  /// Lives on the link's worker. The link and the worker outlive it.
  RemoteLinkHost(Worker& worker, tmp::Link& link, std::shared_ptr<LinkChannel> channel);
  RemoteLinkHost(const RemoteLinkHost&) = delete;
  RemoteLinkHost& operator=(const RemoteLinkHost&) = delete;
  /// Its streams are aborted, and the user hears that the link is down.
  ~RemoteLinkHost();

  // What the owner's LinkHandler hears of the link.

  void link_up();
  void link_down(const std::string& reason);
  void link_draining();
  /// Hands a stream that the peer opened to the user's worker.
  void give(std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening);

  [[nodiscard]] std::size_t streams() const { return streams_.size(); }

 private:
  class Stream;

  void read(std::vector<LinkLetter>& letters);
  void fulfil(const LinkWish& wish);
  void open(std::uint64_t number, const tmp::StreamOpening& opening);
  void tell();
  /// Tells again where packets passed since the last time, or are owed.
  void refresh();
  void remove(std::uint64_t number);

  Worker& worker_;
  tmp::Link& link_;
  bool draining_ = false;
  std::string reason_;
  std::uint64_t told_packets_ = 0;
  std::uint64_t next_stream_ = 2;  // even ones are given from here
  LetterPlace place_;
  LinkOutbox outbox_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Stream>> streams_;
  Timer news_timer_;
  MailboxReader<LinkLetter> reader_;
};

}  // namespace ringway::net
