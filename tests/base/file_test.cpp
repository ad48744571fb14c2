#include "base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace ringway {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest() { std::ofstream(path_) << "whole"; }
  ~FileTest() override { std::filesystem::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "/ringway_file_test" + std::to_string(::getpid());
};

TEST_F(FileTest, IsReadWhole) {
  EXPECT_EQ(*read_file(path_, 5), "whole");
  EXPECT_EQ(read_file(path_, 4).error().message, path_ + ": larger than 4 octets");
}

TEST_F(FileTest, SaysWhyItCannotBeRead) {
  EXPECT_EQ(read_file(path_ + ".none", 5).error().message, path_ + ".none: No such file or directory");
  EXPECT_EQ(read_file("/", 5).error().message, "/: Is a directory");
}

}  // namespace
}  // namespace ringway
