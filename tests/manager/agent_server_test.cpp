#include "manager/fleet/agent_server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "manager/resources/kinds.h"
#include "net/carrier_tls.h"
#include "net/connector.h"
#include "tests/manager/fleet_model.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/manager_proof.h"

namespace ringway::manager {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 20s;

/// A client that has nothing yet but what an enrolment token says.
class Stranger final : public net::TlsConnection {
 public:
  static SSL_CTX* context() {
    static SSL_CTX* const kMade = [] {
      SSL_CTX* made = SSL_CTX_new(TLS_client_method());
      SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
      return made;
    }();
    return kMade;
  }
  Stranger(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote)
      : TlsConnection(worker, std::move(fd), remote, Side::dialled, context()) {}
  [[nodiscard]] Result<tmp::ProvenManager> prove(const tmp::Digest& authority, tmp::WallTime now) const {
    return tmp::prove_manager(SSL_get_peer_cert_chain(ssl()), authority, now);
  }
};

/// The agent's end of a real connection.
class Client final : public ByteStreamHandler {
 public:
  Client(std::unique_ptr<net::TlsConnection> made) : connection_(made.get()) {
    made->set_handler(this);
    made->begin(10s);
    stream_ = std::make_unique<net::TcpStream>(std::move(made));
  }
  void on_open() override { open = true; }
  void on_data(Slice data) override {
    stream_->consumed(data.size());
    reader_.add(std::move(data));
    for (auto next = reader_.next(); next && next->has_value(); next = reader_.next()) messages.push_back(**next);
  }
  void on_end() override { ended = true; }
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& end) override {
    ended = true;
    why = end.message;
  }
  void send(const agent::Message& message) {
    ByteQueue octets;
    agent::write_message(octets, message);
    stream_->write(octets);
  }
  [[nodiscard]] net::TlsConnection& connection() { return *connection_; }

  bool open = false;
  bool ended = false;
  std::string why;
  std::vector<agent::Message> messages;

 private:
  net::TlsConnection* connection_;
  std::unique_ptr<ByteStream> stream_;
  agent::MessageReader reader_;
};

class AgentServerTest : public ::testing::Test {
 protected:
  AgentServerTest() {
    writer_.resume();
    fleet_ = std::make_unique<Fleet>(FleetParts{worker_->loop(),
                                                log_,
                                                ledger_,
                                                writer_,
                                                [] {
                                                  return Lead{true, 1, "m1"};
                                                },
                                                authority_,
                                                {0s, 30s, 5s},
                                                "m1"});
    auto opened = AgentServer::open(*worker_, {{IpAddress::v4({127, 0, 0, 1}), 0}, "m1"}, authority_, *fleet_, log_);
    EXPECT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
    put(kPops, "x", R"({"name": "x", "latitude": 1, "longitude": 2})");
    put(kFrontends, "pop-1", R"({"name": "pop-1", "pop": "x", "addresses": ["192.0.2.1"]})");
  }
  ~AgentServerTest() override {
    server_.reset();
    fleet_.reset();
  }

  void put(const char* kind, const char* name, const char* content) {
    writer_.submit(
        [=](const Ledger& ledger) -> std::variant<Writing, Problem> {
          Writing writing;
          writing.revision =
              std::get<Proposal>(ledger.registry().propose({{kind, name, content}}, {"a", "", {}})).revision;
          return writing;
        },
        [](const std::optional<Problem>& problem) { EXPECT_FALSE(problem); });
  }
  bool run(const std::function<bool()>& done) { return worker_->run_until(done, kPatience); }
  net::Descriptor dial() { return net::begin_connect(server_->address()).value(); }

  std::shared_ptr<const tmp::Identity> identity(const tmp::PeerIdentity& who, std::chrono::seconds life,
                                                tmp::WallTime from) {
    const auto pem = tmp::make_identity(*authority_, {who, life, {}}, from, "");
    EXPECT_TRUE(pem);
    return tmp::Identity::from_pem(*pem).value();
  }
  std::unique_ptr<Client> agent(const tmp::Identity& identity) {
    return std::make_unique<Client>(net::CarrierTls::dialled(*worker_, dial(), server_->address(), identity,
                                                             {tmp::Role::manager, {}, {}, tmp::WantedName::any}));
  }

