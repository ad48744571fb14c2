#pragma once
// What the audit log says of each thing that was done, or tried: a line of the log "audit", whose chain the store
// makes.

#include <optional>
#include <string>
#include <string_view>

#include "base/config_type.h"
#include "manager/store/store.h"

namespace ringway::manager {

inline constexpr std::string_view kAuditLog = "audit";
inline constexpr std::size_t kMaxAuditTextOctets = 256;

enum class AuditOutcome : std::uint8_t {
  done,
  refused,  // it may not, or it was wrong
  failed,   // it might, and could not be done
};

struct AuditEntry {
  std::string actor;           // Principal::name; empty: nobody who is known
  std::string address;         // from where; empty: the manager itself
  std::string action;          // "create", "change", "remove", "drain", "enrol", "authenticate", …
  std::string kind;            // of the resource
  std::string name;            // empty: the kind as a whole
  std::optional<Hash> before;  // content_hash() of what was; nothing: there was none
  std::optional<Hash> after;
  std::string request;  // the request's id
  AuditOutcome outcome = AuditOutcome::done;
  std::string detail;  // why not
  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

[[nodiscard]] config::Type<AuditEntry> audit_type();
/// Of a resource's canonical JSON.
[[nodiscard]] Hash content_hash(std::string_view content);
/// The line's content. What strangers chose comes in as it is: texts are cut to kMaxAuditTextOctets, and control
/// characters in them become '?'.
[[nodiscard]] std::string audit_json(AuditEntry entry);

}  // namespace ringway::manager
