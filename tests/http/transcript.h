#pragma once
// What a parser told, as text to compare; and feeding it with any cuts.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_queue.h"
#include "http/parser.h"

namespace ringway::http {

/// A slice of its own chunk; `text` fits in one.
inline Slice slice_of(std::string_view text) {
  if (text.empty()) return {};
  ByteQueue queue;
  queue.append(text);
  return queue.pop_front();
}

/// Feeds the pieces between the cuts, each a slice; longer pieces come in several.
inline void feed_cut(std::string_view text, const std::vector<std::size_t>& cuts,
                     const std::function<void(const Slice&)>& feed) {
  std::size_t begin = 0;
  const auto feed_to = [&](std::size_t end) {
    while (begin < end) {
      const std::size_t count = std::min(end - begin, kChunkOctets);
      feed(slice_of(text.substr(begin, count)));
      begin += count;
    }
  };
  for (const std::size_t cut : cuts) feed_to(cut);
  feed_to(text.size());
}

/// Calls `check` with no cut, with each single cut, and with a cut before every octet.
inline void for_each_split(std::size_t size, const std::function<void(const std::vector<std::size_t>&)>& check) {
  check({});
  for (std::size_t cut = 1; cut < size; ++cut) check({cut});
  std::vector<std::size_t> all;
  for (std::size_t cut = 1; cut < size; ++cut) all.push_back(cut);
  check(all);
}

/// One line for each event; neighbouring content is one.
class Transcript {
 public:
  void line(const std::string& text) {
    end_content();
    text_ += text + "\n";
  }
  void fields(const Fields& fields) {
    for (const Field field : fields) line("  " + std::string(field.name) + ": " + std::string(field.value));
  }
  void content(Bytes bytes) { content_ += as_text(bytes); }
  std::string text() {
    end_content();
    return text_;
  }

  static std::string describe(const Content& content) {
    switch (content.kind) {
      case Content::Kind::none: break;
      case Content::Kind::length: return "length=" + std::to_string(content.length);
      case Content::Kind::chunked: return "chunked";
      case Content::Kind::until_close: return "until_close";
    }
    if (content.length == Content::kUnsaid) return "none,unsaid";
    return content.length == 0 ? "none" : "none,would=" + std::to_string(content.length);
  }

 private:
  void end_content() {
    if (content_.empty()) return;
    text_ += "content " + content_ + "\n";
    content_.clear();
  }

  std::string text_;
  std::string content_;
};

}  // namespace ringway::http
