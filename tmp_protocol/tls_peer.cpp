#include "tmp_protocol/tls_peer.h"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "tmp_protocol/openssl_handles.h"

namespace ringway::tmp {

namespace {

constexpr unsigned kSettingsExtension = 0xff52;  // private use (RFC 8446 §11: above 0xff00)
constexpr unsigned kExtensionPlaces = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS;
constexpr std::string_view kExporterLabel = "EXPORTER-ringway-tmp-v1";

// What the peer's alert means for the one who reads the log here.
std::string refusal_by_peer(int alert) {
  switch (alert) {
    case SSL_AD_UNKNOWN_CA: return "the peer refused this gateway: its certificate is of another authority";
    case SSL_AD_CERTIFICATE_EXPIRED:
      return "the peer refused this gateway: its certificate is expired or not yet valid by the peer's clock";
    case SSL_AD_CERTIFICATE_REVOKED: return "the peer refused this gateway: its certificate is revoked";
    case SSL_AD_BAD_CERTIFICATE: return "the peer refused this gateway: its name is not among those it accepts";
    case SSL_AD_UNSUPPORTED_CERTIFICATE: return "the peer refused this gateway: its role is not the one it accepts";
    default: return fmt::format("the peer refused this gateway: TLS alert '{}'", SSL_alert_desc_string_long(alert));
  }
}

constexpr int kAlertReasons = 1000;  // OpenSSL's reasons above it are alerts that were received

std::string describe_failure() {
  const unsigned long code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > kAlertReasons) {
    ERR_clear_error();
    return refusal_by_peer(reason - kAlertReasons);
  }
  return "TLS handshake: " + openssl_complaint();
}

void append(std::vector<std::uint8_t>& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

template <class Store, class Value>
void append_number(std::vector<std::uint8_t>& out, Store store, Value value) {
  std::uint8_t octets[sizeof(Value)];
  store(octets, value);
  append(out, octets);
}

}  // namespace

Digest key_context(const KeyBinding& binding, Bytes client_settings, Bytes server_settings) {
  std::vector<std::uint8_t> text;
  append_number(text, store_u32, binding.version);
  for (const std::uint64_t value :
       {binding.epoch, binding.first_destination.value, binding.client.value, binding.server.value}) {
    append_number(text, store_u64, value);
  }
  for (const Bytes settings : {client_settings, server_settings}) {
    append_number(text, store_u16, static_cast<std::uint16_t>(settings.size()));
    append(text, settings);
  }
  return sha256(text);
}

class TlsPeer::Callbacks {
 public:
  static TlsPeer& owner(SSL* ssl) { return *static_cast<TlsPeer*>(SSL_get_app_data(ssl)); }

  static int add(SSL* ssl, unsigned, unsigned, const unsigned char** out, std::size_t* octets, X509*, std::size_t, int*,
                 void*) {
    const TlsPeer& peer = owner(ssl);
    *out = peer.sent_parameters_.data();
    *octets = peer.sent_parameters_.size();
    return 1;
  }

  static int parse(SSL* ssl, unsigned, unsigned, const unsigned char* in, std::size_t octets, X509*, std::size_t,
                   int* alert, void*) {
    TlsPeer& peer = owner(ssl);
    const Bytes encoded(in, octets);
    Result<LinkParameters> parameters = octets > kMaxParametersOctets
                                            ? Result<LinkParameters>(link_error("SETTINGS are too long"))
                                            : decode_link_parameters(encoded);
    if (!parameters) {
      peer.judge_.refuse("the peer's " + parameters.error().message);
      *alert = SSL_AD_ILLEGAL_PARAMETER;
      return 0;
    }
    peer.received_parameters_.assign(encoded.begin(), encoded.end());
    peer.peer_parameters_ = std::move(*parameters);
    return 1;
  }