  std::unique_ptr<net::Worker> worker_ = net::Worker::make(0).value();
  tmp::WallTime now_ = worker_->loop().clock.wall();
  std::shared_ptr<const tmp::Authority> authority_ =
      std::make_shared<const tmp::Authority>(tmp::make_authority(now_ - 2400h).value());
  testing::Lines lines_;
  Log log_{"manager", {}, lines_, worker_->loop().clock};
  Ledger ledger_{resource_kinds()};
  std::uint64_t position_ = 0;
  Writer writer_{ledger_, worker_->loop().clock,
                 [this](const Batch&, const std::function<void(WriteResult)>& then) {
                   worker_->loop().deferred.post([this, then] {
                     then({Written::done, ++position_, ""});
                     fleet_->look();
                   });
                   return true;
                 },
                 [] {}};
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<AgentServer> server_;
};

TEST_F(AgentServerTest, AnAgentGetsItsContentsOverTls) {
  const auto pop = identity({tmp::Role::frontend, "pop-1"}, 24h, now_);
  const auto client = agent(*pop);
  ASSERT_TRUE(run([&] { return client->open || client->ended; }));
  ASSERT_TRUE(client->open) << client->why;
  agent::Message hello;
  hello.hello = agent::Hello{"0.1.0", {}};
  client->send(hello);
  ASSERT_TRUE(run([&] { return client->messages.size() >= 2; }));
  EXPECT_TRUE(client->messages[0].welcome);
  ASSERT_TRUE(client->messages[1].content);
  EXPECT_EQ(client->messages[1].content->mark.revision, 2U);
}

TEST_F(AgentServerTest, ANewGatewayKnowsTheManagerAndEnrols) {
  const tmp::PeerIdentity pop = {tmp::Role::frontend, "pop-1"};
  const tmp::Digest authority = *tmp::fingerprint_of(authority_->certificate);
  const auto made = make_enrolment({pop, kDefaultEnrolmentLife, {"192.0.2.1:7500"}, "user:ada"}, authority, now_,
                                   worker_->loop().random);
  writer_.submit(
      [record = made->record](const Ledger&) -> std::variant<Writing, Problem> {
        Writing writing;
        writing.records.push_back(record);
        return writing;
      },
      [](const std::optional<Problem>&) {});
  auto connection = std::make_unique<Stranger>(*worker_, dial(), server_->address());
  const Stranger& stranger = *connection;
  Client client(std::move(connection));
  ASSERT_TRUE(run([&] { return client.open; }));
  const auto proven = stranger.prove(authority, now_);
  ASSERT_TRUE(proven) << proven.error().message;
  EXPECT_EQ(proven->manager.identity.name, "m1");
  const auto request = tmp::make_certificate_request(pop);
  agent::Message message;
  message.request = agent::CertificateRequest{to_hex(tmp::parse_enrolment_token(made->text)->secret), request->request};
  client.send(message);
  ASSERT_TRUE(run([&] { return client.ended; }));
  ASSERT_EQ(client.messages.size(), 1U);
  const agent::Issued& issued = *client.messages[0].issued;
  EXPECT_EQ(issued.refusal, "");
  EXPECT_TRUE(tmp::Identity::from_pem({issued.certificate, request->key, authority_->certificate}));
}

TEST_F(AgentServerTest, AnExpiredCertificateIsGoodForItsRenewalAlone) {
  const auto pop = identity({tmp::Role::frontend, "pop-1"}, 1h, now_ - 24h);
  const auto client = agent(*pop);
  ASSERT_TRUE(run([&] { return client->open || client->ended; }));
  ASSERT_TRUE(client->open) << client->why;
  agent::Message hello;
  hello.hello = agent::Hello{"0.1.0", {}};
  client->send(hello);
  ASSERT_TRUE(run([&] { return client->ended; }));
  EXPECT_TRUE(client->messages.empty());
}

TEST_F(AgentServerTest, ACertificateOfAnotherAuthorityIsRefused) {
  const tmp::Authority other = tmp::make_authority(now_ - 1h).value();
  tmp::IdentityPem pem = tmp::make_identity(other, {tmp::Role::frontend, "pop-1"}, now_).value();
  pem.authority += authority_->certificate;  // it trusts the manager
  const auto pop = tmp::Identity::from_pem(pem).value();
  const auto client = agent(*pop);
  ASSERT_TRUE(run([&] { return client->ended; }));
  EXPECT_TRUE(client->messages.empty());
  EXPECT_EQ(fleet_->sessions(), 0U);
}

}  // namespace
}  // namespace ringway::manager
