// Any text as a zone's master file, and behind each octet 0xff a file that it may include: refused with its faults, or
// a zone that answers each question about any name.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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

/// Files by number: "0", "1", …
class Files final : public ZoneFolder {
 public:
  explicit Files(std::string_view texts) {
    for (std::size_t end = 0; end != std::string_view::npos;) {
      end = texts.find('\xff');
      texts_.push_back(texts.substr(0, end));
      texts.remove_prefix(end == std::string_view::npos ? texts.size() : end + 1);
    }
  }
  [[nodiscard]] std::string_view first() const { return texts_[0]; }
  Result<std::string> read(std::string_view name, std::size_t most) override {
    const std::size_t number = name.size() == 1 ? static_cast<std::size_t>(name[0] - '0') : texts_.size();
    if (number >= texts_.size() || texts_[number].size() > most) return client_error("no such file");
    return std::string(texts_[number]);
  }

 private:
  std::vector<std::string_view> texts_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Files files(as_text({data, size}));
  const std::string_view text = files.first();
  const Name apex = Name::parse("e.").value();
  config::Report report("zone", text);
  const std::shared_ptr<const Zone> zone = read_master_file(text, apex, kFileZoneBounds, report, &files);
  assert((zone == nullptr) == !report.empty());
  if (zone == nullptr) {
    assert(!report.text().empty());
    return 0;
  }
  for (const std::string_view name : {"@", "a", "a.a", "b.a", "*", "x.y.z", "www"}) ask(*zone, name);
  return 0;
}
