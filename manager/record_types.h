#pragma once
// What the schemas of records share: moments, hashes, and reading a record's JSON.

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/config_json.h"
#include "base/config_reader.h"
#include "manager/store/store.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

/// RFC 3339 in UTC, to the second: "2026-11-21T12:00:01Z". Fractions are read and cut off.
[[nodiscard]] config::Type<WallTime> wall_time();
/// SHA-256 as 64 lower-case hexadecimal digits.
[[nodiscard]] config::Type<Hash> hash();
[[nodiscard]] config::Type<tmp::Role> certificate_role();

[[nodiscard]] WallTime to_the_second(WallTime time);
[[nodiscard]] Hash sha256_of(Bytes octets);

/// The typed content of `record`, which has some. The error names the record.
template <class T>
Result<T> read_record(const config::Type<T>& type, const Record& record) {
  const std::string place = record.kind + "/" + record.name;
  config::Report report(place, *record.content);
  const std::optional<config::TreeNode> tree = config::parse_json(*record.content, report);
  config::Context context{report, {}, false};
  T content;
  if (tree) type->read(context, *tree, content);
  if (!report.empty()) return internal_error(report.text());
  return content;
}

template <class T>
Record write_record(const config::Type<T>& type, std::string kind, std::string name, const T& content) {
  return {std::move(kind), std::move(name), type->json(content)};
}

}  // namespace ringway::manager
