#include "tmp_protocol/certificate_request.h"

#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::tmp {
namespace {

using RequestHandle = std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>>;

CertificateGrant grant_of(Role role, const std::string& name) { return {{role, name}, kEnrolledLife, {}}; }

Result<IssuedCertificate> signed_for(const std::string& request, const CertificateGrant& grant) {
  return sign_request(test_authority(), request, grant, test_time());
}

std::string request_pem(X509_REQ* request) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request);
  return text_of(bio.get());
}

/// A request for `key`, signed by `signer` with `digest`.
std::string foreign_request(EVP_PKEY* key, EVP_PKEY* signer, const EVP_MD* digest) {
  const RequestHandle request(X509_REQ_new());
  X509_REQ_set_version(request.get(), 0);
  X509_REQ_set_pubkey(request.get(), key);
  X509_REQ_sign(request.get(), signer, digest);
  return request_pem(request.get());
}

std::string reason(const std::string& request) {
  const auto key = requested_key(request);
  return key ? "taken" : key.error().message;
}

TEST(CertificateRequest, BringsAnIdentityOfTheGatewaysOwnKey) {
  const auto made = make_certificate_request({Role::frontend, "pop-1"});
  ASSERT_TRUE(made) << made.error().message;
  const auto issued = signed_for(made->request, grant_of(Role::frontend, "pop-1"));
  ASSERT_TRUE(issued) << issued.error().message;
  const auto identity = Identity::from_pem({issued->pem, made->key, test_authority().certificate});
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ((*identity)->self(), (PeerIdentity{Role::frontend, "pop-1"}));
  EXPECT_EQ((*identity)->expires(), test_time() + kEnrolledLife);
  EXPECT_EQ((*identity)->begins(), test_time() - std::chrono::hours(24));
  EXPECT_EQ((*identity)->certificate(), issued->certificate);
  EXPECT_EQ(issued->certificate.serial.size(), 32U);
}

TEST(CertificateRequest, IsMadeForAKeyThatIsThere) {
  const auto first = make_certificate_request({Role::frontend, "pop-1"});
  const auto second = make_certificate_request({Role::frontend, "pop-1"}, first->key);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(key_name(**requested_key(first->request)), key_name(**requested_key(second->request)));
  EXPECT_NE(key_name(**requested_key(first->request)),
            key_name(**requested_key(make_certificate_request({Role::frontend, "pop-1"})->request)));
}

TEST(CertificateRequest, GetsTheNameItIsGrantedAndNotTheOneItAsksFor) {
  const auto made = make_certificate_request({Role::manager, "boss"});
  const auto issued = signed_for(made->request, grant_of(Role::frontend, "pop-1"));
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(issued->certificate.identity, (PeerIdentity{Role::frontend, "pop-1"}));
}

