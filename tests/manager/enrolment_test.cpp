#include "manager/enrolment/enrolment.h"

#include <gtest/gtest.h>

#include <map>

#include "manager/record_types.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/identity.h"

namespace ringway::manager {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = WallTime(std::chrono::hours(24 * 365 * 55));
const tmp::PeerIdentity kPop = {tmp::Role::frontend, "pop-1"};

const tmp::Authority& authority() {
  static const tmp::Authority made = tmp::make_authority(kNow).value();
  return made;
}

/// The manager's memory: what was written, by kind and name.
class Desk {
 public:
  void write(const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (record.content) {
        records_[{record.kind, record.name}] = *record.content;
      } else {
        records_.erase({record.kind, record.name});
      }
    }
  }

  std::string token_for(const tmp::PeerIdentity& identity, WallTime now = kNow,
                        std::chrono::seconds life = kDefaultEnrolmentLife) {
    const auto made = make_enrolment({identity, life, {"manager.example:8443"}, "user:ada"},
                                     *tmp::fingerprint_of(authority().certificate), now, random_);
    EXPECT_TRUE(made) << made.error().message;
    write({made->record});
    return made->text;
  }

  /// What the gateway does with a token, and what the manager then does; written where it was granted.
  IssueAnswer enrol_with(const std::string& token_text, const std::string& request, WallTime now = kNow) {
    const auto token = tmp::parse_enrolment_token(token_text);
    EXPECT_TRUE(token) << token.error().message;
    const std::optional<Enrolment> found =
        find<Enrolment>(enrolment_type(), kEnrolmentKind, enrolment_id(token->secret));
    IssueAnswer answer = enrol(found ? &*found : nullptr, token->secret, request, {authority()}, now);
    write(answer.writes);
    return answer;
  }

  IssueAnswer renew_for(const tmp::PeerCertificate& present, const std::string& request, WallTime now) {
    const auto known = find<CertificateRecord>(certificate_record_type(), kCertificateKind, present.serial);
    const tmp::Revocations revoked = told();
    IssueAnswer answer = renew({present, known ? &*known : nullptr, revoked}, request, {authority()}, now);
    write(answer.writes);
    return answer;
  }

  void revoke_all(const tmp::PeerIdentity& identity, WallTime now = kNow) {
    write(revoke({identity, "user:ada", "stolen"}, certificates(), tokens(), now));
  }

  template <class T>
  std::optional<T> find(const config::Type<T>& type, std::string_view kind, const std::string& name) const {
    const auto found = records_.find({std::string(kind), name});
    if (found == records_.end()) return std::nullopt;
    return read_record(type, {found->first.first, found->first.second, found->second}).value();
  }

  std::vector<NamedCertificate> certificates() const {
    std::vector<NamedCertificate> all;
    for (const auto& [key, content] : records_) {
      if (key.first != kCertificateKind) continue;
      all.push_back({key.second, *find<CertificateRecord>(certificate_record_type(), kCertificateKind, key.second)});
    }
    return all;
  }
  std::vector<NamedEnrolment> tokens() const {
    std::vector<NamedEnrolment> all;
    for (const auto& [key, content] : records_) {
      if (key.first != kEnrolmentKind) continue;
      all.push_back({key.second, *find<Enrolment>(enrolment_type(), kEnrolmentKind, key.second)});
    }
    return all;
  }
  tmp::Revocations told() const {
    std::vector<RevocationRecord> identities;
    for (const auto& [key, content] : records_) {
      if (key.first == kRevocationKind) {
        identities.push_back(*find<RevocationRecord>(revocation_type(), kRevocationKind, key.second));
      }
    }
    return revocations(certificates(), identities);
  }
  const std::map<std::pair<std::string, std::string>, std::string>& records() const { return records_; }

 private:
  SeededRandom random_{1};
  std::map<std::pair<std::string, std::string>, std::string> records_;
};

std::shared_ptr<const tmp::Identity> identity_of(const IssueAnswer& answer, const tmp::CertificateRequest& request) {
  const auto identity = tmp::Identity::from_pem({answer.certificate, request.key, authority().certificate});
  EXPECT_TRUE(identity) << identity.error().message;
  return identity ? *identity : nullptr;
}

