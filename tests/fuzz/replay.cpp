// Gives every file of the named folders to a fuzz target: what libFuzzer's program does with a corpus, in any build.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::size_t replay_folder(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    // The name first: when the target dies, this is the input to look at.
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout);
    const std::vector<std::uint8_t> input = read_file(entry.path());
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int index = 1; index < argc; ++index) {
    count += replay_folder(argv[index]);
  }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;
}
