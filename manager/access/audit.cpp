#include "manager/access/audit.h"

#include <algorithm>

#include "base/text.h"
#include "manager/record_types.h"

namespace ringway::manager {

namespace {

config::Type<std::string> line() { return config::text(kMaxAuditTextOctets); }

/// Whole UTF-8 characters that can be printed, as many as fit.
std::string cleaned(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t octets = utf8_octets(text);
    const bool c1 = octets == 2 && text.substr(0, 2) < "\xc2\xa0";  // U+0080 to U+009F are control characters as well
    const bool good = !c1 && (octets > 1 || (octets == 1 && text.front() >= ' ' && text.front() != 0x7f));
    const std::string_view one = good ? text.substr(0, octets) : "?";
    if (out.size() + one.size() > kMaxAuditTextOctets) break;
    out.append(one);
    text.remove_prefix(std::max<std::size_t>(octets, 1));
  }
  return out;
}

}  // namespace

config::Type<AuditEntry> audit_type() {
  using config::maybe;
  return config::Object<AuditEntry>("audit entry")
      .optional("actor", &AuditEntry::actor, line(), "Who did it; none: nobody who is known.")
      .optional("address", &AuditEntry::address, line(), "From where; none: the manager itself.")
      .required("action", &AuditEntry::action, line(), "What was done.")
      .required("kind", &AuditEntry::kind, line(), "To what kind of resource.")
      .optional("name", &AuditEntry::name, line(), "To which one; none: the kind as a whole.")
      .optional("before", &AuditEntry::before, maybe(hash()), "SHA-256 of what it was; none: it was not there.")
      .optional("after", &AuditEntry::after, maybe(hash()), "SHA-256 of what it is now; none: it is no more.")
      .optional("request", &AuditEntry::request, line(), "The request's id.")
      .optional(
          "outcome", &AuditEntry::outcome,
          config::choice<AuditOutcome>(
              {{"done", AuditOutcome::done}, {"refused", AuditOutcome::refused}, {"failed", AuditOutcome::failed}}),
          "What came of it.")
      .optional("detail", &AuditEntry::detail, line(), "Why not.");
}

Hash content_hash(std::string_view content) { return sha256_of(as_bytes(content)); }

std::string audit_json(AuditEntry entry) {
  for (std::string* text :
       {&entry.actor, &entry.address, &entry.action, &entry.kind, &entry.name, &entry.request, &entry.detail}) {
    *text = cleaned(*text);
  }
  return audit_type()->json(entry);
}

}  // namespace ringway::manager
