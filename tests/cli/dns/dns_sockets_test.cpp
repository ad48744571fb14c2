#include "cli/dns/dns_sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace ringway::cli {
namespace {

const SocketAddress kAddress{*IpAddress::parse("192.0.2.53"), 53};

/// Of an address whose sockets are taken over: `sockets` for each type.
DnsSockets taken_over(std::size_t sockets, std::size_t workers) {
  std::vector<DnsSocket> inherited;
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    for (std::size_t i = 0; i < sockets; ++i) {
      inherited.push_back({type, kAddress, net::Descriptor(::socket(AF_INET, type | SOCK_CLOEXEC, 0))});
    }
  }
  auto opened = DnsSockets::open({kAddress}, workers, std::move(inherited));
  return std::move(*opened);
}

TEST(DnsSockets, WhatAWorkerSeesIsItsPartOfTheSockets) {
  for (const std::size_t sockets : {1U, 2U, 3U, 4U, 7U}) {
    for (const std::size_t workers : {1U, 2U, 3U, 4U, 9U}) {
      const DnsSockets all = taken_over(sockets, workers);
      double sum = 0;
      for (std::size_t worker = 0; worker < workers; ++worker) {
        const auto its = all.of(worker);
        ASSERT_TRUE(its.ok());
        EXPECT_DOUBLE_EQ(all.part_of(worker), static_cast<double>(its->size()) / 2 / static_cast<double>(sockets))
            << worker << " of " << workers << ", " << sockets << " sockets";
        sum += all.part_of(worker);
      }
      EXPECT_GE(sum, 1 - 1e-9) << "every socket is read";
      if (sockets >= workers) {
        EXPECT_NEAR(sum, 1, 1e-9) << "by one of them";
      }
    }
  }
}

}  // namespace
}  // namespace ringway::cli
