#include <atomic>
#include <thread>
#include <vector>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::kRootNode;
using vfs::RemoveKind;
using vfs::RenameMode;

namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 60;

/// Runs `work(number)` on several threads at once and waits for all. Checks belong behind it: the
/// test framework's are for one thread.
template <typename Work>
void run_threads(Work work) {
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&work, number] { work(number); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

template <typename T>
bool is_one_of(const Result<T>& result, std::initializer_list<errc> expected) {
  for (const errc condition : expected) {
    if (!result && result.error().is(condition)) {
      return true;
    }
  }
  return result.has_value();
}

/// Creates, finds and removes names of its own in a directory shared by all.
void check_shared_directory(vfs::WritableFileSystem& files) {
  std::atomic<int> failures{0};
  run_threads([&](int number) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string name = std::to_string(number) + "." + std::to_string(round);
      const auto made = files.create(kRootNode, name, {});
      const auto found = files.lookup(kRootNode, name);
      const auto rows = files.list(kRootNode, 0, 1000);
      const bool is_good = made && found && made->node == found->node && rows;
      const bool is_kept = round % 2 == 0;
      const bool is_removed = is_kept || files.remove(kRootNode, name, RemoveKind::file);
      failures += is_good && is_removed ? 0 : 1;
    }
  });
  CHECK(failures == 0);
  CHECK(names_in(files, kRootNode).size() == kThreads * kRounds / 2);
}

/// Of all threads that create one name, one wins; the same for removing it.
void check_races_for_a_name(vfs::WritableFileSystem& files) {
  std::atomic<int> made{0};
  std::atomic<int> removed{0};
  std::atomic<int> surprises{0};
  run_threads([&](int) {
    for (int round = 0; round < kRounds; ++round) {
      const auto created = files.create(kRootNode, "name", {});
      made += created ? 1 : 0;
      const auto gone = files.remove(kRootNode, "name", RemoveKind::file);
      removed += gone ? 1 : 0;
      surprises += is_one_of(created, {errc::file_exists}) ? 0 : 1;
      surprises += is_one_of(gone, {errc::no_such_file_or_directory}) ? 0 : 1;
    }
  });
  CHECK(surprises == 0);
  CHECK(made == removed);
  CHECK(names_in(files, kRootNode).empty());
}

void check_appends(vfs::WritableFileSystem& files) {
  const vfs::NodeId node = make(files, kRootNode, "log");
  std::atomic<int> failures{0};
  run_threads([&](int number) {
    const auto file = files.open_writable(node);
    const std::string line(100, static_cast<char>('a' + number));
    for (int round = 0; round < kRounds && file; ++round) {
      failures += (*file)->append(bytes_of(line)).value_or(0) == line.size() ? 0 : 1;
    }
    failures += file ? 0 : 1;
  });
  CHECK(failures == 0);
  const std::string content = read_all(files, node);
  REQUIRE(content.size() == kThreads * kRounds * 100);
  int torn = 0;
  for (std::size_t start = 0; start < content.size(); start += 100) {
    torn += content.substr(start, 100) == std::string(100, content[start]) ? 0 : 1;
  }
  CHECK(torn == 0);
}

/// `rename` is atomic: there is no moment without the target.
void check_atomic_rename(vfs::WritableFileSystem& files) {
  make_file(files, kRootNode, "target", "old");
  std::atomic<int> failures{0};
  std::atomic<bool> is_done{false};
  run_threads([&](int number) {
    for (int round = 0; number == 0 && round < kRounds; ++round) {
      const auto made = files.create(kRootNode, "temporary", {});
      const auto moved =
          files.rename(kRootNode, "temporary", kRootNode, "target", RenameMode::replace);
      failures += made && moved ? 0 : 1;
    }
    is_done = is_done || number == 0;
    while (!is_done) {
      failures += files.lookup(kRootNode, "target") ? 0 : 1;
    }
  });
  CHECK(failures == 0);
  CHECK(names_in(files, kRootNode) == std::vector<std::string>{"target"});
}

/// Directories moved into each other from several sides never make a loop.
void check_crossing_renames(vfs::WritableFileSystem& files) {
  std::vector<vfs::NodeId> directories;
  std::vector<std::string> names;
  for (int number = 0; number < kThreads; ++number) {
    names.push_back(std::string(1, static_cast<char>('a' + number)));
    directories.push_back(make_directory(files, kRootNode, names.back()));
  }
  std::atomic<int> surprises{0};
  run_threads([&](int number) {
    const auto self = static_cast<std::size_t>(number);
    for (int round = 0; round < kRounds; ++round) {
      const std::size_t other = (self + 1 + static_cast<std::size_t>(round) % 3) % kThreads;
      const auto down = files.rename(kRootNode, names[self], directories[other], names[self],
                                     RenameMode::replace);
      const auto up = files.rename(directories[other], names[self], kRootNode, names[self],
                                   RenameMode::replace);
      surprises +=
          is_one_of(down, {errc::no_such_file_or_directory, errc::invalid_argument}) ? 0 : 1;
      surprises += is_one_of(up, {errc::no_such_file_or_directory}) ? 0 : 1;
    }
  });
  CHECK(surprises == 0);
  CHECK(read_tree(files).nodes().size() == kThreads);
}

/// Files are opened, read and closed while their names go and come.
void check_open_against_remove(vfs::WritableFileSystem& files) {
  std::atomic<int> surprises{0};
  run_threads([&](int number) {
    for (int round = 0; round < kRounds; ++round) {
      if (number % 2 == 0) {
        const auto made = files.create(kRootNode, "name", {});
        const auto gone = files.remove(kRootNode, "name", RemoveKind::file);
        surprises += is_one_of(made, {errc::file_exists}) ? 0 : 1;
        surprises += is_one_of(gone, {errc::no_such_file_or_directory}) ? 0 : 1;
        continue;
      }
      const auto found = files.lookup(kRootNode, "name");
      if (!found) {
        continue;
      }
      const auto file = files.open_writable(found->node);
      surprises += is_one_of(file, {kStaleNode}) ? 0 : 1;
      if (file) {
        surprises += (*file)->append(bytes_of("text")) && (*file)->attributes() ? 0 : 1;
      }
    }
  });
  CHECK(surprises == 0);
}

}  // namespace

void check_concurrency_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  SECTION("a directory shared by all") { check_shared_directory(*files); }
  SECTION("one winner for a name") { check_races_for_a_name(*files); }
  SECTION("appends are whole") { check_appends(*files); }
  SECTION("rename has no gap") { check_atomic_rename(*files); }
  SECTION("crossing renames make no loop") { check_crossing_renames(*files); }
  SECTION("open against remove") { check_open_against_remove(*files); }
}

}  // namespace seabag::testing
