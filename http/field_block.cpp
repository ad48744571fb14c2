#include "http/field_block.h"

#include "base/limits.h"
#include "http/field_table.h"
#include "http/syntax.h"

namespace ringway::http {

namespace {

// The first octet of a field: 1xxxxxxx a pair of the table, 0xxxxxxx a name of the table, 0 a name that follows.
constexpr unsigned kPair = 0x80;
constexpr std::size_t kUsualFields = 24;

void append_field(std::string& out, const Field& field) {
  const std::size_t name = static_name_id(field.name);
  if (name == 0) {
    out.push_back('\0');
    append_text(out, field.name);
    append_text(out, field.value);
  } else if (const auto pair = static_pair_id(name, field.value)) {
    out.push_back(static_cast<char>(kPair | *pair));
  } else {
    out.push_back(static_cast<char>(name));
    append_text(out, field.value);
  }
}

Status read_field(WireText& in, Fields& fields) {
  const std::uint8_t first = in.octet();
  if ((first & kPair) != 0) {
    if ((first & ~kPair) >= kStaticPairs) return link_error("a field block with an unknown pair");
    const Field pair = static_pair(first & ~kPair);
    fields.add(pair.name, pair.value);
    return {};
  }
  if (first > kStaticNames) return link_error("a field block with an unknown name");
  const std::string_view name = first == 0 ? in.text() : static_name(first);
  const std::string_view value = in.text();
  if (in.failed()) return link_error("a field block that ends inside a field");
  if (first == 0 && !is_lower_token(name)) return link_error("a field block with a malformed name");
  if (!is_field_value(value)) return link_error("a field block with a malformed value");
  fields.add(name, value);
  return {};
}

}  // namespace

void append_field_block(std::string& out, const Fields& fields) {
  for (const Field field : fields) {
    if (is_lower_token(field.name) && is_field_value(field.value)) append_field(out, field);
  }
}

Status read_field_block(WireText& in, Fields& fields) {
  if (in.at_end()) return {};
  fields.reserve(kUsualFields, 2 * in.size());
  while (!in.at_end()) {
    if (fields.size() == limits::kMaxExchangeFields) return link_error("a field block with too many fields");
    if (Status status = read_field(in, fields); !status) return status;
  }
  return {};
}

}  // namespace ringway::http
