// That answering allocates nothing. The program's operators `new` and `delete` are replaced here by ones that count.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/redirector_dns/responder_support.h"

namespace {
std::size_t allocations = 0;
}  // namespace

// All forms of one object's: a sanitizer's own would not match them.
void* operator new(std::size_t octets, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(octets == 0 ? 1 : octets);
}
void* operator new(std::size_t octets) {
  void* memory = operator new(octets, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace ringway::dns {
namespace {

TEST(Responder, AllocatesNothingToAnswer) {
  ResponderSettings settings;
  settings.nsid = "a name that is longer than what a string holds in itself";
  settings.cookies = CookieSecrets{{1}, {}};
  settings.rate.answers_per_s = 3;
  settings.rate.others_per_s = 3;
  ResponderWorld world(
      "www A 192.0.2.1\nsub NS ns.sub\nns.sub A 192.0.2.2\nshop SITE shop\nlost SITE lost\n* TXT any\n", settings);
  const std::vector<IpAddress> v4{IpAddress::v4({198, 51, 100, 1})};
  world.steering.sites["shop"] = {v4, {}, "h2,http/1.1", 8443, 20, 20};
  Octets options = option(3, {});
  append(options, option(10, Octets(8, 5)));
  append(options, subnet_option(1, 24, {198, 51, 100}));
  std::vector<Octets> queries;
  for (const char* name : {"www.example.com.", "x.sub.example.com.", "shop.example.com.", "lost.example.com.",
                           "a.b.example.com.", "x.www.example.com.", "example.net."}) {
    for (const RecordType type :
         {RecordType::a, RecordType::aaaa, RecordType::https, RecordType::any, RecordType::txt}) {
      queries.push_back(QueryBuilder::of(name, type).opt(options).octets());
    }
  }
  queries.push_back(Octets(40, 1));
  world.out.resize(kMaxMessageOctets);
  const std::size_t before = allocations;
  ASSERT_GT(before, 0U);
  std::size_t answered = 0;
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    world.sender.transport = transport;
    for (const Octets& query : queries) {
      answered += world.responder.respond(world.sender, world.moment, query, world.out).octets > 0;
    }
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(answered, queries.size());
}

}  // namespace
}  // namespace ringway::dns
