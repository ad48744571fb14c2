#include "redirector_dns/zone/master_scanner.h"

namespace ringway::dns {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool ends_word(char c) { return is_blank(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"'; }

}  // namespace

void MasterScanner::fail(const char* what) {
  if (!fault_.empty()) return;  // the first one is the cause of the others
  fault_ = what;
  fault_place_ = place();
}

bool MasterScanner::next(MasterEntry& out) {
  out.tokens.clear();
  fault_.clear();
  while (at_ < text_.size() && out.tokens.empty() && fault_.empty()) {
    out.begins_blank = is_blank(peek());
    open_ = 0;
    do {
      read_line(out);
      out.end = place();
      if (at_ == text_.size()) break;
      ++at_;
      ++line_;
      line_begin_ = at_;
    } while (open_ > 0);
    if (open_ > 0) fail("a '(' is not closed");
  }
  return !out.tokens.empty() || !fault_.empty();
}

void MasterScanner::read_line(MasterEntry& out) {
  while (!at_line_end()) {
    if (is_blank(peek())) {
      ++at_;
    } else if (peek() == ';') {
      while (!at_line_end()) ++at_;
    } else if (peek() == '"') {
      read_quoted(out);
    } else if (!read_parenthesis()) {
      read_word(out);
    }
  }
}

bool MasterScanner::read_parenthesis() {
  if (peek() != '(' && peek() != ')') return false;
  if (peek() == '(') {
    ++open_;
  } else if (open_ == 0) {
    fail("this ')' closes nothing");
  } else {
    --open_;
  }
  ++at_;
  return true;
}

void MasterScanner::read_word(MasterEntry& out) {
  const config::Place begun = place();
  const std::size_t first = at_;
  while (!at_line_end()) {
    if (peek() == '"' && at_ > first && text_[at_ - 1] == '=') {  // key="value" is one word (RFC 9460 §2.1)
      read_quoted(out);
      out.tokens.pop_back();
      break;
    }
    if (ends_word(peek())) break;
    const bool escape = peek() == '\\';
    ++at_;
    if (escape && !at_line_end()) ++at_;
  }
  out.tokens.push_back({text_.substr(first, at_ - first), false, begun.line, begun.column});
}

void MasterScanner::read_quoted(MasterEntry& out) {
  const config::Place begun = place();
  const std::size_t first = ++at_;
  while (!at_line_end() && peek() != '"') {
    const bool escape = peek() == '\\';
    ++at_;
    if (escape && !at_line_end()) ++at_;
  }
  out.tokens.push_back({text_.substr(first, at_ - first), true, begun.line, begun.column});
  if (at_line_end()) {
    fail("the line ends inside quotes");
  } else {
    ++at_;
  }
}

}  // namespace ringway::dns
