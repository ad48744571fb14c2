#include "tmp_protocol/link_parameters.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"

namespace ringway::tmp {
namespace {

LinkParameters sample() {
  LinkParameters parameters;
  parameters.versions = {2, 1};
  parameters.max_streams = 65536;
  parameters.max_link_receive_octets = 48U << 20;
  parameters.max_stream_receive_octets = 16U << 20;
  parameters.max_packet_octets = 1472;
  parameters.max_ack_delay = std::chrono::milliseconds(5);
  for (std::size_t index = 0; index < parameters.reset_token.size(); ++index) {
    parameters.reset_token[index] = static_cast<std::uint8_t>(index);
  }
  return parameters;
}

Octets with_parameter(Octets encoded, std::string_view hex) {
  const Octets more = from_hex(hex);
  encoded.insert(encoded.end(), more.begin(), more.end());
  return encoded;
}

TEST(LinkParameters, AreWrittenAsPublished) {
  EXPECT_EQ(to_hex(encode(sample())), to_hex(wire_vector("settings")));
  const auto read = decode_link_parameters(wire_vector("settings"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, sample());
}

TEST(LinkParameters, RefuseEveryCut) {
  const Octets encoded = encode(sample());
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_FALSE(decode_link_parameters(Bytes(encoded).first(size))) << size;
  }
}

TEST(LinkParameters, PassOverUnknownOnes) {
  const auto read = decode_link_parameters(with_parameter(encode(sample()),
                                                          "3f03616263"
                                                          "7fff00"
                                                          "bfffffff0161"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, sample());
}

TEST(LinkParameters, NameWhatIsWrong) {
  EXPECT_EQ(decode_link_parameters({}).error().message, "SETTINGS lack parameter 1");
  EXPECT_EQ(decode_link_parameters(with_parameter(encode(sample()), "020101")).error().message,
            "SETTINGS name parameter 2 twice");
  for (const std::string_view hex :
       {"0100", "01020000", "0200", "02020101", "050144af", "0503444c44", "0604bfffffff", "0700", "070101"}) {
    const auto read = decode_link_parameters(from_hex(hex));
    ASSERT_FALSE(read) << hex;
    EXPECT_NE(read.error().message.find("senseless"), std::string::npos) << hex << ' ' << read.error().message;
  }
}

TEST(LinkParameters, RefuseTooManyVersions) {
  Octets encoded = {1, 0x40, 4 * 17};
  encoded.resize(encoded.size() + 4 * 17, 1);
  EXPECT_NE(decode_link_parameters(encoded).error().message.find("senseless"), std::string::npos);
}

}  // namespace
}  // namespace ringway::tmp
