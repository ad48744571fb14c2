#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "base/random.h"
#include "redirector_dns/geography/geography_file.h"
#include "redirector_dns/geography/network_joiner.h"
#include "redirector_dns/limits.h"
#include "tests/redirector_dns/mmdb_writer.h"
#include "tests/redirector_dns/steering_plan.h"

namespace ringway::dns {

namespace {

using steering::ClientPlan;
using steering::Family;
using steering::net;
using steering::Network;
using steering::prefix_mask;
using testing::mmdb_map;
using testing::mmdb_place;
using testing::mmdb_text;
using testing::MmdbWriter;

class Geography : public ::testing::Test {
 protected:
  ~Geography() override { ::unlink(path_.c_str()); }
  Result<std::vector<ClientPlan>> read(const std::string& text) {
    ::unlink(path_.c_str());  // a file that is cut and written again waits for the disk
    std::ofstream(path_, std::ios::binary) << text;
    return read_geography(path_);
  }
  std::vector<ClientPlan> clients(const MmdbWriter& writer) {
    auto clients = read(writer.text());
    EXPECT_TRUE(clients) << clients.error().message;
    return clients ? *clients : std::vector<ClientPlan>();
  }

  const std::string path_ = ::testing::TempDir() + "ringway_geography_" + std::to_string(::getpid());
};

const ClientPlan* find(const std::vector<ClientPlan>& clients, const Network& inside) {
  for (const ClientPlan& client : clients) {
    if (client.network.contains(inside)) return &client;
  }
  return nullptr;
}

TEST_F(Geography, TakesPlacesAndCountries) {
  for (const unsigned version : {4U, 6U}) {
    MmdbWriter writer(version);
    writer.add(net("203.0.112.0/23"), mmdb_place(47.37, 8.54, "CH"));
    writer.add(net("198.51.100.0/24"), mmdb_map({{"country", mmdb_map({{"iso_code", mmdb_text("NO")}})}}));
    if (version == 6) writer.add(net("2001:db8::/32"), mmdb_place(-33.9, 151.2, "AU"));
    const auto told = clients(writer);
    ASSERT_EQ(told.size(), version == 6 ? 3U : 2U);
    EXPECT_EQ(told[0].network, net("198.51.100.0/24"));
    EXPECT_EQ(told[0].area, "NO");
    EXPECT_FALSE(told[0].place);
    EXPECT_EQ(told[1].network, net("203.0.112.0/23"));
    EXPECT_EQ(told[1].place->latitude, 47);
    EXPECT_EQ(told[1].place->longitude, 9);
    EXPECT_EQ(told[1].area, "CH");
    if (version == 4) continue;
    EXPECT_EQ(told[2].place->longitude, 151);
  }
}

/// What is told of any address is what its network in the database says, rounded; nothing is told twice.
TEST_F(Geography, SaysWhatTheDatabaseSays) {
  std::size_t joined = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    MmdbWriter writer(6);
    struct Known {
      Network network;
      int latitude;
      int longitude;
    };
    std::vector<Known> known;
    for (int i = 0; i < 200; ++i) {
      const Family family = random.below(2) == 0 ? Family::v4 : Family::v6;
      // Close to each other, so that neighbours are joined.
      const bool v4 = family == Family::v4;
      const auto bits = static_cast<unsigned>(v4 ? 19 + random.below(6) : 40 + random.below(9));
      const std::uint64_t base = v4 ? 0x0a00'0000ULL << 32 : 0x2a00ULL << 48;
      const auto network = Network::around(family, base | (random.next() >> (v4 ? 17 : 38)), bits);
      const bool apart = std::none_of(known.begin(), known.end(), [&](const Known& each) {
        return each.network.contains(network) || network.contains(each.network);
      });
      if (!apart) continue;
      known.push_back({network, static_cast<int>(random.below(2)) * 40, static_cast<int>(random.below(2)) * 100});
      writer.add(network, mmdb_place(known.back().latitude + 0.3, known.back().longitude - 0.4, "CH"));
    }
    const auto told = clients(writer);
    for (const Known& each : known) {
      const ClientPlan* const client = find(told, each.network);
      ASSERT_NE(client, nullptr) << each.network.text();
      EXPECT_EQ(client->place->latitude, each.latitude);
      EXPECT_EQ(client->place->longitude, each.longitude);
    }
    // And nothing more than that: the addresses are as many.
    double of_known = 0;
    double of_told = 0;
    for (const Known& each : known) of_known += std::ldexp(1, -each.network.bits);
    for (const ClientPlan& client : told) of_told += std::ldexp(1, -client.network.bits);
    EXPECT_DOUBLE_EQ(of_known, of_told);
    ASSERT_LE(told.size(), known.size());
    joined += known.size() - told.size();
    for (std::size_t i = 1; i < told.size(); ++i) {
      const Network& left = told[i - 1].network;
      const Network& right = told[i].network;
      EXPECT_LT(left, right);
      EXPECT_FALSE(left.contains(right));
      const bool halves = left.bits == right.bits && left.first == (right.first & prefix_mask(left.bits - 1U));
      const bool alike = told[i - 1].place->latitude == told[i].place->latitude &&
                         told[i - 1].place->longitude == told[i].place->longitude;
      EXPECT_FALSE(halves && alike && left.family == right.family) << left.text() << " " << right.text();
    }
  }
  EXPECT_GT(joined, 20U);
}

TEST_F(Geography, GoesNoFinerThanCells) {
  MmdbWriter writer(6);
  writer.add(net("203.0.113.16/28"), mmdb_place(10, 10, "CH"));
  writer.add(net("203.0.113.32/28"), mmdb_place(50, 50, "NO"));
  writer.add(net("2a00:1::/60"), mmdb_place(20, 20, "CH"));
  const auto told = clients(writer);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].network, net("203.0.113.0/24"));
  EXPECT_EQ(told[0].place->latitude, 10) << "the first of them";
  EXPECT_EQ(told[1].network, net("2a00:1::/48"));
}

