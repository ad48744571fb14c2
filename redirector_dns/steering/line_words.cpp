#include "redirector_dns/steering/line_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringway::dns::steering {

std::string_view LineWords::word() {
  const std::size_t space = rest_.find(' ');
  const std::string_view word = rest_.substr(0, space);
  const bool last = space == std::string_view::npos;
  // A space at the end of a line promises a word that is not there.
  if (!last && space + 1 == rest_.size()) fault("a space at its end");
  rest_ = last ? std::string_view() : rest_.substr(space + 1);
  if (word.empty()) fault("a word is missing");
  return good() ? word : std::string_view();
}

std::string_view LineWords::item(std::string_view& left) {
  const std::size_t comma = left.find(',');
  const std::string_view item = left.substr(0, comma);
  left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
  return item;
}

std::vector<IpAddress> LineWords::addresses(std::size_t most) {
  std::vector<IpAddress> items;
  for (std::string_view left = word_or_dash(); !left.empty() && good();) items.push_back(address_of(item(left)));
  if (items.size() > most) fault("too many of them");
  return items;
}

IpAddress LineWords::address_of(std::string_view text) {
  const Result<IpAddress> address = IpAddress::parse(text);
  if (!address) fault("'" + std::string(text.substr(0, 64)) + "' is no address");
  return address ? *address : IpAddress();
}

void LineWords::fault(std::string_view why) {
  if (why_.empty()) why_ = why;
}

Error LineWords::error() const { return client_error(fmt::format("steering table, line {}: {}", number_, why_)); }

}  // namespace ringway::dns::steering
