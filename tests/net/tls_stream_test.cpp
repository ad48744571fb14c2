#include "net/tls_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "base/limits.h"
#include "tests/net/support.h"
#include "tests/net/test_certificates.h"

namespace ringway::net {
namespace {

class TlsStream : public testing::Test {
 protected:
  [[nodiscard]] std::shared_ptr<const TlsServerContext> server() const {
    return TlsServerContext::load(files_.certificate, files_.key).value();
  }

  TestAuthority authority_;
  TestAuthority::Files files_ = authority_.issue("shop.test", "DNS:shop.test");
  TlsClientSettings settings_{"shop.test", authority_.authority_file(), "", ""};
};

TEST_F(TlsStream, CarriesOctetsBothWaysAndTellsTheName) {
  TcpPair pair(server(), &settings_);
  pair.open();
  EXPECT_TRUE(pair.acceptor.infos[0].tls);
  EXPECT_EQ(pair.acceptor.infos[0].server_name, "shop.test");
  pair.client.write("to the server");
  pair.server().write("to the client");
  ASSERT_TRUE(pair.run([&] { return pair.client.received.size() == 13 && pair.server().received.size() == 13; }));
  EXPECT_EQ(pair.server().received, "to the server");
  EXPECT_EQ(pair.client.received, "to the client");
}

TEST_F(TlsStream, MovesMuchInOrderWithBackPressure) {
  TcpPair pair(server(), &settings_);
  pair.open();
  const std::string sent = pattern(8 << 20);
  std::size_t at = 0;
  SeededRandom random(3);
  ASSERT_TRUE(pair.run([&] {
    for (int i = 0; i < 4 && at < sent.size(); ++i) {
      const std::size_t wanted = 1 + random.below(40000);
      const std::size_t count = std::min({pair.client.stream->writable(), sent.size() - at, wanted});
      pair.client.write(std::string_view(sent).substr(at, count));
      at += count;
    }
    if (at == sent.size()) pair.client.stream->finish();
    return pair.server().ended || pair.server().aborted;
  }));
  EXPECT_TRUE(pair.server().received == sent);
  EXPECT_FALSE(pair.server().aborted) << pair.server().end.message;
}

TEST_F(TlsStream, ReadsAtMostItsBoundUntilConsumed) {
  TcpPair pair(server(), &settings_);
  pair.open();
  pair.server().consumes = false;
  pair.client.write(pattern(1 << 20));
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets >= limits::kTcpReceiveOctets; }));
  const std::size_t held = pair.server().received_octets;
  EXPECT_LT(held, limits::kTcpReceiveOctets + kChunkOctets);
  pair.settle();
  EXPECT_EQ(pair.server().received_octets, held);
  pair.server().consumes = true;
  pair.server().stream->consumed(held);
  ASSERT_TRUE(pair.run([&] { return pair.server().received_octets == std::size_t{1} << 20; }));
}

TEST_F(TlsStream, EndsWithCloseNotifyAndGoesOnReading) {
  TcpPair pair(server(), &settings_);
  pair.open();
  pair.client.write("request");
  pair.client.stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.server().ended; }));
  EXPECT_EQ(pair.server().received, "request");
  pair.server().write("answer");
  pair.server().stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.client.ended; }));
  EXPECT_EQ(pair.client.received, "answer");
}

TEST_F(TlsStream, SendsTheRestAfterItsOwnerLeft) {
  TcpPair pair(server(), &settings_);
  pair.open();
  const std::string sent = pattern(2 << 20);
  pair.client.write(sent);
  pair.client.stream->finish();
  pair.client.stream.reset();
  ASSERT_TRUE(pair.run([&] { return pair.server().ended || pair.server().aborted; }));
  EXPECT_FALSE(pair.server().aborted) << pair.server().end.message;
  EXPECT_TRUE(pair.server().received == sent);
  pair.server().stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.worker->adopted() == 0; }));
}

