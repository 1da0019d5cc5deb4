// A namespace in several threads at once. No test here waits for a moment: each thread does a fixed
// amount of work, and what must hold, holds in every order.
#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "memory_namespace.h"
#include "seabag/vfs/faulty.h"

namespace seabag::vfs {
namespace {

/// Runs all of them at once and waits for their end.
void run_together(const std::vector<std::function<void()>>& calls) {
  std::vector<std::thread> threads;
  threads.reserve(calls.size());
  for (const auto& call : calls) {
    threads.emplace_back(call);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_CASE("a name that is only ever replaced is never missing", "[vfs][rename][threads]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/target"});
  std::atomic<int> failures = 0;
  std::atomic<bool> is_done = false;
  run_together({
      [&] {
        for (int round = 0; round < 500; ++round) {
          if (!write_file(tree.files, "/d/next", "complete") ||
              !tree.files.rename("/d/next", "/d/target")) {
            ++failures;
          }
        }
        is_done = true;
      },
      [&] {
        while (!is_done) {
          const auto text = read_file(tree.files, "/d/target");
          if (!text || (*text != "complete" && *text != "/d/target")) {
            ++failures;
          }
        }
      },
  });
  CHECK(failures == 0);
}

TEST_CASE("walks go on while mounts come and go", "[vfs][mount][threads]") {
  MemoryNamespace tree;
  build(tree.files, {"/m/", "/m/f", "/stays"});
  const std::shared_ptr<WritableFileSystem> other = providers::make_memory_file_system();
  REQUIRE(other->create(kRootNode, "f", {.mode = 0600}));
  std::atomic<int> failures = 0;
  std::atomic<bool> is_done = false;
  const auto walk = [&] {
    while (!is_done) {
      // Whichever file system is there, it has an f, and so has what is beside it. (The framework's
      // own checks are for one thread.)
      const auto entries = tree.files.list("/m");
      if (!tree.files.open("/m/f") || !tree.files.stat("/m/../stays") || !entries ||
          entries->size() != 1) {
        ++failures;
      }
    }
  };
  const auto mount = [&] {
    for (int round = 0; round < 500; ++round) {
      auto mounted = tree.files.mount("/m", other);
      if (!mounted || !mounted->unmount(UnmountMode::lazy)) {
        ++failures;
      }
    }
    is_done = true;
  };
  run_together({walk, mount, walk});
  CHECK(failures == 0);
  CHECK(other.use_count() == 1);
}

TEST_CASE("an unmount that succeeds has no open file behind it", "[vfs][mount][threads]") {
  Namespace files;
  std::atomic<int> failures = 0;
  std::atomic<bool> is_done = false;
  run_together({
      [&] {
        while (!is_done) {
          const auto file = files.open("/m/f");
          if (!file && error_of(file) != std::errc::no_such_file_or_directory) {
            ++failures;
          }
        }
      },
      [&] {
        for (int round = 0; round < 300; ++round) {
          std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
          const std::weak_ptr<FileSystem> watched = memory;
          auto mount = files.mount("/m", memory);
          if (!mount || !write_file(files, "/m/f", "")) {
            ++failures;
            break;
          }
          while (!mount->unmount()) {
            std::this_thread::yield();
          }
        }
        is_done = true;
      },
  });
  CHECK(failures == 0);
  CHECK(files.mounts().empty());
}

TEST_CASE("O_EXCL lets exactly one thread make a file", "[vfs][open][threads]") {
  MemoryNamespace tree;
  constexpr int kFiles = 300;
  std::atomic<int> made = 0;
  std::atomic<int> failures = 0;
  const auto create_all = [&] {
    for (int number = 0; number < kFiles; ++number) {
      const auto file =
          tree.files.open_writable("/" + std::to_string(number), {.create = CreateMode::exclusive});
      if (file) {
        ++made;
      } else if (error_of(file) != std::errc::file_exists) {
        ++failures;
      }
    }
  };
  run_together({create_all, create_all, create_all});
  CHECK(made == kFiles);
  CHECK(failures == 0);
}

TEST_CASE("O_CREAT and unlink in two threads never fail otherwise", "[vfs][open][threads]") {
  MemoryNamespace tree;
  std::atomic<int> failures = 0;
  std::atomic<bool> is_done = false;
  run_together({
      [&] {
        for (int round = 0; round < 1000; ++round) {
          if (!tree.files.open_writable("/f", {.create = CreateMode::if_missing})) {
            ++failures;
          }
        }
        is_done = true;
      },
      [&] {
        while (!is_done) {
          const auto removed = unlink(tree.files, "/f");
          if (!removed && error_of(removed) != std::errc::no_such_file_or_directory) {
            ++failures;
          }
        }
      },
  });
  CHECK(failures == 0);
}

TEST_CASE("directories that are renamed across each other never make a loop",
          "[vfs][rename][threads]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/b/", "/a/x/", "/b/y/"});
  const auto swap_names = [&](std::string_view from, std::string_view to) {
    for (int round = 0; round < 500; ++round) {
      (void)tree.files.rename(from, to);  // who comes second fails; what counts is the tree
      (void)tree.files.rename(to, from);
    }
  };
  run_together({[&] { swap_names("/a", "/b/y/a"); }, [&] { swap_names("/b", "/a/x/b"); }});
  std::size_t count = 0;
  std::vector<std::string> pending{"/"};
  while (!pending.empty()) {
    const std::string directory = pending.back();
    pending.pop_back();
    for (const std::string& name : names_in(tree.files, directory)) {
      pending.push_back(directory + (directory == "/" ? "" : "/") + name);
      ++count;
    }
  }
  CHECK(count == 4);
}

TEST_CASE("more walks at once than the mount table has room for still work",
          "[vfs][walk][threads]") {
  const auto plan = std::make_shared<FaultPlan>();
  Namespace files;
  const Mount root =
      files.mount("/", make_writable_faulty(providers::make_memory_file_system(), plan)).value();
  build(files, {"/f"});
  // Every walk starts another one while it is in the middle, forty deep.
  int depth = 0;
  plan->set_hook([&](ContractCall call) {
    if (call == ContractCall::lookup && depth < 40) {
      ++depth;
      CHECK(files.stat("/f"));
    }
  });
  CHECK(files.stat("/f"));
  CHECK(depth == 40);
}

TEST_CASE("a provider may change the mounts while it is being walked", "[vfs][mount][threads]") {
  const auto plan = std::make_shared<FaultPlan>();
  MemoryNamespace tree;
  auto slow =
      tree.files.mount("/m", make_writable_faulty(providers::make_memory_file_system(), plan))
          .value();
  build(tree.files, {"/m/f"});
  plan->set_hook([&, done = false](ContractCall call) mutable {
    if (call == ContractCall::lookup && !done) {
      done = true;
      CHECK(slow.unmount(UnmountMode::lazy));
    }
  });
  CHECK(tree.files.stat("/m/f"));
  CHECK(error_of(tree.files.stat("/m/f")) == std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace seabag::vfs
