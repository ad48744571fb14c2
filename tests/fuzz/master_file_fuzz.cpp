// Any text as a zone's master file: refused with its faults, or a zone that answers each question about any name.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "redirector_dns/wire/rdata.h"
#include "redirector_dns/zone/master_file.h"

namespace {

using namespace ringway;       // NOLINT(google-build-using-namespace)
using namespace ringway::dns;  // NOLINT(google-build-using-namespace)

void ask(const Zone& zone, std::string_view name) {
  const Name asked = Name::parse(name, zone.apex()).value();
  for (const RecordType type : {RecordType::a, RecordType::ns, RecordType::ds, RecordType::txt, RecordType::any}) {
    const Finding found = zone.find(asked, type);
    assert(found.owner_octets <= asked.size());
    if (found.rrset == nullptr) continue;
    for (Bytes rest = zone.records(*found.rrset); !rest.empty();) {
      const std::size_t octets = load_u16(rest.data());
      assert(!rdata_text(found.rrset->type, rest.subspan(2, octets)).empty());
      rest = rest.subspan(2 + octets);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  const Name apex = Name::parse("e.").value();
  config::Report report("zone", text);
  const std::shared_ptr<const Zone> zone = read_master_file(text, apex, report);
  assert((zone == nullptr) == !report.empty());
  if (zone == nullptr) {
    assert(!report.text().empty());
    return 0;
  }
  for (const std::string_view name : {"@", "a", "a.a", "b.a", "*", "x.y.z", "www"}) ask(*zone, name);
  return 0;
}
