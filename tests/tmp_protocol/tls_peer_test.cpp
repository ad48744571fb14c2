#include "tmp_protocol/tls_peer.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::tmp {
namespace {

using State = TlsPeer::State;

LinkParameters parameters_of(std::uint64_t streams, std::vector<std::uint32_t> versions = {kVersion1}) {
  LinkParameters parameters;
  parameters.versions = std::move(versions);
  parameters.max_streams = streams;
  parameters.max_packet_octets = 1472;
  return parameters;
}

TlsPeerSettings client_settings() {
  static const auto identity = test_identity(Role::frontend, "pop-1");
  return {End::client, identity, {Role::backend, {"host-1"}}, parameters_of(100), test_time()};
}

TlsPeerSettings server_settings() {
  static const auto identity = test_identity(Role::backend, "host-1");
  return {End::server, identity, {Role::frontend, {"pop-1", "pop-2"}}, parameters_of(200), test_time()};
}

struct Pair {
  TlsPeer client;
  TlsPeer server;
  std::size_t carried = 0;

  Pair(TlsPeerSettings at_client, TlsPeerSettings at_server)
      : client(std::move(at_client)), server(std::move(at_server)) {}

  // Carries all that waits from one to the other, `piece` octets at a time.
  bool carry(TlsPeer& from, TlsPeer& to, std::size_t piece) {
    const std::vector<std::uint8_t> out = from.take_output();
    carried += out.size();
    for (Bytes rest = out; !rest.empty();) {
      const std::size_t size = std::min(piece, rest.size());
      to.feed(rest.first(size));
      rest = rest.subspan(size);
    }
    return !out.empty();
  }

  void run(std::size_t piece = SIZE_MAX) {
    client.start();
    server.start();
    bool moved = true;
    while (moved) {
      moved = carry(client, server, piece);
      moved = carry(server, client, piece) || moved;
    }
  }
};

KeyBinding binding() { return {kVersion1, 0, {1}, {2}, {3}}; }

std::string secrets_text(const Result<LinkSecrets>& secrets) {
  if (!secrets) return secrets.error().message;
  return to_hex(secrets->client.bytes()) + to_hex(secrets->server.bytes());
}

TEST(TlsPeer, ProvesBothEndsAndSharesSecrets) {
  Pair pair(client_settings(), server_settings());
  pair.run();
  ASSERT_EQ(pair.client.state(), State::done) << pair.client.error().message;
  ASSERT_EQ(pair.server.state(), State::done) << pair.server.error().message;
  EXPECT_EQ(pair.client.peer(), (PeerIdentity{Role::backend, "host-1"}));
  EXPECT_EQ(pair.server.peer(), (PeerIdentity{Role::frontend, "pop-1"}));
  EXPECT_EQ(pair.client.peer_parameters().max_streams, 200U);
  EXPECT_EQ(pair.server.peer_parameters().max_streams, 100U);
  EXPECT_EQ(pair.client.suite(), pair.server.suite());
  EXPECT_EQ(pair.client.suite(), has_aes_hardware() ? Suite::aes_128_gcm : Suite::chacha20_poly1305);
  const auto at_client = pair.client.export_secrets(binding());
  ASSERT_TRUE(at_client) << at_client.error().message;
  EXPECT_EQ(secrets_text(at_client), secrets_text(pair.server.export_secrets(binding())));
  EXPECT_NE(to_hex(at_client->client.bytes()), to_hex(at_client->server.bytes()));
  EXPECT_LT(pair.carried, 4000U) << "a server's flight must fit three times a client's first packet";
}

TEST(TlsPeer, TakesItsInputInPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 100U, 1000U}) {
    Pair pair(client_settings(), server_settings());
    pair.run(piece);
    EXPECT_EQ(pair.client.state(), State::done) << piece;
    EXPECT_EQ(pair.server.state(), State::done) << piece;
  }
}

TEST(TlsPeer, BindsTheKeysToEveryPart) {
  Pair pair(client_settings(), server_settings());
  pair.run();
  const std::string secrets = secrets_text(pair.client.export_secrets(binding()));
  std::vector<KeyBinding> others(4, binding());
  others[0].epoch = 1;
  others[1].first_destination = {9};
  others[2].client = {9};
  others[3].server = {9};
  for (const KeyBinding& other : others) {
    EXPECT_NE(secrets_text(pair.client.export_secrets(other)), secrets);
    EXPECT_EQ(secrets_text(pair.client.export_secrets(other)), secrets_text(pair.server.export_secrets(other)));
  }
}

