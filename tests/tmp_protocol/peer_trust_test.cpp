// Which certificates a handshake takes: the expired, the revoked, and those of other roles.

#include "tmp_protocol/peer_trust.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/tls_peer.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

const WallTime kEnd = test_time() + kIdentityLife;

TlsPeerSettings settings_of(End end, const PeerIdentity& self, const PeerIdentity& wanted, WallTime now) {
  LinkParameters parameters;
  parameters.versions = {kVersion1};
  parameters.max_packet_octets = 1472;
  return {end, test_identity(self.role, self.name), {wanted.role, {wanted.name}, {}}, parameters, now};
}

const PeerIdentity kPop = {Role::frontend, "pop-1"};
const PeerIdentity kHost = {Role::backend, "host-1"};

void carry(TlsPeer& client, TlsPeer& server) {
  client.start();
  for (int turn = 0; turn < 4; ++turn) {
    server.feed(client.take_output());
    client.feed(server.take_output());
  }
}

/// Both at `now`, where the server judges by `trust`; why it refuses the client, empty where it does not.
std::string verdict(WallTime now, const PeerTrust& trust, const TlsPeerSettings& client_settings) {
  TlsPeerSettings client_at = client_settings;
  client_at.now = test_time();  // so that only the server has something to judge
  TlsPeerSettings server_at = settings_of(End::server, kHost, kPop, now);
  server_at.wanted.trust = trust;
  TlsPeer client(std::move(client_at));
  TlsPeer server(std::move(server_at));
  carry(client, server);
  EXPECT_EQ(server.state() == TlsPeer::State::done, client.state() == TlsPeer::State::done);
  return server.state() == TlsPeer::State::done ? "" : server.error().message;
}

std::string verdict(WallTime now, const PeerTrust& trust) {
  return verdict(now, trust, settings_of(End::client, kPop, kHost, test_time()));
}

PeerTrust taking_expired(std::chrono::seconds grace = kUnlimitedGrace) {
  return {ExpiredPeers::accept_known, grace, nullptr};
}

TEST(PeerTrust, TakesExpiredCertificatesOfKnownPeersWhereToldTo) {
  EXPECT_EQ(verdict(kEnd - 1s, {}), "");
  EXPECT_NE(verdict(kEnd + 1s, {}).find("expired at"), std::string::npos);
  EXPECT_EQ(verdict(kEnd + 1s, taking_expired()), "");
  EXPECT_EQ(verdict(kEnd + 24h * 3650, taking_expired()), "");
}

TEST(PeerTrust, GraceEndsToTheSecond) {
  EXPECT_EQ(verdict(kEnd + 1h, taking_expired(1h)), "");
  EXPECT_NE(verdict(kEnd + 1h + 1s, taking_expired(1h)), "");
  EXPECT_EQ(verdict(kEnd, taking_expired(0s)), "");
  EXPECT_NE(verdict(kEnd + 1s, taking_expired(0s)), "");
}

TEST(PeerTrust, GraceIsForNothingElse) {
  const WallTime late = kEnd + 1h;
  TlsPeerSettings stranger = settings_of(End::client, {Role::frontend, "pop-9"}, kHost, late);
  EXPECT_EQ(verdict(late, taking_expired(), stranger), "frontend 'pop-9' is refused: no site names it");
  TlsPeerSettings other_role = settings_of(End::client, {Role::backend, "pop-1"}, kHost, late);
  EXPECT_EQ(verdict(late, taking_expired(), other_role), "backend 'pop-1' is refused: a frontend is wanted");
  TlsPeerSettings foreign = settings_of(End::client, kPop, kHost, late);
  IdentityPem pem = test_pem(Role::frontend, "pop-1", other_authority());
  pem.authority += test_authority().certificate;
  foreign.identity = *Identity::from_pem(pem);
  EXPECT_EQ(verdict(late, taking_expired(), foreign),
            "frontend 'pop-1' is refused: its certificate is of another authority");
  EXPECT_NE(verdict(test_time() - 25h, taking_expired()).find("valid only from"), std::string::npos);
}

TEST(PeerTrust, GraceIsNotForAnExpiredAuthority) {
  EXPECT_NE(verdict(test_time() + kAuthorityLife + 1h, taking_expired()), "");
}

TEST(PeerTrust, RefusesTheRevoked) {
  const auto self = test_identity(Role::frontend, "pop-1");
  TlsPeerSettings client = settings_of(End::client, kPop, kHost, test_time());
  client.identity = self;
  const auto with = [](Revocations revocations, ExpiredPeers expired) {
    return PeerTrust{expired, kUnlimitedGrace, std::make_shared<const Revocations>(std::move(revocations))};
  };
  const std::string refusal = "frontend 'pop-1' is refused: its certificate is revoked";
  for (const ExpiredPeers expired : {ExpiredPeers::refuse, ExpiredPeers::accept_known}) {
    const WallTime now = expired == ExpiredPeers::refuse ? test_time() : kEnd + 1h;
    EXPECT_EQ(verdict(now, with({{self->certificate().serial}, {}}, expired), client), refusal);
    EXPECT_EQ(verdict(now, with({{}, {kPop}}, expired), client), refusal);
    EXPECT_EQ(verdict(now, with({{"00"}, {kHost, {Role::user, "pop-1"}}}, expired), client), "");
  }
}

TEST(PeerTrust, ClocksAnHourApartDoNotMatter) {
  for (const auto step : {-1h, 1h}) EXPECT_EQ(verdict(test_time() + step, {}), "");
}

TEST(PeerTrust, ManagersAndUsersAreNoGateways) {
  for (const Role role : {Role::manager, Role::user}) {
    TlsPeerSettings client = settings_of(End::client, kPop, kHost, test_time());
    client.identity = test_identity(role, "pop-1");
    const std::string found = verdict(test_time(), {}, client);
    EXPECT_EQ(found, std::string(role_name(role)) + " 'pop-1' is refused: a frontend is wanted");
  }
}

TEST(PeerTrust, AManagerIsCalledByWhoeverTheAuthorityKnows) {
  for (const Role role : {Role::frontend, Role::backend, Role::manager, Role::user}) {
    for (const WantedName name : {WantedName::any, WantedName::any_role}) {
      TlsPeerSettings client_at = settings_of(End::client, {role, "somebody"}, kHost, test_time());
      TlsPeerSettings server_at = settings_of(End::server, kHost, kPop, test_time());
      server_at.wanted = {Role::user, {}, {}, name};
      TlsPeer client(std::move(client_at));
      TlsPeer server(std::move(server_at));
      carry(client, server);
      EXPECT_EQ(server.state() == TlsPeer::State::done, name == WantedName::any_role || role == Role::user)
          << role_name(role);
    }
  }
}

/// A gateway that calls a manager takes nobody else for it.
TEST(PeerTrust, NoGatewayIsAManager) {
  for (const Role role : {Role::frontend, Role::backend, Role::manager}) {
    TlsPeerSettings client_at = settings_of(End::client, kPop, {Role::manager, "m-1"}, test_time());
    TlsPeerSettings server_at = settings_of(End::server, {role, "m-1"}, kPop, test_time());
    TlsPeer client(std::move(client_at));
    TlsPeer server(std::move(server_at));
    carry(client, server);
    EXPECT_EQ(client.state() == TlsPeer::State::done, role == Role::manager) << role_name(role);
  }
}

}  // namespace
}  // namespace ringway::tmp
