#include "tmp_protocol/manager_proof.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/fingerprint.h"

namespace ringway::tmp {
namespace {

struct ChainFree {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};

Result<ProvenManager> proven(std::initializer_list<std::string> sent, const Authority& named, WallTime now) {
  const std::unique_ptr<STACK_OF(X509), ChainFree> chain(sk_X509_new_null());
  for (const std::string& pem : sent) sk_X509_push(chain.get(), read_certificates(pem).front().release());
  return prove_manager(chain.get(), *fingerprint_of(named.certificate), now);
}

std::string fault(std::initializer_list<std::string> sent, WallTime now = test_time()) {
  const auto found = proven(sent, test_authority(), now);
  return found ? "" : found.error().message;
}

TEST(ManagerProof, KnowsAManagerByTheTokensAuthority) {
  const std::string manager = test_pem(Role::manager, "m-1").certificate;
  const auto found = proven({manager, test_authority().certificate}, test_authority(), test_time());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->manager.identity, (PeerIdentity{Role::manager, "m-1"}));
  EXPECT_EQ(found->authority, test_authority().certificate);
}

TEST(ManagerProof, TakesNobodyElse) {
  const std::string& authority = test_authority().certificate;
  const std::string strange = "what answers is not of the authority that the enrolment token names";
  EXPECT_EQ(fault({}), "the manager showed no certificate");
  EXPECT_EQ(fault({test_pem(Role::manager, "m-1").certificate}).substr(0, strange.size()), strange);
  const std::string foreign = test_pem(Role::manager, "m-1", other_authority()).certificate;
  EXPECT_EQ(fault({foreign, other_authority().certificate}).substr(0, strange.size()), strange);
  EXPECT_NE(fault({foreign, authority}).find("is not valid"), std::string::npos)
      << "who knows the authority's certificate has not its signature";
  EXPECT_NE(fault({foreign, other_authority().certificate, authority}).find("is not valid"), std::string::npos);
  EXPECT_NE(fault({authority, authority}), "");
  for (const Role role : {Role::frontend, Role::backend}) {
    EXPECT_EQ(fault({test_pem(role, "m-1").certificate, authority}),
              "what answers is of the right authority, but no manager");
  }
  EXPECT_NE(fault({test_pem(Role::user, "m-1").certificate, authority}), "") << "a user's serves nobody";
}

TEST(ManagerProof, DatesCount) {
  const std::string manager = test_pem(Role::manager, "m-1").certificate;
  EXPECT_NE(fault({manager, test_authority().certificate}, test_time() + kIdentityLife + std::chrono::hours(1)), "");
  EXPECT_NE(fault({manager, test_authority().certificate}, test_time() - std::chrono::hours(25)), "");
}

}  // namespace
}  // namespace ringway::tmp
