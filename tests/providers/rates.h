#pragma once

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

#include "seabag/vfs/file_system.h"
#include "support/catch.h"
#include "support/tree.h"

/// Rates of a provider, for hidden tests: `memory_test [.bench]`.
namespace seabag::testing {

/// Runs `work` and prints how long one of its `count` steps took, and the processor's share of it,
/// which other work on the machine does not inflate.
template <typename Work>
double measure(const char* what, double count, Work work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu_start = std::clock();
  work();
  const double cpu = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("  %-40s %8.3f s %9.2f us each, cpu %8.3f s %9.2f us each\n", what, took.count(),
              took.count() / count * 1e6, cpu, cpu / count * 1e6);
  return took.count();
}

/// Appends 64 MiB in writes of `block` bytes, and reads them back the same way.
inline void measure_streams(vfs::WritableFileSystem& files, std::size_t block) {
  constexpr std::size_t kSize = 64U << 20U;
  const std::string name = "stream " + std::to_string(block);
  const std::string bytes = noise(block);
  const auto made = files.create(vfs::kRootNode, name, {});
  REQUIRE(made);
  const auto file = files.open_writable(made->node);
  REQUIRE(file);
  const auto count = static_cast<double>(kSize / block);
  measure(("append 64 MiB by " + std::to_string(block)).c_str(), count, [&] {
    for (std::size_t done = 0; done < kSize; done += block) {
      REQUIRE((*file)->append(std::as_bytes(std::span(bytes))).value_or(0) == block);
    }
  });
  std::string buffer(block, '\0');
  measure(("read 64 MiB by " + std::to_string(block)).c_str(), count, [&] {
    for (std::size_t done = 0; done < kSize; done += block) {
      REQUIRE((*file)->read_at(std::as_writable_bytes(std::span(buffer)), done).value_or(0) ==
              block);
    }
  });
  CHECK(buffer == bytes);
  measure("sync", 1, [&] { REQUIRE((*file)->sync(vfs::SyncScope::data)); });
}

/// Makes, finds, lists, renames and removes `count` files of one directory.
inline void measure_names(vfs::WritableFileSystem& files, int count) {
  const auto directory =
      files.create(vfs::kRootNode, "names", {.type = vfs::FileType::directory, .mode = 0755});
  REQUIRE(directory);
  const auto each = [&](const char* what, auto work) {
    measure(what, count, [&] {
      for (int number = 0; number < count; ++number) {
        REQUIRE(work("file " + std::to_string(number)));
      }
    });
  };
  const vfs::NodeId parent = directory->node;
  each("create", [&](const std::string& name) { return files.create(parent, name, {}); });
  each("lookup", [&](const std::string& name) { return files.lookup(parent, name); });
  measure("list", count, [&] {
    std::uint64_t cookie = 0;
    for (auto rows = files.list(parent, cookie, 256); !rows->empty();
         rows = files.list(parent, cookie, 256)) {
      cookie = rows->back().cookie;
    }
  });
  each("rename", [&](const std::string& name) {
    return files.rename(parent, name, vfs::kRootNode, name, vfs::RenameMode::replace);
  });
  each("remove", [&](const std::string& name) {
    return files.remove(vfs::kRootNode, name, vfs::RemoveKind::file);
  });
}

}  // namespace seabag::testing
