#include "seabag/vfs/async.h"

#include <atomic>
#include <latch>
#include <string>
#include <vector>

#include "memory_namespace.h"
#include "seabag/vfs/glob.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

/// Keeps work until it is told to run or to drop it.
class HeldExecutor final : public Executor {
 public:
  void execute(std::unique_ptr<Work> work) override { held_.push_back(std::move(work)); }
  void run_all() {
    for (const auto& work : held_) {
      work->run();
    }
    held_.clear();
  }
  void drop_all() { held_.clear(); }

 private:
  std::vector<std::unique_ptr<Work>> held_;
};

TEST_CASE("every call has an asynchronous form", "[vfs][async]") {
  MemoryNamespace tree;
  Namespace& files = tree.files;
  ThreadExecutor executor(2);
  const std::stop_token stop;

  SECTION("free functions") {
    const std::string path = "/file";
    REQUIRE(
        async(executor, stop, write_file, std::ref(files), path, "text", CreateOptions{}).get());
    CHECK(async(executor, stop, read_file, std::ref(files), "/file").get().value() == "text");
  }
  SECTION("member functions") {
    build(files, {"/d/"});
    CHECK(async(executor, stop, &Namespace::stat, &files, "/d").get()->type == FileType::directory);
    CHECK(async(executor, stop, &Namespace::rename, &files, "/d", "/e", RenameMode::replace).get());
  }
  SECTION("lambdas") {
    build(files, {"/a.txt", "/b.txt"});
    auto found = async(executor, stop, [&] { return glob(files, "/*.txt"); });
    CHECK(std::move(found).get().value() == Names{"/a.txt", "/b.txt"});
  }
  SECTION("what can only be moved") {
    build(files, {"/a"});
    auto file = async(executor, stop, [&] { return files.open("/a"); }).get();
    REQUIRE(file);
    CHECK((*file)->attributes()->size == 2);
  }
  SECTION("errors") {
    const auto missing = async(executor, stop, &Namespace::stat, &files, "/none").get();
    CHECK(error_of(missing) == std::errc::no_such_file_or_directory);
    CHECK(missing.error().path == "/none");
  }
}

TEST_CASE("text arguments need not live until the call", "[vfs][async]") {
  MemoryNamespace tree;
  build(tree.files, {"/file"});
  HeldExecutor executor;
  auto pending = [&] {
    const std::string path = "/file";
    return async(executor, {}, &Namespace::stat, &tree.files, std::string_view(path));
  }();
  CHECK_FALSE(pending.is_ready());
  executor.run_all();
  CHECK(pending.is_ready());
  CHECK(std::move(pending).get());
}

TEST_CASE("a call that is cancelled before it begins is not made", "[vfs][async]") {
  MemoryNamespace tree;
  HeldExecutor executor;
  std::stop_source stop;
  auto pending =
      async(executor, stop.get_token(), &Namespace::create, &tree.files, "/file", NewNode{});
  SECTION("when asked to stop") { stop.request_stop(); }
  SECTION("when the executor drops it") { executor.drop_all(); }
  CHECK(pending.is_ready());
  executor.run_all();
  CHECK(error_of(std::move(pending).get()) == std::errc::operation_canceled);
  CHECK_FALSE(exists(tree.files, "/file").value());
}

TEST_CASE("a call that has begun is finished", "[vfs][async][threads]") {
  std::stop_source stop;
  std::latch begun(1);
  std::latch stopped(1);
  ThreadExecutor executor(1);
  auto pending = async(executor, stop.get_token(), [&]() -> Result<int> {
    begun.count_down();
    stopped.wait();
    return 42;
  });
  begun.wait();
  stop.request_stop();
  stopped.count_down();
  CHECK(std::move(pending).get().value() == 42);
}

TEST_CASE("a callback gets the answer instead", "[vfs][async]") {
  HeldExecutor executor;
  int seen = 0;
  const auto note = [&](Result<int> answer) { seen = answer.value(); };
  SECTION("when it comes") {
    async(executor, {}, [] { return Result<int>(7); }).then(note);
    CHECK(seen == 0);
    executor.run_all();
  }
  SECTION("when it is there already") {
    auto pending = async(executor, {}, [] { return Result<int>(7); });
    executor.run_all();
    std::move(pending).then(note);
  }
  CHECK(seen == 7);
}

TEST_CASE("an executor's end answers everything", "[vfs][async][threads]") {
  constexpr int kCalls = 1000;
  std::atomic<int> answered = 0;
  {
    ThreadExecutor executor(3);
    for (int call = 0; call < kCalls; ++call) {
      async(executor, {}, [] { return Result<void>(); }).then([&](const Result<void>&) {
        ++answered;
      });
    }
  }
  CHECK(answered == kCalls);
}

}  // namespace
}  // namespace seabag::vfs