TEST_F(Geography, ALargeDatabaseIsTakenMoreCoarsely) {
  MmdbWriter writer(4);
  SeededRandom random(2);
  for (std::uint64_t i = 0; i < 60'000; ++i) {
    const auto place = static_cast<double>(random.below(80));
    writer.add(Network::around(Family::v4, i << 40, 24), mmdb_place(place, place, "CH"));
  }
  const auto told = clients(writer);
  EXPECT_GT(told.size(), 10'000U);
  EXPECT_LE(told.size(), limits::kMaxGeographyNetworks);
  for (const ClientPlan& client : told) EXPECT_LE(client.network.bits, 22);
}

TEST_F(Geography, MalformedDatabasesAreRefused) {
  EXPECT_NE(read_geography("/no/such/file").error().message.find("/no/such/file: "), std::string::npos);
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("no database"));
  MmdbWriter circle(4);
  circle.add(net("128.0.0.0/1"), mmdb_place(1, 1, "CH"));
  circle.add(net("64.0.0.0/2"), mmdb_place(1, 1, "CH"));
  circle.lead(1, 0, 1);
  circle.lead(1, 1, 1);
  const auto told = read(circle.text());
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().message.find(path_), std::string::npos);
}

/// Whatever octets are changed or cut, it ends, and what it gives is in order.
TEST_F(Geography, MutationsNeitherCrashNorHang) {
  MmdbWriter writer(6);
  SeededRandom random(3);
  for (std::uint64_t i = 0; i < 40; ++i) {
    writer.add(Network::around(Family::v4, i << 56, 8), mmdb_place(random.unit() * 90, random.unit() * 90, "CH"));
    writer.add(Network::around(Family::v6, (0x2a00 + i) << 48, 16), mmdb_place(random.unit() * 90, 0, "NO"));
  }
  const std::string text = writer.text();
  std::size_t taken = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string changed = text;
    for (std::uint64_t i = random.below(4); i < 4; ++i)
      changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    if (random.below(10) == 0) changed.resize(random.below(changed.size()));
    const auto told = read(changed);
    if (!told) continue;
    ++taken;
    for (std::size_t i = 1; i < told->size(); ++i) ASSERT_LT((*told)[i - 1].network, (*told)[i].network);
    for (const ClientPlan& client : *told) {
      ASSERT_LE(client.place ? std::abs(client.place->latitude) : 0, 90);
    }
  }
  EXPECT_GT(taken, 100U);
}

