// Any octets as an enrolment token, and inside of one whose sum is right: refused with a reason, or read, written and
// read again the same.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/base64.h"
#include "tmp_protocol/enrolment_token.h"

namespace {

using namespace ringway;       // NOLINT(google-build-using-namespace)
using namespace ringway::tmp;  // NOLINT(google-build-using-namespace)

void check(const std::string& text) {
  const auto token = parse_enrolment_token(text);
  if (!token) {
    assert(token.error().message.starts_with("the enrolment token "));
    return;
  }
  const auto again = enrolment_text(*token);
  assert(again.ok());
  assert(*parse_enrolment_token(*again) == *token);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes octets(data, size);
  check(std::string(as_text(octets)));
  const std::string prefix = "rwe1_";
  std::vector<std::uint8_t> payload(octets.begin(), octets.end());
  std::vector<std::uint8_t> whole(prefix.begin(), prefix.end());
  whole.insert(whole.end(), octets.begin(), octets.end());
  const Digest sum = sha256(whole);
  payload.insert(payload.end(), sum.begin(), sum.begin() + 4);
  check(prefix + to_base64url(payload));
  return 0;
}
