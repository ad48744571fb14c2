#pragma once
// The hash chains of revisions and logs: whoever holds the last hash can tell whether anything before it was altered.
//
// A hash is SHA-256 (FIPS 180-4) over canonical octets. Numbers are 8 octets in network order, times are microseconds
// since 1970 as such a number (two's complement), a text is its length as a number and then its octets:
//
//   revision:  "ringway revision 1", number, time, author, message, parent (32 octets), count of changes, and of each
//              change: kind, name, 1 and the content, or 0 where the resource is no more
//   log entry: "ringway log entry 1", hash of the entry before (32 octets; zeros for the first), log, number, time,
//              content

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// Microseconds since 1970; what is finer is cut off.
std::int64_t to_microseconds(WallTime time);
WallTime from_microseconds(std::int64_t microseconds);

/// Lower-case hexadecimal, as stores, backups and people have it.
std::string to_text(const Hash& hash);
std::optional<Hash> parse_hash(std::string_view text);

/// Over all but `revision.hash`.
Hash hash_of(const Revision& revision);
/// Over all but `entry.hash`; `before` is the hash of the entry before.
Hash hash_of(const LogEntry& entry, const Hash& before);

/// Makes it the next in its chain: cuts the time to microseconds, and sets the parent and the hash.
void seal(Revision& revision, const Hash& parent);
void seal(LogEntry& entry, const Hash& before);

/// Whether all of a store's contents, read from the start with every entry, are whole: numbers from 1 without a gap,
/// every hash right. The error names the first that is not.
Status verify(const Contents& whole);

}  // namespace ringway::manager