TEST(TlsPeer, ExportsNothingBeforeThePeerIsProven) {
  Pair pair(client_settings(), server_settings());
  pair.client.start();
  pair.carry(pair.client, pair.server, SIZE_MAX);
  // The server has sent its Finished, and OpenSSL would let it export here.
  EXPECT_EQ(pair.server.state(), State::handshaking);
  EXPECT_FALSE(pair.server.export_secrets(binding()));
  EXPECT_FALSE(pair.client.export_secrets(binding()));
  pair.carry(pair.server, pair.client, SIZE_MAX);
  EXPECT_TRUE(pair.client.export_secrets(binding()));
  EXPECT_FALSE(pair.server.export_secrets(binding()));
  pair.carry(pair.client, pair.server, SIZE_MAX);
  EXPECT_TRUE(pair.server.export_secrets(binding()));
}

// Runs both, and says what each end thinks of it.
struct Refusal {
  std::string client;
  std::string server;
};

Refusal refused(TlsPeerSettings at_client, TlsPeerSettings at_server) {
  Pair pair(std::move(at_client), std::move(at_server));
  pair.run();
  EXPECT_EQ(pair.client.state(), State::failed);
  EXPECT_EQ(pair.server.state(), State::failed);
  EXPECT_FALSE(pair.client.export_secrets(binding()));
  EXPECT_FALSE(pair.server.export_secrets(binding()));
  return {pair.client.error().message, pair.server.error().message};
}

TEST(TlsPeer, RefusesAClientOfAnotherAuthority) {
  TlsPeerSettings client = client_settings();
  IdentityPem pem = test_pem(Role::frontend, "pop-1", other_authority());
  pem.authority += test_authority().certificate;  // it trusts the server: only the server can refuse
  client.identity = *Identity::from_pem(pem);
  const Refusal found = refused(client, server_settings());
  EXPECT_EQ(found.server, "frontend 'pop-1' is refused: its certificate is of another authority");
  EXPECT_EQ(found.client, "the peer refused this gateway: its certificate is of another authority");
}

TEST(TlsPeer, RefusesAServerOfAnotherAuthority) {
  TlsPeerSettings server = server_settings();
  server.identity = test_identity(Role::backend, "host-1", other_authority());
  const Refusal found = refused(client_settings(), server);
  EXPECT_EQ(found.client, "backend 'host-1' is refused: its certificate is of another authority");
  EXPECT_EQ(found.server, "the peer refused this gateway: its certificate is of another authority");
}

TEST(TlsPeer, RefusesAnotherName) {
  TlsPeerSettings client = client_settings();
  client.wanted.names = {"host-9"};
  const Refusal by_client = refused(client, server_settings());
  EXPECT_EQ(by_client.client, "backend 'host-1' is refused: 'host-9' is wanted");
  EXPECT_EQ(by_client.server, "the peer refused this gateway: its name is not among those it accepts");

  TlsPeerSettings server = server_settings();
  server.wanted.names = {"pop-2"};
  const Refusal by_server = refused(client_settings(), server);
  EXPECT_EQ(by_server.server, "frontend 'pop-1' is refused: no site names it");
  EXPECT_EQ(by_server.client, "the peer refused this gateway: its name is not among those it accepts");
}

TEST(TlsPeer, RefusesAnotherRole) {
  TlsPeerSettings server = server_settings();
  server.identity = test_identity(Role::frontend, "host-1");
  const Refusal by_client = refused(client_settings(), server);
  EXPECT_EQ(by_client.client, "frontend 'host-1' is refused: a backend is wanted");
  EXPECT_EQ(by_client.server, "the peer refused this gateway: its role is not the one it accepts");

  TlsPeerSettings client = client_settings();
  client.identity = test_identity(Role::backend, "pop-1");
  const Refusal by_server = refused(client, server_settings());
  EXPECT_EQ(by_server.server, "backend 'pop-1' is refused: a frontend is wanted");
  EXPECT_EQ(by_server.client, "the peer refused this gateway: its role is not the one it accepts");
}

TEST(TlsPeer, JudgesCertificatesByTheTimeItIsGiven) {
  TlsPeerSettings server = server_settings();
  server.now = test_time() + kIdentityLife + std::chrono::seconds(1);
  Refusal found = refused(client_settings(), server);
  EXPECT_EQ(found.server, "frontend 'pop-1' is refused: its certificate expired at 2026-12-18 00:00:00Z");
  EXPECT_EQ(found.client,
            "the peer refused this gateway: its certificate is expired or not yet valid by the peer's clock");
  server.now = test_time() - std::chrono::hours(25);
  found = refused(client_settings(), server);
  EXPECT_NE(found.server.find("valid only from"), std::string::npos) << found.server;
  server.now = test_time() + kIdentityLife - std::chrono::seconds(1);
  Pair pair(client_settings(), server);
  pair.run();
  EXPECT_EQ(pair.server.state(), State::done) << pair.server.error().message;
}