TEST(Enrolment, ATokenBringsACertificateOfItsNameAlone) {
  Desk desk;
  const auto request = *tmp::make_certificate_request({tmp::Role::manager, "not-this"});
  const IssueAnswer answer = desk.enrol_with(desk.token_for(kPop), request.request);
  ASSERT_EQ(answer.issue, Issue::granted) << answer.message;
  const auto identity = identity_of(answer, request);
  EXPECT_EQ(identity->self(), kPop);
  EXPECT_EQ(identity->expires(), kNow + tmp::kEnrolledLife);
  ASSERT_EQ(desk.certificates().size(), 1U);
  EXPECT_EQ(desk.certificates().front().serial, identity->certificate().serial);
  EXPECT_EQ(desk.certificates().front().record.identity, kPop);
}

TEST(Enrolment, NoSecretIsKept) {
  Desk desk;
  const std::string text = desk.token_for(kPop);
  const auto token = *tmp::parse_enrolment_token(text);
  for (const auto& [key, content] : desk.records()) {
    EXPECT_EQ(content.find(to_hex(token.secret)), std::string::npos);
    EXPECT_EQ(content.find(text), std::string::npos);
    EXPECT_EQ(key.second.find(to_hex(token.secret).substr(0, 8)), std::string::npos);
  }
}

TEST(Enrolment, ATokenIsForOneKey) {
  Desk desk;
  const std::string token = desk.token_for(kPop);
  const auto first = *tmp::make_certificate_request(kPop);
  const auto second = *tmp::make_certificate_request(kPop);
  ASSERT_EQ(desk.enrol_with(token, first.request).issue, Issue::granted);
  const IssueAnswer thief = desk.enrol_with(token, second.request);
  EXPECT_EQ(thief.issue, Issue::used);
  EXPECT_TRUE(thief.certificate.empty());
  EXPECT_TRUE(thief.writes.empty());
  // The answer to the first was lost on its way: the same key may ask again.
  EXPECT_EQ(desk.enrol_with(token, first.request, kNow + 59min).issue, Issue::granted);
  EXPECT_EQ(desk.enrol_with(token, first.request, kNow + 60min).issue, Issue::expired);
}

TEST(Enrolment, ATokenThatIsWrongBringsNothing) {
  Desk desk;
  const auto request = *tmp::make_certificate_request(kPop);
  Desk other;
  SeededRandom random(99);
  const auto foreign = *make_enrolment({kPop, 1h, {"m:1"}, "x"}, {}, kNow, random);
  EXPECT_EQ(desk.enrol_with(foreign.text, request.request).issue, Issue::unknown);
  const std::string token = desk.token_for(kPop);
  EXPECT_EQ(desk.enrol_with(token, "nothing").issue, Issue::bad_request);
  EXPECT_EQ(desk.enrol_with(token, request.request, kNow + 1h).issue, Issue::expired);
  EXPECT_TRUE(desk.certificates().empty());
  EXPECT_EQ(desk.enrol_with(token, request.request, kNow + 1h - 1s).issue, Issue::granted)
      << "and is not used up by it";
}

TEST(Enrolment, AnIdCannotBeUsedWithAnothersSecret) {
  Desk desk;
  const auto token = *tmp::parse_enrolment_token(desk.token_for(kPop));
  const auto found = desk.find<Enrolment>(enrolment_type(), kEnrolmentKind, enrolment_id(token.secret));
  const auto request = *tmp::make_certificate_request(kPop);
  tmp::EnrolmentSecret wrong = token.secret;
  wrong[15] ^= 1;
  EXPECT_EQ(enrol(&*found, wrong, request.request, {authority()}, kNow).issue, Issue::unknown);
}

TEST(Enrolment, TokensLiveADayAtMost) {
  SeededRandom random(1);
  for (const std::chrono::seconds life : {0s, -1s, std::chrono::seconds(24h) + 1s}) {
    EXPECT_FALSE(make_enrolment({kPop, life, {"m:1"}, "x"}, {}, kNow, random));
  }
  EXPECT_TRUE(make_enrolment({kPop, 24h, {"m:1"}, "x"}, {}, kNow, random));
  EXPECT_FALSE(make_enrolment({{tmp::Role::frontend, "no name"}, 1h, {"m:1"}, "x"}, {}, kNow, random));
  EXPECT_FALSE(make_enrolment({kPop, 1h, {}, "x"}, {}, kNow, random));
}

