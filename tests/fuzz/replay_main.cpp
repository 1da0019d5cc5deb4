// Runs a fuzzer's entry point over a corpus: PROGRAM FILE-OR-DIRECTORY... An empty corpus fails,
// so that a test which lost its inputs does not pass.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_of(const fs::path& where) {
  std::error_code ignored;  // an unreadable place has no inputs, which fails below
  if (fs::is_regular_file(where, ignored)) {
    return {where};
  }
  std::vector<fs::path> inputs;
  for (const fs::directory_entry& entry : fs::directory_iterator(where, ignored)) {
    if (entry.is_regular_file(ignored)) {
      inputs.push_back(entry.path());
    }
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

bool replay(const fs::path& input) {
  std::ifstream stream(input, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", input.c_str());
    return false;
  }
  const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  std::fprintf(stderr, "%s: %zu bytes\n", input.c_str(), data.size());
  LLVMFuzzerTestOneInput(data.data(), data.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  bool all_read = true;
  std::size_t count = 0;
  for (int index = 1; index < argc; ++index) {
    for (const fs::path& input : inputs_of(argv[index])) {
      all_read = replay(input) && all_read;
      ++count;
    }
  }
  if (count == 0) {
    std::fprintf(stderr, "no inputs: give files, or directories that hold some\n");
    return 1;
  }
  return all_read ? 0 : 1;
}
