#include "net/link_letter.h"

namespace ringway::net {

LinkLetter& LinkOutbox::letter(LetterPlace& place) {
  if (place.batch == batch_ && place.slot >= sent_) return letters_[place.slot];
  if (letters_.empty()) worker().pend(*this);
  place.batch = batch_;
  place.slot = letters_.size();
  LinkLetter& fresh = letters_.emplace_back();
  fresh.stream = place.stream;
  return fresh;
}

void LinkOutbox::flush() {
  sent_ += mailbox_->put(letters_, sent_);
  if (sent_ < letters_.size()) return retry_.arm(worker().now() + kRetryInterval);
  letters_.clear();
  sent_ = 0;
  ++batch_;
}

std::shared_ptr<LinkChannel> LinkChannel::make() {
  auto channel = std::make_shared<LinkChannel>();
  channel->to_host = Mailbox<LinkLetter>::make(kLetters);
  channel->to_user = Mailbox<LinkLetter>::make(kLetters);
  return channel->to_host == nullptr || channel->to_user == nullptr ? nullptr : channel;
}

}  // namespace ringway::net
