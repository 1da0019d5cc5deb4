#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "golden_tree.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace seabag::bundle {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::size_t count_files(const testing::TempDir& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()));
}

Writer start(const fs::path& output) {
  auto writer = Writer::create(output.string(), kNoStub, {.durability = Durability::cached});
  REQUIRE(writer);
  return std::move(writer).take();
}

TEST_CASE("the order of adding does not change the bundle", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  const std::vector<std::string> names{"b", "a", "\xff", "ab", "B", "c d", "z"};
  for (const bool is_reversed : {false, true}) {
    Writer writer = start(directory / (is_reversed ? "reversed" : "straight"));
    const ContentId content = testing::add_content(writer, "the same");
    Tree tree;
    std::vector<std::string> order = names;
    if (is_reversed) {
      std::reverse(order.begin(), order.end());
    }
    for (const std::string& name : order) {
      const EntryId parent = tree.add_directory(kRootEntry, name, {.mode = 0755}).value();
      for (const std::string& file : order) {
        REQUIRE(tree.add_file(parent, file, {}, content));
      }
    }
    REQUIRE(writer.finish(std::move(tree)));
  }
  const bool is_same =
      testing::file_bytes(directory / "straight") == testing::file_bytes(directory / "reversed");
  CHECK(is_same);
}

TEST_CASE("a name that is there twice is told with its path", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  {
    Writer writer = start(directory / "out");
    Tree tree;
    const EntryId sub = tree.add_directory(kRootEntry, "sub", {.mode = 0755}).value();
    REQUIRE(tree.add_symlink(sub, "twice", {}, "x"));
    REQUIRE(tree.add_directory(sub, "once", {.mode = 0755}));
    REQUIRE(tree.add_symlink(sub, "twice", {}, "y"));
    const auto report = writer.finish(std::move(tree));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::file_exists));
    CHECK(report.error().path == "/sub/twice");
  }
  CHECK(count_files(directory) == 0);
}

TEST_CASE("what a tree cannot hold is refused", "[providers][bundle][writer]") {
  Tree tree;
  const EntryId link = tree.add_symlink(kRootEntry, "link", {}, "target").value();
  CHECK(tree.add_symlink(link, "x", {}, "y").error().is(std::errc::not_a_directory));
  CHECK(tree.add_directory(EntryId{99}, "x", {}).error().is(std::errc::invalid_argument));
  CHECK(tree.add_link(kRootEntry, "x", EntryId{99}).error().is(std::errc::invalid_argument));
  CHECK(tree.add_link(kRootEntry, "x", kRootEntry).error().is(std::errc::operation_not_permitted));
  for (const std::string name : {"", ".", "..", "a/b"}) {
    CHECK(tree.add_directory(kRootEntry, name, {}).error().is(std::errc::invalid_argument));
  }
  const std::string long_name(256, 'x');
  CHECK(tree.add_directory(kRootEntry, long_name, {}).error().is(std::errc::filename_too_long));
  CHECK(tree.add_symlink(kRootEntry, "x", {}, "").error().is(std::errc::no_such_file_or_directory));
  CHECK(tree.add_directory(kRootEntry, "x", {.mode = 0100755})
            .error()
            .is(std::errc::invalid_argument));
  CHECK(tree.set_attributes(EntryId{99}, {}).error().is(std::errc::invalid_argument));
  CHECK(tree.size() == 2);
}

TEST_CASE("contents, headers and blobs must have been added", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  Writer writer = start(directory / "out");
  const Blob blob = writer.add_blob(bytes_of("text")).value();
  const std::vector<Variant> twice(2, Variant{.encoding = vfs::Encoding::br, .blob = blob});
  const Variant identity{.encoding = vfs::Encoding::identity, .blob = blob};
  CHECK_FALSE(writer.add_content({.identity = {.offset = 0, .length = 1}}));
  CHECK_FALSE(writer.add_content({.identity = {.offset = blob.offset, .length = 1'000'000}}));
  CHECK_FALSE(writer.add_content({.identity = {.offset = ~std::uint64_t{0}, .length = 2}}));
  CHECK_FALSE(writer.add_content({.identity = blob, .variants = twice}));
  CHECK_FALSE(writer.add_content({.identity = blob, .variants = std::span(&identity, 1)}));
  CHECK_FALSE(writer.append(bytes_of("no blob is open")));
  CHECK_FALSE(writer.end_blob());
  REQUIRE(writer.begin_blob(0));
  CHECK_FALSE(writer.begin_blob(0));
  REQUIRE(writer.end_blob());
  Tree tree;
  REQUIRE(tree.add_file(kRootEntry, "file", {}, ContentId{0}));
  CHECK(writer.finish(std::move(tree)).error().path == "/file");
}

TEST_CASE("nothing is left behind when a writer is dropped", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  testing::write_file_bytes(directory / "out", bytes_of("what was there"));
  {
    Writer writer = start(directory / "out");
    REQUIRE(writer.add_blob(bytes_of(testing::noise(3'000'000))));
  }
  CHECK(count_files(directory) == 1);
  CHECK(testing::text_of(testing::file_bytes(directory / "out")) == "what was there");
}

TEST_CASE("an output that cannot be one is refused before anything is written",
          "[providers][bundle][writer]") {
  const testing::TempDir directory;
  const auto create = [](const fs::path& path) {
    return Writer::create(path.string(), kNoStub, {}).error();
  };
  CHECK(create(directory.path()).is(std::errc::is_a_directory));
  CHECK(create(directory / "new/").is(std::errc::is_a_directory));
  CHECK(create("").is(std::errc::no_such_file_or_directory));
  CHECK(create("/dev/null").is(std::errc::invalid_argument));
  const Error missing = create(directory / "no/such/out");
  CHECK(missing.is(std::errc::no_such_file_or_directory));
  CHECK(missing.path == (directory / "no/such/out").string());
  CHECK_FALSE(
      Writer::create((directory / "out").string(), kNoStub, {.producer = std::string(64, 'p')}));
  CHECK(count_files(directory) == 0);
}

