#include "cli/enrol.h"

#include <fmt/format.h>
#include <netdb.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "agent/messages.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/arguments.h"
#include "cli/help.h"
#include "cli/keys.h"
#include "net/descriptor.h"
#include "net/manager_dial.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/enrolment_token.h"
#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/identity_files.h"

namespace ringway::cli {
namespace {

constexpr unsigned kPrivate = 0600;
constexpr unsigned kPublic = 0644;
/// For one manager's address, all in all.
constexpr Duration kAttemptLimit = std::chrono::seconds(15);

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// The addresses of "NAME:PORT", or of an address with a port.
Result<std::vector<SocketAddress>> resolve(const std::string& manager) {
  const std::size_t colon = manager.rfind(':');
  std::string host = manager.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), manager.substr(colon + 1).c_str(), &wanted, &found);
  if (failure != 0) return internal_error(fmt::format("{}: {}", manager, ::gai_strerror(failure)));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    net::NativeAddress native;
    std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen, reinterpret_cast<char*>(&native.storage));
    addresses.push_back(native.portable());
  }
  ::freeaddrinfo(found);
  return addresses;
}

/// One call of one manager.
class Attempt final : private ByteStreamHandler {
 public:
  Attempt(net::Worker& worker, const SocketAddress& address, const tmp::EnrolmentToken& token, std::string request)
      : worker_(worker), request_{to_hex(token.secret), std::move(request)} {
    stream_ = net::dial_unknown_manager(worker, address, token.authority, proven_, *this);
  }

  /// The certificate and the authority's, or why there is none.
  Result<tmp::IdentityPem> run() {
    worker_.run_until([this] { return over_; }, kAttemptLimit);
    if (!failure_.empty()) return internal_error(failure_);
    if (!issued_) return internal_error("it did not answer in time");
    if (issued_->certificate.empty()) return internal_error("refused: " + issued_->refusal);
    return tmp::IdentityPem{issued_->certificate, "", proven_.authority};
  }

 private:
  void on_open() override {
    agent::Message message;
    message.request = request_;
    ByteQueue octets;
    write_message(octets, message);
    stream_->write(octets);
  }
  void on_data(Slice data) override {
    stream_->consumed(data.size());
    reader_.add(std::move(data));
    while (!over_) {
      auto next = reader_.next();
      if (!next) return end(next.error().message);
      if (!*next) return;
      if (!(*next)->issued) continue;
      issued_ = std::move((*next)->issued);
      end("");
    }
  }
  void on_end() override { end("it hung up"); }
  void on_writable() override {}
  void on_stop(StreamCode /*code*/) override {}
  void on_abort(const StreamEnd& why) override { end(why.message); }
  void end(const std::string& failure) {
    if (over_) return;
    over_ = true;
    failure_ = failure;
  }

  net::Worker& worker_;
  agent::CertificateRequest request_;
  tmp::ProvenManager proven_;
  std::unique_ptr<ByteStream> stream_;
  agent::MessageReader reader_;
  std::optional<agent::Issued> issued_;
  bool over_ = false;
  std::string failure_;
};

/// The files of a gateway that enrols.
class Enrolment {
 public:
  Enrolment(tmp::EnrolmentToken token, const std::string& directory)
      : token_(std::move(token)),
        files_{directory + "/" + token_.identity.name + ".pem", directory + "/" + token_.identity.name + ".key",
               directory + "/ca.pem"},
        directory_(directory) {}

  [[nodiscard]] const IdentityFiles& files() const { return files_; }
  [[nodiscard]] const tmp::EnrolmentToken& token() const { return token_; }