TEST_F(TlsStream, ACutConnectionIsNoEnd) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings listen;
  listen.address = loopback();
  const auto plain = Listener::open(*worker, listen, acceptor).value();
  listen.tls = server();
  TestAcceptor tls_acceptor;
  const auto listener = Listener::open(*worker, listen, tls_acceptor).value();
  // A relay that passes octets on and hides the difference between an end and a cut.
  TcpConnector connector(*worker);
  TestEnd client;
  client.stream = connector.connect(plain->address(), &settings_, client);
  ASSERT_TRUE(worker->run_until([&] { return !acceptor.ends.empty(); }, kPatience));
  TestEnd onward;
  onward.stream = connector.connect(listener->address(), nullptr, onward);
  TestEnd& inward = acceptor.ends.front();
  const auto relay = [&] {
    if (!inward.received.empty()) onward.write(std::exchange(inward.received, {}));
    if (!onward.received.empty()) inward.write(std::exchange(onward.received, {}));
  };
  ASSERT_TRUE(worker->run_until(
      [&] {
        relay();
        return client.opened && !tls_acceptor.ends.empty();
      },
      kPatience));
  client.write("half of a req");
  ASSERT_TRUE(worker->run_until(
      [&] {
        relay();
        return !tls_acceptor.ends.front().received.empty();
      },
      kPatience));
  onward.stream->finish();  // FIN without close_notify
  TestEnd& server_end = tls_acceptor.ends.front();
  ASSERT_TRUE(worker->run_until([&] { return server_end.aborted || server_end.ended; }, kPatience));
  EXPECT_FALSE(server_end.ended);
  EXPECT_NE(server_end.end.message.find("without close_notify"), std::string::npos) << server_end.end.message;
}

TEST_F(TlsStream, RefusesAServerOfAnotherName) {
  TlsClientSettings wrong = settings_;
  wrong.server_name = "other.test";
  TcpPair pair(server(), &wrong);
  ASSERT_TRUE(pair.run([&] { return pair.client.aborted && pair.listener->counters().failed_handshakes == 1; }));
  EXPECT_FALSE(pair.client.opened);
  EXPECT_TRUE(pair.acceptor.ends.empty());
  EXPECT_NE(pair.client.end.message.find("hostname mismatch"), std::string::npos) << pair.client.end.message;
  EXPECT_EQ(pair.listener->connections(), 0U);
}

TEST_F(TlsStream, RefusesAServerOfAnotherAuthority) {
  const TestAuthority other;
  TlsClientSettings wrong = settings_;
  wrong.authority_file = other.authority_file();
  TcpPair pair(server(), &wrong);
  ASSERT_TRUE(pair.run([&] { return pair.client.aborted; }));
  EXPECT_FALSE(pair.client.opened);
  EXPECT_NE(pair.client.end.message.find("certificate"), std::string::npos) << pair.client.end.message;
}

TEST_F(TlsStream, VerifiesAddresses) {
  const TestAuthority::Files files = authority_.issue("by-address", "IP:127.0.0.1");
  const auto context = TlsServerContext::load(files.certificate, files.key).value();
  TlsClientSettings by_address = settings_;
  by_address.server_name = "127.0.0.1";
  TcpPair good(context, &by_address);
  good.open();
  EXPECT_EQ(good.acceptor.infos[0].server_name, "");
  by_address.server_name = "127.0.0.2";
  TcpPair bad(context, &by_address);
  ASSERT_TRUE(bad.run([&] { return bad.client.aborted; }));
}

TEST_F(TlsStream, PlainOctetsAreRefused) {
  TcpPair pair(server(), &settings_);
  pair.open();
  const BlockingClient plain(pair.listener->address());
  plain.send("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n");
  ASSERT_TRUE(pair.run([&] { return pair.listener->counters().failed_handshakes == 1; }));
  EXPECT_EQ(pair.acceptor.ends.size(), 1U);
}

TEST_F(TlsStream, GivesUpOnASilentClient) {
  const std::unique_ptr<Worker> worker = make_worker();
  TestAcceptor acceptor;
  ListenSettings listen;
  listen.address = loopback();
  listen.tls = server();
  listen.handshake_limit = std::chrono::milliseconds(20);
  const auto listener = Listener::open(*worker, listen, acceptor).value();
  const BlockingClient silent(listener->address());
  ASSERT_TRUE(worker->run_until([&] { return listener->counters().failed_handshakes == 1; }, kPatience));
  EXPECT_EQ(listener->connections(), 0U);
}

TEST_F(TlsStream, FilesThatDoNotFitAreNamed) {
  const TestAuthority::Files other = authority_.issue("other.test", "DNS:other.test");
  const auto mixed = TlsServerContext::load(files_.certificate, other.key);
  ASSERT_FALSE(mixed.ok());
  EXPECT_EQ(mixed.error().message, "key " + other.key + ": key values mismatch");
  const auto missing = TlsServerContext::load("/nonexistent/shop.pem", files_.key);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "certificate /nonexistent/shop.pem: No such file or directory");
}

