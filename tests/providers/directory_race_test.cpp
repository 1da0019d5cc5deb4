#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "directory_support.h"
#include "support/catch.h"

/// Somebody swaps a component again and again while we open: whatever is read lies inside.
namespace seabag::testing {
namespace {

namespace fs = std::filesystem;
using vfs::kRootNode;

constexpr int kRounds = 2000;
constexpr std::chrono::seconds kSoak(600);

/// Exchanges two names of the host as fast as it can, as long as it lives.
class Swapper {
 public:
  Swapper(const fs::path& one, const fs::path& other)
      : thread_([this, one, other] {
          while (!is_over_) {
            if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) {
              ++swaps_;
            }
          }
        }) {}
  ~Swapper() {
    is_over_ = true;
    thread_.join();
  }
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;

  [[nodiscard]] int swaps() const { return swaps_; }

 private:
  std::atomic<bool> is_over_ = false;
  std::atomic<int> swaps_ = 0;
  std::thread thread_;
};

struct Outcome {
  int read = 0;     ///< the content from inside
  int refused = 0;  ///< an error
  int told = 0;     ///< an error that says where the sandbox is on the host
  int escaped = 0;  ///< anything else
};

void note(Outcome& outcome, const Result<std::string>& text, const fs::path& root) {
  if (!text) {
    ++outcome.refused;
    const std::string home = root.parent_path().string();
    outcome.told += text.error().message().find(home) != std::string::npos ? 1 : 0;
  } else if (*text == "inside") {
    ++outcome.read;
  } else {
    ++outcome.escaped;
  }
}

/// Reads `d/sub/secret` by fresh lookups and by the node of the beginning, and does not end before
/// both sides have had their turn.
Outcome read_often(vfs::FileSystem& files, const Swapper& swapper, const fs::path& root) {
  Outcome outcome;
  const auto known = find(files, "d/sub/secret");
  for (int round = 0; round < kRounds || swapper.swaps() < 100 || outcome.read < 20; ++round) {
    const auto found = find(files, "d/sub/secret");
    note(outcome, found ? content(files, found->node) : found.error(), root);
    if (known) {
      note(outcome, content(files, known->node), root);
    }
  }
  return outcome;
}

/// Two names below the root to be exchanged, in a sandbox that has them.
struct Swap {
  const char* what;
  std::string one;
  std::string other;
};

void check_swap(const Swap& swap, providers::DirectoryOptions::Resolution resolution) {
  CAPTURE(swap.what);
  const Sandbox sandbox;
  const fs::path root = sandbox.root();
  fs::create_directory_symlink(sandbox.outside(), root / "link");
  fs::create_directory_symlink(sandbox.outside() / "sub", root / "d" / "link");
  fs::create_symlink(sandbox.outside() / "secret", root / "d" / "sub" / "link");
  fs::create_directories(root / "other" / "sub");
  write_host_file(root / "other" / "sub" / "secret", "inside");
  const auto files = sandbox.open({.resolution = resolution});
  Outcome outcome;
  {
    const Swapper swapper(root / swap.one, root / swap.other);
    outcome = read_often(*files, swapper, root);
  }
  CHECK(outcome.escaped == 0);
  CHECK(outcome.told == 0);
  CHECK(outcome.read + outcome.refused >= kRounds);
  CHECK(sandbox.is_outside_untouched());
}

void check_swaps_while_reading() {
  for (const auto resolution : both_resolutions()) {
    check_swap({"a directory and a link", "d", "link"}, resolution);
    check_swap({"in the middle of the path", "d/sub", "d/link"}, resolution);
    check_swap({"a file and a link", "d/sub/secret", "d/sub/link"}, resolution);
    check_swap({"two directories", "d", "other"}, resolution);
  }
}

TEST_CASE("a component that keeps being swapped never leads outside",
          "[providers][directory][race]") {
  check_swaps_while_reading();
}

void check_swaps_while_changing() {
  const Sandbox sandbox;
  const fs::path root = sandbox.root();
  fs::create_directory_symlink(sandbox.outside(), root / "link");
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    const Swapper swapper(root / "d", root / "link");
    int made = 0;
    for (int round = 0; round < kRounds || swapper.swaps() < 100 || made < 20; ++round) {
      const auto d = files->lookup(kRootNode, "d");
      if (!d || d->type != vfs::FileType::directory) {
        continue;
      }
      const auto file = files->create(d->node, "new", {});
      made += file ? 1 : 0;
      const auto secret = files->lookup(d->node, "secret");
      if (secret) {
        // Each may find the directory gone; none may touch what took its place.
        (void)files->set_attributes(secret->node, {.mode = 0640});
        (void)files->set_attributes(secret->node, {.size = 6});
        (void)files->set_xattr(secret->node, "user.x", "y", vfs::XattrMode::any);
        (void)files->link(secret->node, d->node, "linked");
      }
      (void)files->rename(d->node, "new", d->node, "newer", vfs::RenameMode::replace);
      for (const char* name : {"new", "newer", "linked"}) {
        (void)files->remove(d->node, name, vfs::RemoveKind::file);
      }
    }
  }
  CHECK(sandbox.is_outside_untouched());
  CHECK((fs::status(sandbox.outside() / "secret").permissions() & fs::perms::others_read) !=
        fs::perms::none);
}

