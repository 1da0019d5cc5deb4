#include "seabag/vfs/lazy.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "memory_namespace.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

using Entries = Result<std::vector<LazyEntry>>;
using Text = Result<std::string>;

struct Lazy {
  explicit Lazy(LazyEntries entries) : lazy(make_lazy_file_system(std::move(entries))) {}

  std::shared_ptr<FileSystem> lazy;
  Namespace files;
  Mount root = files.mount("/", lazy).value();
};

TEST_CASE("content is produced when first asked for, and once", "[vfs][lazy]") {
  int listed = 0;
  int read = 0;
  const Lazy tree([&]() -> Entries {
    ++listed;
    LazyEntry sized = lazy_file("sized", [&]() -> Text {
      ++read;
      return std::string("12345");
    });
    sized.size = 5;
    return std::vector{sized, lazy_symlink("link", "sized"),
                       lazy_directory("never", []() -> Entries {
                         return make_error(std::errc::io_error, "never");
                       })};
  });
  CHECK(listed == 0);
  CHECK(names_in(tree.files, "/") == Names{"link", "never", "sized"});
  CHECK(tree.files.stat("/sized")->size == 5);
  CHECK(read == 0);
  CHECK(read_file(tree.files, "/link").value() == "12345");
  CHECK(read_file(tree.files, "/sized").value() == "12345");
  CHECK(read == 1);
  CHECK(listed == 1);
}

TEST_CASE("a size that is not announced is found out", "[vfs][lazy]") {
  const Lazy tree([]() -> Entries {
    return std::vector{lazy_file("file", []() -> Text { return std::string("abc"); })};
  });
  CHECK(tree.files.stat("/file")->size == 3);
}

TEST_CASE("an error is the answer, and the next ask tries again", "[vfs][lazy]") {
  int asked = 0;
  const Lazy tree([&]() -> Entries {
    if (++asked == 1) {
      return make_error(std::errc::permission_denied, "database", "/secret/path");
    }
    return std::vector<LazyEntry>{};
  });
  const auto refused = tree.files.list("/");
  CHECK(error_of(refused) == std::errc::permission_denied);
  CHECK(refused.error().message().find("secret") == std::string::npos);
  CHECK(tree.files.list("/"));
}

TEST_CASE("what cannot be is EIO", "[vfs][lazy]") {
  const auto list_of = [](LazyEntry first, LazyEntry second) {
    const Lazy tree([&]() -> Entries { return std::vector{first, second}; });
    return error_of(tree.files.list("/"));
  };
  const LazyEntry good = lazy_symlink("good", "target");
  CHECK(list_of(good, lazy_symlink("good", "other")) == std::errc::io_error);
  CHECK(list_of(good, lazy_symlink("a/b", "x")) == std::errc::io_error);
  CHECK(list_of(good, lazy_symlink("..", "x")) == std::errc::io_error);
  CHECK(list_of(good, lazy_symlink("empty", "")) == std::errc::io_error);
  CHECK(list_of(good, lazy_file("none", {})) == std::errc::io_error);
  CHECK(list_of(good, lazy_directory("none", {})) == std::errc::io_error);
  CHECK(list_of(good, {.name = "fifo", .type = FileType::fifo}) == std::errc::io_error);

  const Lazy tree([]() -> Entries {
    LazyEntry liar = lazy_file("liar", []() -> Text { return std::string("abc"); });
    liar.size = 4;
    return std::vector{liar};
  });
  CHECK(error_of(read_file(tree.files, "/liar")) == std::errc::io_error);
}

TEST_CASE("many threads ask, one callback answers", "[vfs][lazy][threads]") {
  std::atomic<int> produced = 0;
  const Lazy tree([&]() -> Entries {
    ++produced;
    std::vector<LazyEntry> entries;
    for (int number = 0; number < 50; ++number) {
      entries.push_back(lazy_file(std::to_string(number), [&]() -> Text {
        ++produced;
        return std::string("text");
      }));
    }
    return entries;
  });
  {
    std::vector<std::jthread> readers;
    for (int thread = 0; thread < 4; ++thread) {
      readers.emplace_back([&] {
        for (int number = 0; number < 50; ++number) {
          (void)read_file(tree.files, "/" + std::to_string(number));
        }
      });
    }
  }
  CHECK(produced == 51);
}

}  // namespace
}  // namespace seabag::vfs
