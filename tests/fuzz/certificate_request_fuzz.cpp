// Any octets as what a stranger wants signed: refused with a reason, or signed for whom the authority means and for
// nobody else.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/identity_maker.h"

namespace {

using namespace ringway;       // NOLINT(google-build-using-namespace)
using namespace ringway::tmp;  // NOLINT(google-build-using-namespace)

constexpr WallTime kWall{std::chrono::seconds(1'790'000'000)};

void check(const std::string& request) {
  static const Authority authority = make_authority(kWall).value();
  const PeerIdentity who = {Role::frontend, "pop-1"};
  const auto issued = sign_request(authority, request, {who, kEnrolledLife, {}}, kWall);
  const auto key = requested_key(request);
  assert(issued.ok() == key.ok());
  if (!issued.ok()) {
    assert(issued.error().message.starts_with("the certificate request is refused: "));
    return;
  }
  const auto certificates = read_certificates(issued->pem);
  assert(certificates.size() == 1);
  X509* const certificate = certificates.front().get();
  assert(identity_of(*certificate) == who && X509_check_ca(certificate) == 0);
  assert(EVP_PKEY_eq(X509_get0_pubkey(certificate), key->get()) == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(text);
  // The same octets as what stands inside of the PEM text.
  std::string base64(4 * (size / 3 + 1) + 1, '\0');
  if (size > kMaxRequestOctets) return 0;
  base64.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(base64.data()), data, static_cast<int>(size))));
  for (std::size_t at = 64; at < base64.size(); at += 65) base64.insert(at, 1, '\n');
  check("-----BEGIN CERTIFICATE REQUEST-----\n" + base64 + "\n-----END CERTIFICATE REQUEST-----\n");
  return 0;
}
