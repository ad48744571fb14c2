#pragma once
// All of a store as a text that any store can be made of again: backups, and the way from SQLite to PostgreSQL.
//
// Each line is a JSON array. A revision's changes follow it. Times are microseconds since 1970, hashes hexadecimal,
// what is no more is null; the last line holds the count of lines before it and the SHA-256 of their octets.
//
//   ["ringway-backup", 1, position, epoch]
//   ["revision", number, time, author, message, parent, hash]
//   ["change", kind, name, content]
//   ["record", kind, name, content]
//   ["entry", log, number, time, content, hash]
//   ["end", lines, sha256]

#include <string>
#include <string_view>

#include "base/result.h"
#include "manager/store/store.h"

namespace ringway::manager {

std::string encode_backup(const Contents& whole);
/// Nothing but what encode_backup() wrote, to the last octet, and only with whole hash chains (chain.h).
Result<Contents> decode_backup(std::string_view text);

/// In one consistent read, while others may write. What was at `path` stays until the backup is whole on the disk.
Status backup(Store& store, const std::string& path);
/// Reads at most limits::kMaxBackupOctets. As Store::replace() once all is verified.
Status restore(Store& store, const std::string& path, Existing existing);

}  // namespace ringway::manager
