#include "net/carrier.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/net/support.h"
#include "tests/support/fake_stream.h"

namespace ringway::net {
namespace {

using testing::FakeStream;
using testing::FarEnd;

const tmp::Route kRoute({IpAddress::v4({192, 0, 2, 1}), 7400}, 5);

struct Owner final : CarrierOwner {
  void on_carrier_open(Carrier& /*carrier*/) override { ++opened; }
  void on_carrier_datagrams(Carrier& carrier, std::span<tmp::Datagram> batch) override {
    for (const tmp::Datagram& datagram : batch) {
      EXPECT_EQ(datagram.remote, kRoute);
      datagrams.emplace_back(as_text(datagram.payload));
    }
    if (closes) carrier.close();
  }
  void on_carrier_room(Carrier& /*carrier*/) override { ++rooms; }
  void on_carrier_lost(Carrier& /*carrier*/, Fault what, const std::string& reason) override {
    ++lost;
    fault = what;
    why = reason;
  }

  std::vector<std::string> datagrams;
  int opened = 0;
  int rooms = 0;
  int lost = 0;
  Fault fault = Fault::none;
  std::string why;
  bool closes = false;
};

class CarrierTest : public ::testing::Test {
 protected:
  CarrierTest() { carrier_.take_open(stream()); }
  std::unique_ptr<ByteStream> stream() { return std::make_unique<FakeStream>(far_); }
  bool put(std::string_view datagram) {
    const MutableBytes room = carrier_.reserve(datagram.size());
    if (room.empty()) return false;
    copy_bytes(as_bytes(datagram), room.data());
    carrier_.commit(datagram.size());
    return true;
  }

  std::unique_ptr<Worker> worker_ = make_worker();
  Owner owner_;
  std::shared_ptr<FarEnd> far_ = std::make_shared<FarEnd>();
  Carrier carrier_{owner_, *worker_, kRoute};
};

TEST_F(CarrierTest, SaysHowLongEachDatagramIs) {
  EXPECT_TRUE(put("one"));
  EXPECT_TRUE(put("three"));
  EXPECT_EQ(far_->take(), "") << "not before flush()";
  carrier_.flush();
  EXPECT_EQ(far_->take(), std::string("\0\3one\0\5three", 12));
}

TEST_F(CarrierTest, FindsDatagramsInWhateverCameIn) {
  far_->send(std::string_view("\0\3one\0\5th", 9));
  EXPECT_EQ(owner_.datagrams, std::vector<std::string>({"one"}));
  far_->send("ree");
  EXPECT_EQ(owner_.datagrams, std::vector<std::string>({"one", "three"}));
  EXPECT_EQ(far_->credit, 12U);
}

TEST_F(CarrierTest, HoldsLittleWhileTheKernelTakesNothing) {
  far_->window = 1;  // as CarrierTls: writable where nothing waits
  const std::string datagram(1400, 'x');
  std::size_t taken = 0;
  while (put(datagram)) taken += datagram.size();
  EXPECT_LE(taken, limits::kCarrierUnsentOctets);
  carrier_.flush();
  EXPECT_FALSE(put(datagram)) << "the kernel has not taken it";
  EXPECT_EQ(owner_.rooms, 0);
  far_->take();
  far_->writable();
  EXPECT_EQ(owner_.rooms, 1);
  EXPECT_TRUE(put(datagram));
  far_->writable();
  EXPECT_EQ(owner_.rooms, 1) << "nobody waits";
}

TEST_F(CarrierTest, EndsWithThePeer) {
  far_->end();
  EXPECT_EQ(owner_.lost, 1);
  EXPECT_EQ(owner_.fault, CarrierOwner::Fault::none);
  EXPECT_TRUE(far_->finished);
  EXPECT_FALSE(put("one"));
}

TEST_F(CarrierTest, CallsItNonsenseWhereADatagramIsCut) {
  far_->send(std::string_view("\0\3on", 4));
  far_->end();
  EXPECT_EQ(owner_.fault, CarrierOwner::Fault::nonsense);
  EXPECT_EQ(owner_.why, "it ended in the middle of a datagram");
}

TEST_F(CarrierTest, CallsItNonsenseWhereADatagramIsTooLarge) {
  far_->send(std::string_view("\0\3one\xff\xffxxx", 10));
  EXPECT_EQ(owner_.datagrams, std::vector<std::string>({"one"})) << "what came before counts";
  EXPECT_EQ(owner_.fault, CarrierOwner::Fault::nonsense);
  EXPECT_EQ(owner_.why, "a datagram of 65535 octets was announced");
  EXPECT_EQ(far_->handler, nullptr);
}

TEST_F(CarrierTest, MayBeClosedByWhoHearsOfADatagram) {
  owner_.closes = true;
  far_->send(std::string_view("\0\3one\0\0", 7));
  EXPECT_EQ(owner_.datagrams.size(), 1U);
  EXPECT_EQ(owner_.lost, 0) << "nothing more is heard of it";
  EXPECT_TRUE(far_->finished);
}

TEST_F(CarrierTest, TakesNothingBeforeItIsOpen) {
  Carrier opening(owner_, *worker_, kRoute);
  const auto far = std::make_shared<FarEnd>();
  opening.take_opening(std::make_unique<FakeStream>(far));
  EXPECT_TRUE(opening.reserve(100).empty());
  far->handler->on_open();
  EXPECT_EQ(owner_.opened, 1);
  EXPECT_FALSE(opening.reserve(100).empty());
  far->abort(StreamCode::connection_failed);
  EXPECT_EQ(owner_.lost, 1);
  EXPECT_EQ(owner_.why, "by the test");
}

}  // namespace
}  // namespace ringway::net