TEST(CertificateRequest, GivesNoAuthorityAndNoOtherUse) {
  const auto made = make_certificate_request({Role::frontend, "pop-1"});
  const auto certificates = read_certificates(signed_for(made->request, grant_of(Role::frontend, "pop-1"))->pem);
  ASSERT_EQ(certificates.size(), 1U);
  X509* const certificate = certificates.front().get();
  EXPECT_EQ(X509_check_ca(certificate), 0);
  EXPECT_EQ(X509_get_key_usage(certificate), static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(X509_get_extended_key_usage(certificate), static_cast<std::uint32_t>(XKU_SSL_CLIENT | XKU_SSL_SERVER));
  EXPECT_EQ(X509_get_ext_count(certificate), 6);
  const auto person = make_certificate_request({Role::user, "ada"});
  const auto of_person = read_certificates(signed_for(person->request, grant_of(Role::user, "ada"))->pem);
  EXPECT_EQ(X509_get_extended_key_usage(of_person.front().get()), static_cast<std::uint32_t>(XKU_SSL_CLIENT));
}

TEST(CertificateRequest, SerialsAreAllDifferent) {
  const auto made = make_certificate_request({Role::frontend, "pop-1"});
  std::set<std::string> serials;
  for (int i = 0; i < 100; ++i) {
    serials.insert(signed_for(made->request, grant_of(Role::frontend, "pop-1"))->certificate.serial);
  }
  EXPECT_EQ(serials.size(), 100U);
}

TEST(CertificateRequest, NeedsTheKeyItIsFor) {
  const KeyHandle own(EVP_EC_gen("P-256"));
  const KeyHandle others(EVP_EC_gen("P-256"));
  EXPECT_EQ(reason(foreign_request(own.get(), own.get(), EVP_sha256())), "taken");
  EXPECT_EQ(reason(foreign_request(others.get(), own.get(), EVP_sha256())),
            "the certificate request is refused: its signature is not that of its key");
}

TEST(CertificateRequest, NeedsAKeyOfP256AndSha256) {
  const KeyHandle rsa(EVP_RSA_gen(2048));
  EXPECT_EQ(reason(foreign_request(rsa.get(), rsa.get(), EVP_sha256())),
            "the certificate request is refused: its key is not of the curve P-256");
  for (const char* curve : {"P-384", "P-224", "secp256k1"}) {
    const KeyHandle key(EVP_EC_gen(curve));
    EXPECT_EQ(reason(foreign_request(key.get(), key.get(), EVP_sha256())),
              "the certificate request is refused: its key is not of the curve P-256")
        << curve;
  }
  const KeyHandle ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  EXPECT_EQ(reason(foreign_request(ed25519.get(), ed25519.get(), nullptr)),
            "the certificate request is refused: its key is not of the curve P-256");
  const KeyHandle good(EVP_EC_gen("P-256"));
  EXPECT_EQ(reason(foreign_request(good.get(), good.get(), EVP_sha1())),
            "the certificate request is refused: it is not signed by ECDSA with SHA-256");
}

TEST(CertificateRequest, NeedsACurveByItsName) {
  const KeyHandle key(EVP_EC_gen("P-256"));
  EVP_PKEY_set_utf8_string_param(key.get(), "encoding", "explicit");
  EXPECT_EQ(reason(foreign_request(key.get(), key.get(), EVP_sha256())),
            "the certificate request is refused: its key is not of the curve P-256");
}

TEST(CertificateRequest, IsOneTextAndNothingElse) {
  const std::string good = make_certificate_request({Role::frontend, "pop-1"})->request;
  const std::string other = make_certificate_request({Role::frontend, "pop-2"})->request;
  const std::string refusal = "the certificate request is refused: it is not one CERTIFICATE REQUEST in PEM form";
  EXPECT_EQ(reason(good), "taken");
  EXPECT_EQ(reason(good + "\n \n"), "taken");
  for (const std::string& bad :
       {std::string(), std::string("nothing"), good + other, "words\n" + good, good + "words", " " + good,
        good.substr(0, good.size() / 2), test_authority().certificate, good.substr(1), std::string(3000, '-')}) {
    EXPECT_EQ(reason(bad), refusal) << bad;
  }
  std::string encrypted = good;
  encrypted.insert(encrypted.find('\n') + 1,
                   "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n");
  EXPECT_EQ(reason(encrypted), refusal) << "and asks for no passphrase";
  EXPECT_EQ(reason(good + std::string(kMaxRequestOctets, ' ')),
            "the certificate request is refused: longer than 4096 octets");
}

TEST(CertificateRequest, CountsEveryBit) {
  const std::string good = make_certificate_request({Role::frontend, "pop-1"})->request;
  std::size_t taken = 0;
  for (std::size_t at = good.find('\n') + 1; at < good.rfind("\n-----END"); ++at) {
    if (good[at] == '\n' || good[at] == '=') continue;
    std::string altered = good;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    taken += altered != good && requested_key(altered) ? 1 : 0;
  }
  // The last base64 character may have bits that stand for nothing.
  EXPECT_LE(taken, 1U);
}

TEST(CertificateRequest, OnlyManagersNameHosts) {
  const auto made = make_certificate_request({Role::manager, "m-1"});
  CertificateGrant grant = grant_of(Role::manager, "m-1");
  grant.hosts = {"manager.example", "192.0.2.1", "2001:db8::1"};
  const auto issued = signed_for(made->request, grant);
  ASSERT_TRUE(issued) << issued.error().message;
  X509* const certificate = read_certificates(issued->pem).front().release();
  EXPECT_EQ(X509_check_host(certificate, "manager.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "192.0.2.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "2001:db8::1", 0), 1);
  X509_free(certificate);
  grant.identity.role = Role::frontend;
  EXPECT_EQ(signed_for(made->request, grant).error().message, "only a manager's certificate names hosts");
  grant.identity.role = Role::manager;
  for (const char* host : {"", "a b", "a,URI:ringway:user:root", "a:1", "*", "-a", "a\n"}) {
    grant.hosts = {host};
    EXPECT_FALSE(signed_for(made->request, grant)) << host;
  }
}

TEST(Fingerprint, IsReadAsPeopleHaveIt) {
  const auto fingerprint = fingerprint_of(test_authority().certificate);
  ASSERT_TRUE(fingerprint);
  const std::string text = fingerprint_text(*fingerprint);
  EXPECT_EQ(text.size(), 71U);
  std::string colons = "sha256 Fingerprint=";
  for (std::size_t i = 7; i < text.size(); i += 2) {
    colons += (i == 7 ? "" : ":") + text.substr(i, 2);
  }
  for (const std::string& form : {text, text.substr(7), " " + text + "\n", "SHA256:" + text.substr(7), colons}) {
    EXPECT_EQ(parse_fingerprint(form), *fingerprint) << form;
  }
  for (const std::string& none : {std::string(), text.substr(1), text + "0", std::string("sha256:"),
                                  "sha1:" + text.substr(7), text.substr(0, 70) + "g"}) {
    EXPECT_FALSE(parse_fingerprint(none)) << none;
  }
  EXPECT_FALSE(fingerprint_of("nothing"));
}

}  // namespace
}  // namespace ringway::tmp
