#include "tmp_protocol/carrier_frames.h"

#include <gtest/gtest.h>

#include <string>

namespace ringway::tmp {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets framed(const std::vector<Octets>& datagrams) {
  Octets stream;
  for (const Octets& datagram : datagrams) {
    stream.push_back(static_cast<std::uint8_t>(datagram.size() >> 8));
    stream.push_back(static_cast<std::uint8_t>(datagram.size()));
    stream.insert(stream.end(), datagram.begin(), datagram.end());
  }
  return stream;
}

/// What `reader` finds in `stream`, which is altered afterwards as an endpoint does.
void read(CarrierReader& reader, Octets stream, std::vector<Octets>& found) {
  std::vector<MutableBytes> batch;
  reader.feed(stream);
  for (MutableBytes datagram = reader.next(); !datagram.empty(); datagram = reader.next()) batch.push_back(datagram);
  for (const MutableBytes datagram : batch) {
    found.emplace_back(datagram.begin(), datagram.end());
    std::fill(datagram.begin(), datagram.end(), std::uint8_t{0xff});
  }
}

const std::vector<Octets> kDatagrams = {{1, 2, 3}, {4}, {5, 6, 7, 8, 9}, {0, 0}, {1, 1, 1, 1}};

TEST(CarrierReader, FindsTheSameAtEverySplit) {
  const Octets stream = framed(kDatagrams);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      CarrierReader reader;
      std::vector<Octets> found;
      const auto at = [&](std::size_t index) { return stream.begin() + static_cast<std::ptrdiff_t>(index); };
      read(reader, {at(0), at(first)}, found);
      read(reader, {at(first), at(second)}, found);
      read(reader, {at(second), stream.end()}, found);
      EXPECT_EQ(found, kDatagrams) << first << ", " << second;
      EXPECT_TRUE(reader.between_datagrams());
    }
  }
}

TEST(CarrierReader, FindsTheSameOctetByOctet) {
  CarrierReader reader;
  std::vector<Octets> found;
  for (const std::uint8_t octet : framed(kDatagrams)) read(reader, {octet}, found);
  EXPECT_EQ(found, kDatagrams);
}

TEST(CarrierReader, TakesTheLargest) {
  const std::vector<Octets> largest = {Octets(limits::kMaxPacketOctets, 7)};
  CarrierReader reader;
  std::vector<Octets> found;
  const Octets stream = framed(largest);
  read(reader, {stream.begin(), stream.begin() + 900}, found);
  EXPECT_FALSE(reader.between_datagrams());
  read(reader, {stream.begin() + 900, stream.end()}, found);
  EXPECT_EQ(found, largest);
}

TEST(CarrierReader, IsBrokenByAnEmptyAndByAnOversizeOne) {
  for (const std::size_t octets : {std::size_t{0}, limits::kMaxPacketOctets + 1, std::size_t{0xffff}}) {
    for (const bool split : {false, true}) {
      Octets stream = framed({{1, 2}});
      stream.push_back(static_cast<std::uint8_t>(octets >> 8));
      const Octets rest = {static_cast<std::uint8_t>(octets), 9, 9};
      CarrierReader reader;
      std::vector<Octets> found;
      if (!split) stream.insert(stream.end(), rest.begin(), rest.end());
      read(reader, stream, found);
      if (split) read(reader, rest, found);
      EXPECT_EQ(found.size(), 1U);
      EXPECT_TRUE(reader.broken());
      EXPECT_EQ(reader.announced_octets(), octets);
      read(reader, framed(kDatagrams), found);
      EXPECT_EQ(found.size(), 1U) << "nothing is read behind it";
    }
  }
}

}  // namespace
}  // namespace ringway::tmp
