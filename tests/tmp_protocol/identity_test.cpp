#include "tmp_protocol/identity.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/identity_files.h"
#include "tmp_protocol/openssl_handles.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::tmp {
namespace {

namespace fs = std::filesystem;

class IdentityFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    directory_ = fs::path(::testing::TempDir()) / ("ringway_identity_" + std::string(test->name()));
    fs::remove_all(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }
  [[nodiscard]] int mode(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat(path(name).c_str(), &status), 0);
    return static_cast<int>(status.st_mode & 0777);
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream in(path(name));
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  [[nodiscard]] Result<MadeIdentity> make(Role role, const std::string& name) const {
    return make_identity_files(directory_.string(), {role, name}, test_time());
  }

  fs::path directory_;
};

TEST_F(IdentityFilesTest, MakesAnAuthorityOnceAndIdentitiesOfIt) {
  const auto first = make(Role::frontend, "pop-1");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->authority, AuthorityOrigin::made);
  const std::string authority = content("ca.pem");
  const auto second = make(Role::backend, "host-1");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->authority, AuthorityOrigin::found);
  EXPECT_EQ(content("ca.pem"), authority);
  for (const char* key : {"ca.key", "pop-1.key", "host-1.key"}) EXPECT_EQ(mode(key), 0600) << key;
  const auto frontend = Identity::load(first->files);
  ASSERT_TRUE(frontend) << frontend.error().message;
  EXPECT_EQ((*frontend)->self(), (PeerIdentity{Role::frontend, "pop-1"}));
  EXPECT_EQ((*frontend)->expires(), test_time() + kIdentityLife);
  const auto backend = Identity::load(second->files);
  ASSERT_TRUE(backend) << backend.error().message;
  EXPECT_EQ((*backend)->self(), (PeerIdentity{Role::backend, "host-1"}));
  EXPECT_EQ((*backend)->mac_keys(), (*frontend)->mac_keys());
}

TEST_F(IdentityFilesTest, OverwritesNothing) {
  ASSERT_TRUE(make(Role::frontend, "pop-1"));
  const std::string certificate = content("pop-1.pem");
  const auto again = make(Role::frontend, "pop-1");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, path("pop-1.pem") + ": exists; remove it to have another made for the same key");
  EXPECT_EQ(content("pop-1.pem"), certificate);
}

TEST_F(IdentityFilesTest, KeepsTheKeyWhenTheCertificateIsMadeAnew) {
  const auto first = make(Role::frontend, "pop-1");
  ASSERT_TRUE(first);
  const std::string key = content("pop-1.key");
  fs::remove(first->files.certificate);
  const auto second = make(Role::frontend, "pop-1");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(content("pop-1.key"), key);
  EXPECT_TRUE(Identity::load(second->files));
}

TEST_F(IdentityFilesTest, RefusesNamesThatAreNone) {
  for (const char* name : {"", "../pop", "a b", "pop:1", "-pop", ".pop", "ca", "pöp"}) {
    EXPECT_FALSE(make(Role::frontend, name)) << name;
  }
  EXPECT_FALSE(make(Role::frontend, std::string(64, 'a')));
  EXPECT_FALSE(fs::exists(directory_));
  EXPECT_TRUE(make(Role::frontend, std::string(63, 'a')));
}

TEST_F(IdentityFilesTest, SaysWhichFileIsWrong) {
  const auto made = make(Role::frontend, "pop-1");
  ASSERT_TRUE(made);
  ASSERT_TRUE(make(Role::frontend, "pop-2"));
  const auto message = [](const IdentityFiles& files) { return Identity::load(files).error().message; };
  IdentityFiles files = made->files;
  files.certificate = path("none.pem");
  EXPECT_EQ(message(files), path("none.pem") + ": No such file or directory");
  files = made->files;
  files.certificate = made->files.key;
  EXPECT_EQ(message(files), path("pop-1.key") + ": holds no PEM certificate");
  files = made->files;
  files.key = made->files.certificate;
  EXPECT_EQ(message(files), path("pop-1.pem") + ": holds no PEM private key (without passphrase)");
  files = made->files;
  files.key = path("pop-2.key");
  EXPECT_EQ(message(files), path("pop-2.key") + ": is not the key of " + path("pop-1.pem"));
  files = made->files;
  files.authority = path("pop-2.pem");
  EXPECT_EQ(message(files), path("pop-1.pem") + ": is not signed by " + path("pop-2.pem"));
  files.certificate = path("ca.pem");
  files.key = path("ca.key");
  EXPECT_EQ(message(files), path("ca.pem") + ": names no gateway (ringway:ROLE:NAME, as `ringway keys` writes)");
}

TEST_F(IdentityFilesTest, RefusesADirectoryAndAnAuthorityWithoutItsKey) {
  ASSERT_TRUE(make(Role::frontend, "pop-1"));
  fs::remove(path("ca.key"));
  const auto made = make(Role::frontend, "pop-2");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(path("ca.key") + ": No such file or directory"), std::string::npos);
  EXPECT_FALSE(fs::exists(path("pop-2.key")));
}

