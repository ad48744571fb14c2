#include "agent/last_good.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "tmp_protocol/identity_files.h"

namespace ringway::agent {

namespace {

constexpr unsigned kPrivate = 0600;
constexpr std::string_view kMagic = "ringway agent 1";
constexpr const char* kGood = "content";
constexpr const char* kOld = "content.old";
constexpr const char* kTrial = "content.trial";
constexpr const char* kRefused = "refused";
constexpr const char* kRevoked = "revoked";
constexpr std::string_view kEndedWhileTrying = "the gateway ended while trying it";
/// Contents as JSON texts inside JSON.
constexpr std::size_t kMaxFileOctets = 4 * limits::kMaxContentSectionOctets;

std::string sum_of(std::string_view text) {
  std::array<std::uint8_t, 32> sum{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr);
  return to_hex(sum);
}

std::string header_of(std::string_view body) { return fmt::format("{} {} {}\n", kMagic, body.size(), sum_of(body)); }

std::string file_text(const std::vector<Message>& messages) {
  ByteQueue octets;
  for (const Message& message : messages) write_message(octets, message);
  const std::string body = octets.text();
  return header_of(body) + body;
}

Status write_messages(const std::string& path, const std::vector<Message>& messages) {
  return tmp::replace_file(path, file_text(messages), kPrivate);
}

/// Nothing where the file is absent, cut or altered.
std::vector<Message> read_messages(const std::string& path) {
  const Result<std::string> text = read_file(path, kMaxFileOctets);
  if (!text) return {};
  const std::size_t line = text->find('\n');
  const std::string_view body = std::string_view(*text).substr(line == std::string::npos ? text->size() : line + 1);
  if (std::string_view(*text).substr(0, text->size() - body.size()) != header_of(body)) return {};
  MessageReader reader;
  ByteQueue octets;
  octets.append(body);
  while (!octets.empty()) reader.add(octets.pop_front());
  std::vector<Message> messages;
  for (auto next = reader.next(); next && *next; next = reader.next()) messages.push_back(std::move(**next));
  return messages;
}

std::vector<Message> messages_of(const Content& content) {
  return content_messages(content.mark, "", difference({}, content.sections));
}

std::optional<Content> read_content(const std::string& path) {
  std::optional<Content> content;
  for (Message& message : read_messages(path)) {
    if (!message.content) continue;
    if (!content) content.emplace();
    content->mark = message.content->mark;
    for (Section& section : message.content->sections) content->sections[section.name] += section.text;
  }
  if (content && hash_of(content->sections) != content->mark.hash) return std::nullopt;
  return content;
}

Error file_error(const std::string& path) { return internal_error(fmt::format("{}: {}", path, std::strerror(errno))); }

/// It outlives the process, and need not outlive the machine: to wait for the disk would hold up the gateway.
Status replace_unsynced(const std::string& path, std::string_view text) {
  const std::string unplaced = path + ".placed";
  const int file = ::open(unplaced.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kPrivate);
  if (file < 0) return file_error(path);
  const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const Status failure = whole ? Status() : Status(file_error(path));
  ::close(file);
  if (!whole) return failure;
  return ::rename(unplaced.c_str(), path.c_str()) == 0 ? Status() : Status(file_error(path));
}

Status remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? Status() : Status(file_error(path));
}

/// What a write left that did not come to its end: replace_file() names them so.
void remove_unfinished(const std::string& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    for (const char* const whole : {kGood, kTrial, kRefused, kRevoked}) {
      if (name.size() == std::strlen(whole) + 7 && name.starts_with(std::string(whole) + "."))
        std::filesystem::remove(entry.path(), ignored);
    }
  }
}

}  // namespace

Result<LastGood> LastGood::open(const std::string& directory) {
  std::error_code failure;
  const bool made = std::filesystem::create_directories(directory, failure);
  if (failure) return internal_error(fmt::format("{}: cannot be made: {}", directory, failure.message()));
  if (made) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failure);
  if (::access(directory.c_str(), R_OK | X_OK) != 0) return file_error(directory);
  remove_unfinished(directory);
  LastGood opened(directory);
  opened.content_ = read_content(opened.path(kGood));
  if (!opened.content_) opened.content_ = read_content(opened.path(kOld));
  // A disk that went bad keeps nobody from serving what is on it.
  if (!opened.content_ && ::access(directory.c_str(), W_OK) != 0) return file_error(directory);
  for (Message& message : read_messages(opened.path(kRefused))) {
    if (message.status) opened.refusals_.push_back(std::move(*message.status));
  }
  for (Message& message : read_messages(opened.path(kRevoked))) {
    if (message.welcome) opened.revoked_ = std::move(*message.welcome);
  }
  opened.judge_trial();
  return opened;
}

void LastGood::judge_trial() {
  const std::optional<Content> tried = read_content(path(kTrial));
  // One that became good a moment before the end is good.
  const bool died = tried && !(content_ && content_->mark.hash == tried->mark.hash);
  const Status known = died ? refuse({tried->mark, Stage::refused, std::string(kEndedWhileTrying)}) : Status();
  // What could not be written down is judged again at the next start.
  if (known) static_cast<void>(end_trial());
}

const ContentStatus* LastGood::refusal_of(const std::string& hash) const {
  const auto found = std::find_if(refusals_.begin(), refusals_.end(),
                                  [&](const ContentStatus& refusal) { return refusal.mark.hash == hash; });
  return found == refusals_.end() ? nullptr : &*found;
}

Status LastGood::begin_trial(const Content& content) {
  const Status written = replace_unsynced(path(kTrial), file_text(messages_of(content)));
  // Better that nobody is blamed than the one that was on trial before.
  if (!written) static_cast<void>(end_trial());
  return written;
}

Status LastGood::pass_trial(const Content& content) {
  const std::string good = path(kGood);
  // The last good one gets its second name before the first one is another's: there is always a whole one.
  if (content_ && content_->mark.hash != content.mark.hash) {
    const std::string second = path(kOld) + ".new";
    ::unlink(second.c_str());
    if (::link(good.c_str(), second.c_str()) == 0) ::rename(second.c_str(), path(kOld).c_str());
  }
  content_ = content;
  const Status written = write_messages(good, messages_of(content));
  return written ? end_trial() : written;
}

Status LastGood::end_trial() { return remove_file(path(kTrial)); }

Status LastGood::refuse(ContentStatus refusal) {
  std::erase_if(refusals_, [&](const ContentStatus& known) { return known.mark.hash == refusal.mark.hash; });
  refusals_.push_back(std::move(refusal));
  if (refusals_.size() > limits::kMaxRefusedContents) refusals_.erase(refusals_.begin());
  return store_refusals();
}

Status LastGood::forgive() {
  const std::size_t forgiven =
      std::erase_if(refusals_, [](const ContentStatus& known) { return known.reason != kEndedWhileTrying; });
  return forgiven == 0 ? Status() : store_refusals();
}

Status LastGood::store_refusals() {
  std::vector<Message> messages;
  for (const ContentStatus& refusal : refusals_) messages.emplace_back().status = refusal;
  return write_messages(path(kRefused), messages);
}

Status LastGood::revoke(Welcome revoked) {
  revoked_ = std::move(revoked);
  std::vector<Message> messages(1);
  messages.front().welcome = revoked_;
  return write_messages(path(kRevoked), messages);
}

}  // namespace ringway::agent
