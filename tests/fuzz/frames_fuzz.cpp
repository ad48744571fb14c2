// Any octets as the frames of a packet: refused with a fault, or read; what was read is written and read again the
// same.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/tmp_protocol/write_again.h"
#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/frame_writer.h"

namespace {

using namespace ringway;       // NOLINT(google-build-using-namespace)
using namespace ringway::tmp;  // NOLINT(google-build-using-namespace)

void expect_inside(Bytes part, Bytes whole) {
  if (part.empty()) return;
  assert(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check(const FrameReader& reader, Bytes packet) {
  if (reader.type() == FrameType::stream) expect_inside(reader.stream().data, packet);
  if (reader.type() == FrameType::crypto) expect_inside(reader.crypto().data, packet);
  if (reader.type() != FrameType::ack) return;
  AckInfo info;
  reader.ack_info(info);
  assert(well_formed(info) && info.largest() == reader.ack().largest);
}

// The frames of `packet` written again; shorter where they were not written in the shortest way.
std::vector<std::uint8_t> written_again(Bytes packet, std::size_t& frames) {
  std::vector<std::uint8_t> out(2 * packet.size() + 64);
  FrameWriter writer(out);
  FrameReader reader(packet);
  frames = 0;
  while (reader.next()) {
    ++frames;
    check(reader, packet);
    const bool done = write_again(reader, writer);
    assert(done);
  }
  assert(!reader.malformed() || !reader.fault().empty());
  out.resize(writer.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A STREAM frame is written with a length of two octets: no packet is larger than that can say.
  if (size > 16000) return 0;
  std::size_t frames = 0;
  std::size_t frames_again = 0;
  const std::vector<std::uint8_t> once = written_again({data, size}, frames);
  const std::vector<std::uint8_t> twice = written_again(once, frames_again);
  assert(once == twice && frames == frames_again);
  return 0;
}