TEST_CASE("a stub without a slot is refused", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  const int shell = open("/bin/sh", O_RDONLY | O_CLOEXEC);
  REQUIRE(shell >= 0);
  const auto writer = Writer::create((directory / "out").string(), shell, {});
  close(shell);
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == BundleErrc::not_a_bundle);
  CHECK_THAT(writer.error().message(), Catch::Contains("seabag_bundle_slot"));
  CHECK(count_files(directory) == 0);
}

TEST_CASE("a symlink of the output's name is replaced", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  testing::write_file_bytes(directory / "target", bytes_of("stays"));
  fs::create_symlink("target", directory / "out");
  testing::write_bundle(testing::golden_tree(), directory / "out");
  CHECK_FALSE(fs::is_symlink(directory / "out"));
  CHECK(testing::text_of(testing::file_bytes(directory / "target")) == "stays");
}

TEST_CASE("modes do not depend on the umask", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  const mode_t before = umask(0077);
  testing::write_bundle(testing::golden_tree(), directory / "out");
  umask(before);
  CHECK((fs::status(directory / "out").permissions() & fs::perms::mask) == fs::perms(0644));
}

TEST_CASE("a full disk is an error with the output's name, and nothing is left",
          "[providers][bundle][writer]") {
  const testing::TempDir directory;
  // A limit on file sizes stands for the full disk.
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const rlimit small{.rlim_cur = 2'000'000, .rlim_max = limit.rlim_max};
  {
    Writer writer = start(directory / "out");
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto blob = writer.add_blob(bytes_of(testing::noise(5'000'000)));
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    REQUIRE_FALSE(blob);
    CHECK(blob.error().is(std::errc::file_too_large));
    CHECK(blob.error().path == (directory / "out").string());
  }
  static_cast<void>(std::signal(SIGXFSZ, ignored));
  CHECK(count_files(directory) == 0);
}

TEST_CASE("holes stay holes, whatever their size", "[providers][bundle][writer]") {
  constexpr std::uint64_t kHole = std::uint64_t{8} << 30U;
  const testing::TempDir directory;
  {
    Writer writer = start(directory / "out");
    REQUIRE(writer.begin_blob(kHole));
    REQUIRE(writer.append(bytes_of("start")));
    REQUIRE(writer.append_hole(kHole));
    REQUIRE(writer.append(bytes_of("end")));
    const Blob blob = writer.end_blob().value();
    CHECK(blob.length == kHole + 8);
    Tree tree;
    REQUIRE(
        tree.add_file(kRootEntry, "sparse", {}, writer.add_content({.identity = blob}).value()));
    REQUIRE(writer.finish(std::move(tree)));
  }
  struct stat status {};
  REQUIRE(stat((directory / "out").c_str(), &status) == 0);
  CHECK(status.st_size > static_cast<off_t>(kHole));
  CHECK(status.st_blocks * 512 < 1'000'000);
  const auto bundle = Bundle::open_executable((directory / "out").string());
  REQUIRE(bundle);
  const auto bytes = (*bundle)->find("/sparse")->representations[0].bytes;
  REQUIRE(bytes.size() == kHole + 8);
  CHECK(testing::text_of(bytes.first(6)) == std::string_view("start\0", 6));
  CHECK(testing::text_of(bytes.last(4)) == std::string_view("\0end", 4));
}

TEST_CASE("zeros in the data become holes and are hashed as data", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  std::string text(5'000'000, '\0');
  text[0] = 'a';
  text[2'500'000] = 'b';
  {
    Writer writer = start(directory / "out");
    Tree tree;
    REQUIRE(tree.add_file(kRootEntry, "file", {}, testing::add_content(writer, text)));
    REQUIRE(writer.finish(std::move(tree)));
  }
  struct stat status {};
  REQUIRE(stat((directory / "out").c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 < 1'000'000);
  const auto bundle = Bundle::open_executable((directory / "out").string());
  REQUIRE(bundle);
  CHECK(verify(**bundle));
  const bool is_same = testing::text_of((*bundle)->find("/file")->representations[0].bytes) == text;
  CHECK(is_same);
}

TEST_CASE("the same headers get the same number", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  Writer writer = start(directory / "out");
  const auto first = writer.add_headers("A: b\r\n", "").value();
  CHECK(writer.add_headers("A: b\r\n", "").value() == first);
  CHECK(writer.add_headers("A: b\r\n", "A: b\r\n").value() != first);
  CHECK(writer.add_headers("", "").value() == kNoHeaders);
}

TEST_CASE("metadata stays within its budget", "[providers][bundle][writer]") {
  const testing::TempDir directory;
  constexpr std::size_t kFiles = 20'000;
  Writer writer = start(directory / "out");
  Tree tree;
  for (std::size_t i = 0; i < kFiles; ++i) {
    const auto content = testing::add_content(writer, std::to_string(i));
    REQUIRE(tree.add_file(kRootEntry, "f" + std::to_string(i), {}, content));
  }
  const auto report = writer.finish(std::move(tree));
  REQUIRE(report);
  CHECK(report->metadata_bytes <= 96 * kFiles);
  CHECK(report->totals.files == kFiles);
}

}  // namespace
}  // namespace seabag::bundle