TEST(Enrolment, ARenewalKeepsWhoItIs) {
  Desk desk;
  const auto request = *tmp::make_certificate_request(kPop);
  const auto first = identity_of(desk.enrol_with(desk.token_for(kPop), request.request), request);
  const auto next_request = *tmp::make_certificate_request({tmp::Role::user, "root"});
  const IssueAnswer renewed = desk.renew_for(first->certificate(), next_request.request, kNow + 24h * 10);
  ASSERT_EQ(renewed.issue, Issue::granted) << renewed.message;
  const auto second = identity_of(renewed, next_request);
  EXPECT_EQ(second->self(), kPop);
  EXPECT_EQ(second->expires(), kNow + 24h * 40);
  EXPECT_EQ(desk.renew_for(first->certificate(), "nothing", kNow).issue, Issue::bad_request);
}

TEST(Enrolment, AnExpiredCertificateIsRenewedWhereItIsKnown) {
  Desk desk;
  const auto request = *tmp::make_certificate_request(kPop);
  const auto issued = identity_of(desk.enrol_with(desk.token_for(kPop), request.request), request);
  EXPECT_EQ(desk.renew_for(issued->certificate(), request.request, kNow + 24h * 300).issue, Issue::granted);
  Desk stranger;  // restored from before it was issued
  EXPECT_EQ(stranger.renew_for(issued->certificate(), request.request, kNow + 24h * 31).issue, Issue::unknown);
  EXPECT_EQ(stranger.renew_for(issued->certificate(), request.request, kNow + 24h * 29).issue, Issue::granted);
}

TEST(Enrolment, RevocationReachesAllThatAnIdentityHas) {
  Desk desk;
  const auto request = *tmp::make_certificate_request(kPop);
  const std::string token = desk.token_for(kPop);
  const auto first = identity_of(desk.enrol_with(token, request.request), request);
  const auto second = identity_of(desk.renew_for(first->certificate(), request.request, kNow + 1h), request);
  const auto others_request = *tmp::make_certificate_request({tmp::Role::frontend, "pop-2"});
  const auto other = identity_of(
      desk.enrol_with(desk.token_for({tmp::Role::frontend, "pop-2"}), others_request.request), others_request);
  const std::string unused = desk.token_for(kPop);
  desk.revoke_all(kPop);
  const tmp::Revocations told = desk.told();
  for (const auto& identity : {first, second}) {
    EXPECT_TRUE(tmp::is_revoked(told, identity->certificate()));
    EXPECT_TRUE(told.serials.contains(identity->certificate().serial));
    EXPECT_EQ(desk.renew_for(identity->certificate(), request.request, kNow + 2h).issue, Issue::revoked);
  }
  EXPECT_FALSE(tmp::is_revoked(told, other->certificate()));
  // Neither the token it came with nor one that was still unused brings it back.
  EXPECT_EQ(desk.enrol_with(token, request.request).issue, Issue::unknown);
  EXPECT_EQ(desk.enrol_with(unused, request.request).issue, Issue::unknown);
}

TEST(Enrolment, RevocationReachesCertificatesThatTheManagerNeverIssued) {
  Desk desk;
  desk.revoke_all(kPop);
  const auto by_hand = tmp::Identity::from_pem(*tmp::make_identity(authority(), kPop, kNow)).value();
  EXPECT_TRUE(tmp::is_revoked(desk.told(), by_hand->certificate()));
  const auto request = *tmp::make_certificate_request(kPop);
  EXPECT_EQ(desk.renew_for(by_hand->certificate(), request.request, kNow).issue, Issue::revoked);
}

TEST(Enrolment, WhoEnrolsAnewIsNoLongerRevokedButItsOldCertificatesAre) {
  Desk desk;
  const auto request = *tmp::make_certificate_request(kPop);
  const auto old = identity_of(desk.enrol_with(desk.token_for(kPop), request.request), request);
  desk.revoke_all(kPop);
  const auto fresh = *tmp::make_certificate_request(kPop);
  const IssueAnswer answer = desk.enrol_with(desk.token_for(kPop, kNow + 1h), fresh.request, kNow + 1h);
  ASSERT_EQ(answer.issue, Issue::granted) << answer.message;
  EXPECT_FALSE(tmp::is_revoked(desk.told(), identity_of(answer, fresh)->certificate()));
  EXPECT_TRUE(tmp::is_revoked(desk.told(), old->certificate()));
}