  /// The request for the key, which is on the disk before anybody is asked: a token is good for one certificate.
  Result<std::string> prepare() {
    std::error_code failure;
    std::filesystem::create_directories(directory_, failure);
    if (failure) return internal_error(fmt::format("{}: {}", directory_, failure.message()));
    if (exists(files_.certificate)) return internal_error(files_.certificate + ": is there already");
    const Status authority = check_authority();
    if (!authority) return authority.error();
    if (exists(files_.key)) {
      auto kept = read_file(files_.key, limits::kMaxPemOctets);
      if (!kept) return kept.error();
      key_ = std::move(*kept);
    }
    auto made = tmp::make_certificate_request(token_.identity, key_);
    if (!made) return internal_error(fmt::format("{}: {}", files_.key, made.error().message));
    if (key_.empty()) {
      const Status written = tmp::write_new_file(files_.key, made->key, kPrivate);
      if (!written) return written.error();
      key_ = made->key;
    }
    return made->request;
  }

  /// `issued` has no key.
  Status keep(tmp::IdentityPem issued) {
    issued.key = key_;
    const auto identity =
        tmp::Identity::from_pem(issued, {"the certificate that was issued", files_.key, files_.authority});
    if (!identity) return identity.error();
    if ((*identity)->self() != token_.identity) return internal_error("the certificate that was issued is another's");
    const Status authority =
        exists(files_.authority) ? Status() : tmp::write_new_file(files_.authority, issued.authority, kPublic);
    return authority ? tmp::write_new_file(files_.certificate, issued.certificate, kPublic) : authority;
  }

 private:
  Status check_authority() {
    if (!exists(files_.authority)) return {};
    const auto text = read_file(files_.authority, limits::kMaxPemOctets);
    if (!text) return text.error();
    const auto fingerprint = tmp::fingerprint_of(*text);
    if (fingerprint && *fingerprint == token_.authority) return {};
    return internal_error(fmt::format("{}: is not the token's authority, which is {}", files_.authority,
                                      tmp::fingerprint_text(token_.authority)));
  }

  tmp::EnrolmentToken token_;
  IdentityFiles files_;
  std::string directory_;
  std::string key_;
};

/// Asks one manager after the other: one that does not lead refuses what another grants.
Result<SocketAddress> ask(Enrolment& enrolment, const std::string& request) {
  auto worker = net::Worker::make(0);
  if (!worker) return worker.error();
  std::string failures;
  for (const std::string& manager : enrolment.token().managers) {
    const auto addresses = resolve(manager);
    if (!addresses) {
      failures += "\n  " + addresses.error().message;
      continue;
    }
    for (const SocketAddress& address : *addresses) {
      Attempt attempt(**worker, address, enrolment.token(), request);
      Result<tmp::IdentityPem> issued = attempt.run();
      if (issued) {
        const Status kept = enrolment.keep(std::move(*issued));
        return kept ? Result<SocketAddress>(address) : kept.error();
      }
      failures += fmt::format("\n  {}: {}", address.text(), issued.error().message);
    }
  }
  return internal_error("no manager issued a certificate:" + failures);
}

void print_enrolled(const Enrolment& enrolment, const SocketAddress& manager, const std::string& directory) {
  const tmp::PeerIdentity& identity = enrolment.token().identity;
  fmt::print("enrolled the {} {}; put these into its configuration:\n", tmp::role_name(identity.role), identity.name);
  fmt::print("name: {}\nmanager:\n  addresses: [ \"{}\" ]\n  state: {}/state\n", identity.name, manager.text(),
             directory);
  fmt::print("{}", identity_text(enrolment.files(), identity.role));
}

int fail(int status, const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return status;
}

}  // namespace

int run_enrol(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("enrol", args, arguments)) return *end;
  if (arguments.operands().size() != 1) return fail(2, "ringway enrol: give the token that the manager showed");
  auto token = tmp::parse_enrolment_token(arguments.operands().front());
  if (!token) return fail(2, "ringway enrol: " + token.error().message);
  const std::string directory = arguments.get("directory");
  Enrolment enrolment(std::move(*token), directory);
  const Result<std::string> request = enrolment.prepare();
  if (!request) return fail(1, "ringway enrol: " + request.error().message);
  const Result<SocketAddress> manager = ask(enrolment, *request);
  if (!manager) return fail(1, "ringway enrol: " + manager.error().message);
  print_enrolled(enrolment, *manager, directory);
  return 0;
}

}  // namespace ringway::cli