TEST_CASE("changes in a directory that keeps being swapped stay inside",
          "[providers][directory][race]") {
  check_swaps_while_changing();
}

TEST_CASE("a node is never lost to our own renames", "[providers][directory][race]") {
  const Sandbox sandbox;
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    const vfs::NodeId secret = find(*files, "d/sub/secret")->node;
    const vfs::NodeId sub = find(*files, "d/sub")->node;
    const vfs::NodeId d = find(*files, "d")->node;
    std::atomic<bool> is_over = false;
    std::thread mover([&] {
      while (!is_over) {
        // Not checked here: failures show in what the other thread finds at the end.
        (void)files->rename(kRootNode, "d", kRootNode, "e", vfs::RenameMode::replace);
        (void)files->rename(sub, "secret", sub, "moved", vfs::RenameMode::replace);
        (void)files->rename(d, "sub", kRootNode, "sub", vfs::RenameMode::no_replace);
        (void)files->rename(kRootNode, "sub", d, "sub", vfs::RenameMode::replace);
        (void)files->rename(sub, "moved", sub, "secret", vfs::RenameMode::exchange);
        (void)files->rename(sub, "moved", sub, "secret", vfs::RenameMode::replace);
        (void)files->rename(kRootNode, "e", kRootNode, "d", vfs::RenameMode::replace);
      }
    });
    int lost = 0;
    for (int round = 0; round < kRounds; ++round) {
      lost += files->attributes(secret) ? 0 : 1;
      lost += content(*files, secret) ? 0 : 1;
      lost += files->list(sub, 0, 10) ? 0 : 1;
      const auto found = files->lookup(sub, "secret");
      lost += found && found->node != secret ? 1 : 0;
    }
    is_over = true;
    mover.join();
    CHECK(lost == 0);
    CHECK(find(*files, "d/sub/secret")->node == secret);
  }
}

TEST_CASE("a fifo swapped in for a file does not block", "[providers][directory][race]") {
  const Sandbox sandbox;
  const fs::path sub = sandbox.root() / "d" / "sub";
  REQUIRE(::mkfifo((sub / "fifo").c_str(), 0666) == 0);
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    const Swapper swapper(sub / "secret", sub / "fifo");
    CHECK(read_often(*files, swapper, sandbox.root()).escaped == 0);
  }
}

/// By name only: `directory_test "[soak]"`, for ten minutes or SEABAG_SOAK_SECONDS.
TEST_CASE("nothing leads outside however long it is tried", "[.soak][providers][directory]") {
  const char* wanted = std::getenv("SEABAG_SOAK_SECONDS");
  const auto length = wanted != nullptr ? std::chrono::seconds(std::atoi(wanted)) : kSoak;
  const auto end = std::chrono::steady_clock::now() + length;
  int turns = 0;
  while (std::chrono::steady_clock::now() < end) {
    check_swaps_while_reading();
    check_swaps_while_changing();
    ++turns;
  }
  WARN("turns of eight swaps, read and changed: " << turns);
}

}  // namespace
}  // namespace seabag::testing