/// Tokens made, used, stolen and used again, renewals and revocations in any order, against what must always hold.
TEST(Enrolment, HoldsItsPromisesInAnyOrder) {
  const std::vector<tmp::CertificateRequest> keys = {
      *tmp::make_certificate_request(kPop), *tmp::make_certificate_request(kPop), *tmp::make_certificate_request(kPop)};
  const std::vector<tmp::PeerIdentity> people = {kPop, {tmp::Role::backend, "pop-1"}, {tmp::Role::user, "ada"}};
  struct Token {
    std::string text;
    tmp::PeerIdentity identity;
    std::optional<std::size_t> key;
    bool dead = false;  // made before its identity was revoked
  };
  struct Certificate {
    tmp::PeerCertificate certificate;
    bool revoked = false;
  };
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SeededRandom random(seed);
    Desk desk;
    WallTime now = kNow;
    std::vector<Token> tokens;
    std::vector<Certificate> certificates;
    const auto note = [&](const IssueAnswer& answer, const tmp::PeerIdentity& identity, std::size_t key) {
      const auto issued = identity_of(answer, keys[key]);
      ASSERT_EQ(issued->self(), identity);
      certificates.push_back({issued->certificate(), false});
    };
    for (int step = 0; step < 60; ++step) {
      now += std::chrono::minutes(random.below(20));
      const std::size_t key = random.below(keys.size());
      const std::uint64_t what = random.below(10);
      if (what < 3 || tokens.empty()) {
        const tmp::PeerIdentity& identity = people[random.below(people.size())];
        tokens.push_back({desk.token_for(identity, now), identity, std::nullopt, false});
      } else if (what < 7) {
        Token& token = tokens[random.below(tokens.size())];
        const IssueAnswer answer = desk.enrol_with(token.text, keys[key].request, now);
        const auto record = enrolment_id(tmp::parse_enrolment_token(token.text)->secret);
        const auto left = desk.find<Enrolment>(enrolment_type(), kEnrolmentKind, record);
        const bool wanted = !token.dead && now < left->expires && (!token.key || *token.key == key);
        ASSERT_EQ(answer.issue == Issue::granted, wanted) << seed << " " << step << " " << answer.message;
        if (!wanted) continue;
        token.key = key;
        note(answer, token.identity, key);
      } else if (what < 9 && !certificates.empty()) {
        const Certificate present = certificates[random.below(certificates.size())];
        const IssueAnswer answer = desk.renew_for(present.certificate, keys[key].request, now);
        ASSERT_EQ(answer.issue == Issue::granted, !present.revoked) << seed << " " << step << " " << answer.message;
        if (answer.issue == Issue::granted) note(answer, present.certificate.identity, key);
      } else {
        const tmp::PeerIdentity& identity = people[random.below(people.size())];
        desk.revoke_all(identity, now);
        for (Token& token : tokens) token.dead = token.dead || token.identity == identity;
        for (Certificate& one : certificates) one.revoked = one.revoked || one.certificate.identity == identity;
      }
      const tmp::Revocations told = desk.told();
      for (const Certificate& one : certificates) {
        ASSERT_EQ(tmp::is_revoked(told, one.certificate), one.revoked) << seed << " " << step;
      }
    }
  }
}

TEST(Enrolment, RevokedCertificatesAreNeverForgotten) {
  CertificateRecord record = {kPop, "", kNow, kNow + 24h * 30, std::nullopt};
  EXPECT_FALSE(forgettable(record, kNow + 24h * 60));
  EXPECT_TRUE(forgettable(record, kNow + 24h * 60 + 1s));
  record.revoked = kNow;
  EXPECT_FALSE(forgettable(record, kNow + 24h * 36500));
}

TEST(Enrolment, RecordsAreReadAsTheyWereWritten) {
  const Enrolment enrolment = {sha256_of(as_bytes("x")), kPop, kNow, "user:ada", kNow + 1h, kNow + 1min, "ab"};
  EXPECT_EQ(*read_record(enrolment_type(), write_record(enrolment_type(), "k", "n", enrolment)), enrolment);
  const CertificateRecord certificate = {kPop, "ab", kNow, kNow + 1h, kNow};
  EXPECT_EQ(*read_record(certificate_record_type(), write_record(certificate_record_type(), "k", "n", certificate)),
            certificate);
  const RevocationRecord revocation = {kPop, kNow, "user:ada", "left \"the\" company"};
  EXPECT_EQ(*read_record(revocation_type(), write_record(revocation_type(), "k", "n", revocation)), revocation);
}

}  // namespace
}  // namespace ringway::manager
