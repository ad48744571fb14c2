#pragma once
// What the agent's tests share: a folder that goes in the end, and contents.

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "agent/last_good.h"

namespace ringway::agent::testing {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ringway-agent-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Content content(std::uint64_t revision, Sections sections, std::uint64_t epoch = 1) {
  ContentMark mark{epoch, revision, "chain", 0, hash_of(sections)};
  return {std::move(mark), std::move(sections)};
}

}  // namespace ringway::agent::testing