TEST_F(IdentityFilesTest, OpensAnAuthorityForAManager) {
  const auto made = open_authority(directory_.string(), test_time());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->origin, AuthorityOrigin::made);
  EXPECT_EQ(mode("ca.key"), 0600);
  const auto found = open_authority(directory_.string(), test_time());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->origin, AuthorityOrigin::found);
  EXPECT_EQ(found->authority.certificate, made->authority.certificate);
  EXPECT_EQ(found->authority.key, made->authority.key);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 2) << "nothing is left over";
}

TEST_F(IdentityFilesTest, UsesNoAuthoritysKeyThatOthersMayRead) {
  ASSERT_TRUE(open_authority(directory_.string(), test_time()));
  for (const unsigned others : {0640U, 0604U, 0660U, 0644U, 0601U}) {
    ASSERT_EQ(::chmod(path("ca.key").c_str(), others), 0);
    const auto opened = open_authority(directory_.string(), test_time());
    ASSERT_FALSE(opened) << others;
    EXPECT_NE(opened.error().message.find("chmod 600 " + path("ca.key")), std::string::npos) << opened.error().message;
    EXPECT_FALSE(make(Role::frontend, "pop-1"));
  }
  ASSERT_EQ(::chmod(path("ca.key").c_str(), 0400), 0);
  EXPECT_TRUE(open_authority(directory_.string(), test_time()));
}

TEST_F(IdentityFilesTest, EndsWhatAKilledFirstStartBegan) {
  ASSERT_TRUE(open_authority(directory_.string(), test_time()));
  const std::string key = content("ca.key");
  fs::remove(path("ca.pem"));
  const auto again = open_authority(directory_.string(), test_time());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->origin, AuthorityOrigin::made);
  EXPECT_EQ(content("ca.key"), key);
  EXPECT_TRUE(make(Role::frontend, "pop-1"));
}

TEST_F(IdentityFilesTest, FilesAreNewOrReplacedAsAWhole) {
  ASSERT_TRUE(fs::create_directories(directory_));
  ASSERT_TRUE(write_new_file(path("a"), "one", 0600));
  EXPECT_FALSE(write_new_file(path("a"), "two", 0600));
  EXPECT_EQ(content("a"), "one");
  ASSERT_TRUE(replace_file(path("a"), "three", 0644));
  EXPECT_EQ(content("a"), "three");
  EXPECT_EQ(mode("a"), 0644);
  EXPECT_FALSE(replace_file(path("none/a"), "x", 0644));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1) << "nothing is left over";
}

TEST_F(IdentityFilesTest, OpensNoAuthorityOfTwoHalves) {
  ASSERT_TRUE(open_authority(directory_.string(), test_time()));
  std::ofstream(path("ca.pem")) << other_authority().certificate;
  const auto opened = open_authority(directory_.string(), test_time());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("the authority's key is not that of its certificate"), std::string::npos);
}

TEST(Identity, NamesGatewaysInUris) {
  EXPECT_EQ(identity_uri({Role::frontend, "pop-1"}), "ringway:frontend:pop-1");
  EXPECT_EQ(identity_uri({Role::backend, "host.example"}), "ringway:backend:host.example");
  EXPECT_EQ(identity_uri({Role::manager, "m-1"}), "ringway:manager:m-1");
  EXPECT_EQ(identity_uri({Role::user, "ada"}), "ringway:user:ada");
}

TEST(Identity, IsOfOneRoleAlone) {
  for (const Role role : {Role::frontend, Role::backend, Role::manager, Role::user, Role::redirector}) {
    EXPECT_EQ(parse_role(role_name(role)), role);
    const auto certificates = read_certificates(test_pem(role, "same").certificate);
    EXPECT_EQ(identity_of(*certificates.front()), (PeerIdentity{role, "same"}));
  }
  EXPECT_FALSE(parse_role("owner"));
  EXPECT_FALSE(parse_role(""));
}

TEST(Identity, IsSignedByItsAuthorityAlone) {
  IdentityPem pem = test_pem(Role::frontend, "pop-1");
  pem.authority = other_authority().certificate;
  const auto identity = Identity::from_pem(pem);
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().message, "certificate: is not signed by authority");
}

TEST(Identity, IsReplayedByASeed) {
  const auto made = [](std::uint64_t seed) {
    SeededRandom random(seed);
    const OpensslRandom override(random);
    const auto authority = make_authority(test_time());
    return authority->certificate + test_pem(Role::frontend, "pop-1", *authority).key;
  };
  EXPECT_EQ(made(1), made(1));
  EXPECT_NE(made(1), made(2));
}

TEST(Identity, RefusesAuthoritiesWhoseKeyIsAnothers) {
  const Authority mixed = {test_authority().certificate, other_authority().key};
  const auto made = make_identity(mixed, {Role::frontend, "pop-1"}, test_time());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "the authority's key is not that of its certificate");
}

}  // namespace
}  // namespace ringway::tmp
