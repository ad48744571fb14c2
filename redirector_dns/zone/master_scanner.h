#pragma once
// Cuts the text of a master file (RFC 1035 §5.1) into entries of words: comments are left out, parentheses join lines.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_tree.h"
#include "redirector_dns/wire/presentation.h"

namespace ringway::dns {

struct MasterEntry {
  std::vector<Token> tokens;  // at least one
  bool begins_blank = false;  // it belongs to the name of the entry before it
  config::Place end;          // where a further word would stand
};

class MasterScanner {
 public:
  /// `text` outlives the scanner and what it gives.
  explicit MasterScanner(std::string_view text) : text_(text) {}

  /// The next entry. False at the end of the text.
  bool next(MasterEntry& out);

  /// What was wrong with the entry that next() gave: then it is to be left out. Empty: nothing.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] config::Place fault_place() const { return fault_place_; }

 private:
  void read_line(MasterEntry& out);
  void read_word(MasterEntry& out);
  void read_quoted(MasterEntry& out);
  bool read_parenthesis();
  void fail(const char* what);
  [[nodiscard]] char peek() const { return text_[at_]; }
  [[nodiscard]] bool at_line_end() const { return at_ == text_.size() || peek() == '\n'; }
  [[nodiscard]] config::Place place() const { return {line_, at_ - line_begin_}; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t open_ = 0;  // parentheses
  std::string fault_;
  config::Place fault_place_;
};

}  // namespace ringway::dns
