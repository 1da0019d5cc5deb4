#include <thread>
#include <vector>

#include "providers/rates.h"
#include "seabag/providers/memory.h"

namespace seabag::providers {
namespace {

TEST_CASE("rates of the memory provider", "[.bench][memory]") {
  const auto files = make_memory_file_system();
  testing::measure_streams(*files, 65536);
  testing::measure_streams(*files, 4096);
  testing::measure_streams(*files, 1024);
  testing::measure_names(*files, 100'000);
}

TEST_CASE("readers of the memory provider scale", "[.bench][memory]") {
  const auto files = make_memory_file_system();
  const auto made = files->create(vfs::kRootNode, "file", {});
  REQUIRE(made);
  const auto file = files->open_writable(made->node);
  REQUIRE(file);
  const std::string content = testing::noise(1 << 20);
  REQUIRE((*file)->append(std::as_bytes(std::span(content))));
  constexpr int kRounds = 1'000'000;
  for (const unsigned count : {1U, 2U}) {
    const std::string threads = std::to_string(count) + " threads";
    const auto run = [&](const auto& work) {
      std::vector<std::thread> all;
      for (unsigned number = 0; number < count; ++number) {
        all.emplace_back([&] {
          for (int round = 0; round < kRounds; ++round) {
            work(round);
          }
        });
      }
      for (std::thread& thread : all) {
        thread.join();
      }
    };
    testing::measure(("lookup, " + threads).c_str(), kRounds * count, [&] {
      run([&](int) { (void)files->lookup(vfs::kRootNode, "file"); });  // only the time counts
    });
    testing::measure(("read 4 KiB of one file, " + threads).c_str(), kRounds * count, [&] {
      run([&](int round) {
        std::array<std::byte, 4096> buffer;
        (void)(*file)->read_at(buffer, static_cast<std::uint64_t>(round % 256) * 4096);
      });
    });
  }
}

}  // namespace
}  // namespace seabag::providers
