#pragma once
// A link that lives on another worker, as a Link: streams are opened, written and read by mailbox, with credit in
// both directions. Its other half is RemoteLinkHost.

#include <memory>
#include <string>
#include <unordered_map>

#include "net/link_letter.h"
#include "tmp_protocol/link.h"

namespace ringway::net {

class RemoteLink final : public tmp::Link {
 public:
  /// `peer` is the link's configured peer. The worker and the handler outlive it; its streams are gone before it.
  RemoteLink(Worker& worker, std::string peer, std::shared_ptr<LinkChannel> channel, tmp::LinkHandler& handler);
  RemoteLink(const RemoteLink&) = delete;
  RemoteLink& operator=(const RemoteLink&) = delete;
  ~RemoteLink() override;

  [[nodiscard]] bool up() const override { return news_.up; }
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  /// A stream that the link then does not open is aborted with `refused`.
  std::unique_ptr<tmp::LinkStream> open(const tmp::StreamOpening& opening, ByteStreamHandler& handler) override;
  /// As its owner saw them last, and what was opened and ended here since.
  [[nodiscard]] std::size_t streams() const override;
  [[nodiscard]] tmp::LinkQuality quality() const override { return news_.quality; }
  [[nodiscard]] const tmp::LinkCounters& counters() const override { return news_.counters; }
  void drain() override;
  void close(const std::string& reason) override;

 private:
  class Stream;

  void read(std::vector<LinkLetter>& letters);
  void hear(LinkNews news);
  void take_opened(std::uint64_t number, const tmp::StreamOpening& opening);
  void wish(LinkWish wish);

  tmp::LinkHandler& handler_;
  std::string peer_;
  LinkNews news_;
  std::size_t streams_told_ = 0;   // of streams_, when the news came
  std::uint64_t next_stream_ = 1;  // odd ones are opened here
  std::unordered_map<std::uint64_t, Stream*> streams_;
  LetterPlace place_;
  LinkOutbox outbox_;
  MailboxReader<LinkLetter> reader_;
};

}  // namespace ringway::net