TEST(TlsPeer, RefusesAVersionThatIsNotTheBestOfBoth) {
  TlsPeerSettings client = client_settings();
  TlsPeerSettings server = server_settings();
  client.parameters = parameters_of(1, {2, 1});
  server.parameters = parameters_of(1, {3, 2, 1});
  Pair pair(client, server);
  pair.run();
  ASSERT_EQ(pair.server.state(), State::done);
  KeyBinding lowered = binding();
  EXPECT_EQ(secrets_text(pair.client.export_secrets(lowered)),
            "version 1 was chosen, though both ends speak a better one");
  EXPECT_FALSE(pair.server.export_secrets(lowered));
  lowered.version = 2;
  EXPECT_TRUE(pair.client.export_secrets(lowered));
  EXPECT_EQ(secrets_text(pair.client.export_secrets(lowered)), secrets_text(pair.server.export_secrets(lowered)));
}

TEST(TlsPeer, EndsOnAlteredOctets) {
  // Every octet of the server's flight in turn: the client never believes it.
  Pair whole(client_settings(), server_settings());
  whole.client.start();
  whole.carry(whole.client, whole.server, SIZE_MAX);
  const std::size_t size = whole.server.take_output().size();
  for (std::size_t at = 0; at < size; at += 7) {
    Pair pair(client_settings(), server_settings());
    pair.client.start();
    pair.carry(pair.client, pair.server, SIZE_MAX);
    std::vector<std::uint8_t> flight = pair.server.take_output();
    flight[std::min(at, flight.size() - 1)] ^= 0x21;
    pair.client.feed(flight);
    EXPECT_NE(pair.client.state(), State::done) << at;
    EXPECT_FALSE(pair.client.export_secrets(binding()));
  }
}

TEST(TlsPeer, EndsOnJunk) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SeededRandom random(seed);
    std::vector<std::uint8_t> junk(4000);
    random.fill(junk);
    if (seed % 2 == 0) junk[0] = 0x16;  // as a handshake record begins
    TlsPeer server(server_settings());
    server.feed(junk);
    EXPECT_NE(server.state(), State::done);
    TlsPeer client(client_settings());
    client.start();
    client.feed(junk);
    EXPECT_NE(client.state(), State::done);
  }
}

TEST(TlsPeer, TakesNoEndlessHandshake) {
  TlsPeer server(server_settings());
  // A record that promises 16 KiB, never finished, and again.
  const std::vector<std::uint8_t> part = {0x16, 0x03, 0x01, 0x00, 0x01, 0x01};
  for (int round = 0; round < 100000 && server.state() == State::handshaking; ++round) server.feed(part);
  EXPECT_EQ(server.state(), State::failed);
  server.feed(part);
  EXPECT_EQ(server.state(), State::failed);
}

TEST(TlsPeer, RefusesAPeerWithoutACertificate) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()), SSL_free);
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), in, out);
  SSL_set_connect_state(client.get());
  TlsPeer server(server_settings());
  for (int round = 0; round < 4; ++round) {
    SSL_do_handshake(client.get());
    std::vector<std::uint8_t> flight(BIO_ctrl_pending(out));
    if (!flight.empty()) BIO_read(out, flight.data(), static_cast<int>(flight.size()));
    server.feed(flight);
    const std::vector<std::uint8_t> answer = server.take_output();
    if (!answer.empty()) BIO_write(in, answer.data(), static_cast<int>(answer.size()));
  }
  EXPECT_EQ(server.state(), State::failed);
  EXPECT_FALSE(server.export_secrets(binding()));
  EXPECT_NE(server.error().message.find("certificate"), std::string::npos) << server.error().message;
}

TEST(TlsPeer, ReplaysWithASeed) {
  const auto flights = [](std::uint64_t seed) {
    // Identities first: they are not part of what is replayed.
    TlsPeerSettings at_client = client_settings();
    TlsPeerSettings at_server = server_settings();
    SeededRandom random(seed);
    const OpensslRandom override(random);
    Pair pair(at_client, at_server);
    pair.client.start();
    std::vector<std::uint8_t> all = pair.client.take_output();
    pair.server.feed(all);
    const std::vector<std::uint8_t> answer = pair.server.take_output();
    pair.client.feed(answer);
    all.insert(all.end(), answer.begin(), answer.end());
    const std::vector<std::uint8_t> last = pair.client.take_output();
    all.insert(all.end(), last.begin(), last.end());
    EXPECT_EQ(pair.client.state(), State::done);
    return to_hex(all);
  };
  EXPECT_EQ(flights(7), flights(7));
  EXPECT_NE(flights(7), flights(8));
}

TEST(TlsPeer, SpeaksToAMachineThatPrefersChaCha) {
  TlsPeerSettings client = client_settings();
  client.identity = test_identity(Role::frontend, "pop-2");
  SSL_CTX_set_ciphersuites(client.identity->context(), "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256");
  Pair pair(client, server_settings());
  pair.run();
  ASSERT_EQ(pair.server.state(), State::done) << pair.server.error().message;
  EXPECT_EQ(pair.server.suite(), Suite::chacha20_poly1305);
  EXPECT_EQ(secrets_text(pair.client.export_secrets(binding())), secrets_text(pair.server.export_secrets(binding())));
}

}  // namespace
}  // namespace ringway::tmp