TEST_F(TlsStream, KnowsWhatItsCertificateIsFor) {
  const auto context_for = [this](const char* names) {
    const TestAuthority::Files files = authority_.issue("common.test", names);
    return TlsServerContext::load(files.certificate, files.key).value();
  };
  const auto named = context_for("DNS:shop.test,DNS:*.SHOP.test,IP:192.0.2.1,IP:2001:db8::1");
  for (const char* host : {"shop.test", "www.shop.test", "*.shop.test", "192.0.2.1", "[2001:db8::1]"}) {
    EXPECT_TRUE(named->is_for(host)) << host;
  }
  for (const char* host : {"common.test", "shop.example", "a.b.shop.test", "*.b.shop.test", "*.test", "192.0.2.2",
                           "[2001:db8::2]", "", "[", "*."}) {
    EXPECT_FALSE(named->is_for(host)) << host;
  }
  EXPECT_TRUE(named->is_in_time());
  EXPECT_FALSE(context_for("DNS:www.shop.test")->is_for("*.shop.test"));
}

TEST_F(TlsStream, ShowsItsCertificateToAServerThatAsks) {
  const std::shared_ptr<const TlsServerContext> asking = server();
  SSL_CTX_load_verify_file(asking->get(), authority_.authority_file().c_str());
  SSL_CTX_set_verify(asking->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  TcpPair without(asking, &settings_);
  ASSERT_TRUE(without.run([&] { return without.client.aborted; }));
  EXPECT_TRUE(without.acceptor.ends.empty());

  const TestAuthority::Files client = authority_.issue("pop-1", "DNS:pop-1");
  TlsClientSettings settings = settings_;
  settings.certificate_file = client.certificate;
  settings.key_file = client.key;
  TcpPair with(asking, &settings);
  with.open();
  with.client.write("hello");
  ASSERT_TRUE(with.run([&] { return with.server().received == "hello"; }));
}

TEST_F(TlsStream, SpeaksTls12) {
  const std::shared_ptr<const TlsServerContext> old = server();
  SSL_CTX_set_max_proto_version(old->get(), TLS1_2_VERSION);
  TcpPair pair(old, &settings_);
  pair.open();
  const std::string sent = pattern(300000);
  pair.client.write(sent);
  pair.client.stream->finish();
  ASSERT_TRUE(pair.run([&] { return pair.server().ended || pair.server().aborted; }));
  EXPECT_TRUE(pair.server().received == sent);
}

/// A client whose context the test has changed.
class TlsClients : public TlsStream {
 protected:
  void connect(const std::function<void(SSL_CTX*)>& change) {
    ListenSettings listen;
    listen.address = loopback();
    listen.tls = server();
    listener_ = Listener::open(*worker_, listen, acceptor_).value();
    const auto context = TlsClientContext::load(settings_).value();
    change(context->get());
    const NativeAddress native(listener_->address());
    Descriptor fd(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(fd.get(), native.get(), native.size), 0);
    ASSERT_EQ(::fcntl(fd.get(), F_SETFL, O_NONBLOCK), 0);
    auto connection = std::make_unique<TlsConnection>(*worker_, std::move(fd), listener_->address(), context);
    connection->set_handler(&client_);
    connection->begin(kPatience);
    client_.stream = std::make_unique<TcpStream>(std::move(connection));
    ASSERT_TRUE(
        worker_->run_until([&] { return client_.aborted || (client_.opened && !acceptor_.ends.empty()); }, kPatience));
  }

  std::unique_ptr<Worker> worker_ = make_worker();
  TestAcceptor acceptor_;
  std::unique_ptr<Listener> listener_;
  TestEnd client_;
};

TEST_F(TlsClients, ThatSpeakOnlyAnotherProtocolAreRefused) {
  connect([](SSL_CTX* context) {
    constexpr unsigned char kHttp2[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context, kHttp2, sizeof kHttp2);
  });
  EXPECT_TRUE(client_.aborted);
  EXPECT_NE(client_.end.message.find("no application protocol"), std::string::npos) << client_.end.message;
}

TEST_F(TlsClients, ThatNameNoProtocolAreServed) {
  connect([](SSL_CTX* context) { SSL_CTX_set_alpn_protos(context, nullptr, 0); });
  EXPECT_TRUE(client_.opened);
}

TEST_F(TlsClients, OfTls11AreRefused) {
  connect([](SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  });
  EXPECT_TRUE(client_.aborted);
}

TEST_F(TlsClients, WithoutForwardSecrecyAreRefused) {
  connect([](SSL_CTX* context) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "AES128-GCM-SHA256");
  });
  EXPECT_TRUE(client_.aborted);
}

}  // namespace
}  // namespace ringway::net
