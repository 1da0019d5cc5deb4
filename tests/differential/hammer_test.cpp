#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "generator.h"
#include "namespace_subject.h"
#include "seabag/providers/directory.h"
#include "seabag/providers/memory.h"
#include "seabag/providers/sqlite.h"
#include "seabag/vfs/overlay.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace seabag::testing {
namespace {

using Files = std::shared_ptr<vfs::WritableFileSystem>;

constexpr unsigned kThreads = 8;

/// What a call may answer while others change the tree, and what it must not: EIO, ESTALE, EFAULT.
bool is_ordinary(int error) {
  return error != EIO && error != ESTALE && error != EFAULT && error != ENOSYS;
}

/// Random operations of several threads on one provider.
void hammer(const Files& files, unsigned operations) {
  std::atomic<int> first_bad_error{0};
  const bool special_files = files->capabilities().special_files;
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      NamespaceSubject subject(files);
      Generator generator(number + 1, {.special_files = special_files});
      for (unsigned done = 0; done < operations; ++done) {
        const Operation operation = generator.next();
        const Outcome outcome = subject.run(operation);
        if (!is_ordinary(outcome.error)) {
          first_bad_error = outcome.error;
        }
        if (outcome.error == 0 && !operation.is_on_file()) {
          generator.learn(operation.other.empty() || operation.act == Act::make_symlink
                              ? operation.path
                              : operation.other);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(first_bad_error == 0);
}

/// With no file open, every count must be right.
void check_counts(vfs::WritableFileSystem& files) {
  std::map<vfs::NodeId, std::uint64_t> names;
  std::map<vfs::NodeId, std::uint64_t> links;
  std::vector<vfs::NodeId> pending{vfs::kRootNode};
  while (!pending.empty()) {
    const vfs::NodeId directory = pending.back();
    pending.pop_back();
    std::uint64_t subdirectories = 0;
    std::uint64_t cookie = 0;
    for (auto rows = files.list(directory, cookie, 100); rows && !rows->empty();
         rows = files.list(directory, cookie, 100)) {
      cookie = rows->back().cookie;
      for (const vfs::DirectoryEntry& row : *rows) {
        const auto found = files.lookup(directory, row.name);
        REQUIRE(found);
        CHECK(found->node == row.node);
        CHECK(found->type == row.type);
        if (found->type == vfs::FileType::directory) {
          ++subdirectories;
          pending.push_back(found->node);
        } else {
          ++names[found->node];
          links[found->node] = found->links;
        }
      }
    }
    CHECK(files.attributes(directory)->links == 2 + subdirectories);
  }
  CHECK(names == links);
}

TEST_CASE("eight threads hammer the memory provider", "[memory][threads]") {
  const Files files = providers::make_memory_file_system();
  hammer(files, 3000);
  check_counts(*files);
}

TEST_CASE("eight threads hammer an overlay", "[overlay][threads]") {
  const Files lower = providers::make_memory_file_system();
  hammer(lower, 200);
  const Files files =
      vfs::make_overlay({.upper = providers::make_memory_file_system(), .lowers = {lower}}).value();
  hammer(files, 1000);
  check_counts(*files);
}

TEST_CASE("eight threads hammer the SQLite provider", "[sqlite][threads]") {
  const TempDir place;
  const Files files = providers::open_sqlite_file_system(place / "files.db").value();
  hammer(files, 200);
  check_counts(*files);
}

TEST_CASE("eight threads hammer the directory provider", "[directory][threads]") {
  const TempDir place;
  const Files files = providers::DirectoryFileSystem::open_root(place.path().native()).value();
  hammer(files, 1000);
  check_counts(*files);
}

}  // namespace
}  // namespace seabag::testing
