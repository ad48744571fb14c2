// Any octets as a steering table, and as one whose sums are right: refused with a reason, or written and read again the
// same, and fit to be asked.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "redirector_dns/steering/choice.h"
#include "redirector_dns/steering/table_text.h"

namespace {

using namespace ringway;                 // NOLINT(google-build-using-namespace)
using namespace ringway::dns;            // NOLINT(google-build-using-namespace)
using namespace ringway::dns::steering;  // NOLINT(google-build-using-namespace)

void ask(const SteeringTable& table) {
  for (const Site& site : table.atlas().sites) {
    for (const char* text : {"10.1.2.3", "2001:db8::1"}) {
      const Asker asker{*IpAddress::parse(text), 32, false};
      const Choice choice = choose(table, site, asker, 7);
      assert(choice.count > 0 && choice.count <= site.answers);
      assert(explain(table, site, asker, 7).choice.pop == choice.pop);
    }
  }
}

void check(const SteeringTable& table) {
  ask(table);
  const std::string text = table_text(table);
  const Result<SteeringTable> again = parse_table(text);
  assert(again.ok());
  assert(table_text(*again) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(as_text(Bytes(data, size)));
  const Result<SteeringTable> whole = parse_table(text);
  if (whole) check(*whole);
  // An atlas and the levels behind it, each with a sum that is right.
  std::string atlas_words = text.substr(0, text.find("ringway-levels "));
  std::string level_words = text.substr(atlas_words.size());
  add_sum(atlas_words);
  const Result<SharedAtlas> atlas = parse_atlas(atlas_words);
  if (!atlas) {
    assert(!atlas.error().message.empty());
    return 0;
  }
  check(SteeringTable(1, *atlas, {}));
  add_sum(level_words);
  const Result<SteeringTable> table = parse_levels(level_words, *atlas, "sum");
  if (table) check(*table);
  return 0;
}