  static int verify(int trusted, X509_STORE_CTX* store) {
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    TlsPeer& peer = owner(ssl);
    return peer.judge_.judge(store, trusted, peer.settings_.wanted, peer.settings_.now);
  }
};

void TlsPeer::prepare(SSL_CTX* context) {
  SSL_CTX_add_custom_ext(context, kSettingsExtension, kExtensionPlaces, Callbacks::add, nullptr, nullptr,
                         Callbacks::parse, nullptr);
}

TlsPeer::TlsPeer(TlsPeerSettings settings)
    : settings_(std::move(settings)),
      sent_parameters_(encode(settings_.parameters)),
      ssl_(SSL_new(settings_.identity->context())),
      input_(BIO_new(BIO_s_mem())),
      output_(BIO_new(BIO_s_mem())) {
  SSL* const ssl = ssl_.get();
  assert(ssl != nullptr && input_ != nullptr && output_ != nullptr);
  SSL_set_bio(ssl, input_, output_);
  SSL_set_app_data(ssl, this);
  SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, Callbacks::verify);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), std::chrono::system_clock::to_time_t(settings_.now));
  if (settings_.end == End::client) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
}

TlsPeer::~TlsPeer() = default;

void TlsPeer::start() {
  if (settings_.end == End::client) advance();
}

void TlsPeer::feed(Bytes octets) {
  if (state_ == State::failed || octets.empty()) return;
  fed_octets_ += octets.size();
  if (fed_octets_ > kMaxHandshakeOctets) return fail("the peer's handshake is too long");
  BIO_write(input_, octets.data(), static_cast<int>(octets.size()));
  if (state_ == State::handshaking) advance();
  if (state_ == State::done) read_alerts();
}

std::vector<std::uint8_t> TlsPeer::take_output() {
  std::vector<std::uint8_t> out(BIO_ctrl_pending(output_));
  if (!out.empty()) BIO_read(output_, out.data(), static_cast<int>(out.size()));
  return out;
}

void TlsPeer::advance() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return finish();
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ) return;
  fail(judge_.refusal().empty() ? describe_failure() : judge_.refusal());
}

// The handshake is whole. What verify() and parse() must have seen is asked for again: nothing may depend on OpenSSL
// having called them.
void TlsPeer::finish() {
  const SSL* const ssl = ssl_.get();
  if (!judge_.refusal().empty()) return fail(judge_.refusal());
  if (SSL_get0_peer_certificate(ssl) == nullptr || SSL_get_verify_result(ssl) != X509_V_OK || peer().name.empty()) {
    return fail("the peer did not prove who it is");
  }
  if (received_parameters_.empty()) return fail("the peer sent no SETTINGS");
  state_ = State::done;
}

// After the end only an alert may come: a client learns so that the server does not take its certificate.
void TlsPeer::read_alerts() {
  ERR_clear_error();
  std::uint8_t octet = 0;
  const int result = SSL_read(ssl_.get(), &octet, 1);
  if (result > 0) return fail("the peer sent data in place of a handshake");
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ) return;
  fail(why == SSL_ERROR_ZERO_RETURN ? "the peer ended the handshake" : describe_failure());
}

void TlsPeer::fail(std::string message) {
  state_ = State::failed;
  error_ = link_error(std::move(message));
}

Suite TlsPeer::suite() const {
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl_.get());
  assert(cipher != nullptr);
  return static_cast<Suite>(SSL_CIPHER_get_protocol_id(cipher));
}

Result<LinkSecrets> TlsPeer::export_secrets(const KeyBinding& binding) const {
  if (state_ != State::done) return link_error("the handshake is not done");
  const std::vector<std::uint32_t>& own = settings_.parameters.versions;
  if (best_common(own, peer_parameters_.versions) != binding.version) {
    return link_error(fmt::format("version {} was chosen, though both ends speak a better one", binding.version));
  }
  const bool client = settings_.end == End::client;
  const Digest context = key_context(binding, client ? sent_parameters_ : received_parameters_,
                                     client ? received_parameters_ : sent_parameters_);
  Secret exported;
  if (SSL_export_keying_material(ssl_.get(), exported.octets.data(), exported.octets.size(), kExporterLabel.data(),
                                 kExporterLabel.size(), context.data(), context.size(), 1) != 1) {
    return link_error("no keys could be exported: " + openssl_complaint());
  }
  return derive_link_secrets(suite(), exported);
}

}  // namespace ringway::tmp