TEST(AddGeography, WhatIsKnownStandsBeforeIt) {
  const auto placed = [](const char* network, double latitude, std::string area = {}) {
    ClientPlan client;
    client.network = net(network);
    if (latitude != 0) client.place = steering::Location{latitude, 0};
    client.area = std::move(area);
    return client;
  };
  std::vector<ClientPlan> clients = {placed("10.0.0.0/8", 1), placed("10.1.0.0/16", 0, "own"), placed("11.0.0.0/8", 0),
                                     placed("12.0.0.0/16", 0), placed("13.0.0.0/8", 2)};
  add_geography(clients, {placed("9.0.0.0/8", 50), placed("10.1.0.0/16", 51), placed("10.2.0.0/16", 52),
                          placed("11.0.0.0/8", 53, "CH"), placed("12.0.0.0/8", 54), placed("14.0.0.0/8", 55)});
  std::string all;
  for (const ClientPlan& client : clients) {
    all += client.network.text() + " " +
           (client.place ? std::to_string(static_cast<int>(client.place->latitude)) : "-") + client.area + "\n";
  }
  EXPECT_EQ(all,
            "9.0.0.0/8 50\n10.0.0.0/8 1\n10.1.0.0/16 -own\n11.0.0.0/8 53CH\n12.0.0.0/8 54\n12.0.0.0/16 -\n"
            "13.0.0.0/8 2\n14.0.0.0/8 55\n");
}

std::vector<ClientPlan> random_clients(SeededRandom& random, std::size_t count, bool disjoint) {
  std::map<Network, ClientPlan> clients;
  for (std::size_t i = 0; i < count; ++i) {
    const auto network = Network::around(Family::v4, random.next(), static_cast<unsigned>(random.below(7)));
    const bool apart = std::none_of(clients.begin(), clients.end(), [&](const auto& each) {
      return each.first.contains(network) || network.contains(each.first);
    });
    if (disjoint && !apart) continue;
    ClientPlan& client = clients[network];
    client.network = network;
    if (random.below(2) == 0) client.place = steering::Location{static_cast<double>(random.below(90)), 0};
    if (random.below(2) == 0) client.area = std::string(1, static_cast<char>('A' + random.below(26)));
  }
  std::vector<ClientPlan> all;
  for (auto& [network, client] : clients) all.push_back(std::move(client));
  return all;
}

/// The latitude and the area of all that is inside `network`, each as the smallest around it says that says it.
std::pair<double, std::string> whereabouts(const std::vector<ClientPlan>& clients, const Network& network) {
  std::pair<double, std::string> found{-1, ""};
  for (const ClientPlan& client : clients) {
    if (!client.network.contains(network)) continue;
    if (client.place) found.first = client.place->latitude;
    if (!client.area.empty()) found.second = client.area;
  }
  return found;
}

/// Of each client, places and areas apart: what is known stands, and the database says the rest.
TEST(AddGeography, FillsInOnlyWhatIsNotKnown) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SeededRandom random(seed);
    const std::vector<ClientPlan> own = random_clients(random, 6, false);
    const std::vector<ClientPlan> database = random_clients(random, 12, true);
    std::vector<ClientPlan> clients = own;
    add_geography(clients, database);
    for (std::size_t i = 1; i < clients.size(); ++i) ASSERT_LT(clients[i - 1].network, clients[i].network);
    for (std::uint64_t i = 0; i < 64; ++i) {
      const auto network = Network::around(Family::v4, i << 58, 6);
      auto wanted = whereabouts(own, network);
      const auto said = whereabouts(database, network);
      if (wanted.first < 0) wanted.first = said.first;
      if (wanted.second.empty()) wanted.second = said.second;
      ASSERT_EQ(whereabouts(clients, network), wanted) << network.text() << " with seed " << seed;
    }
  }
}

}  // namespace

}  // namespace ringway::dns
