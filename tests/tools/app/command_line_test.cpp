#include <algorithm>
#include <string>
#include <vector>

#include "seabag/providers/directory.h"
#include "tools/app/packed_app.h"

namespace seabag::app {

using testing::Ending;
using testing::PackedApp;
using testing::run;

namespace {

bool is_one_line(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') == 1 && text.ends_with('\n');
}

}  // namespace

TEST_CASE("a packed app lists its files", "[app][arguments]") {
  const PackedApp packed;
  const Ending ending = run(packed.path.string(), {"--bundle-list"});
  CHECK(ending.exit_code == 0);
  CHECK(ending.output == "/bin/\n/bin/tool\n/index.html\n/latest\n/notes/\n/notes/read me.txt\n");
}

TEST_CASE("a packed app describes and checks its bundle", "[app][arguments]") {
  const PackedApp packed;
  const Ending info = run(packed.path.string(), {"--bundle-info"});
  CHECK(info.exit_code == 0);
  CHECK(info.output.find("files         3 (") != std::string::npos);
  const Ending verify = run(packed.path.string(), {"--bundle-verify"});
  CHECK(verify.exit_code == 0);
  CHECK(verify.output.starts_with("intact: "));
}

TEST_CASE("a packed app finds out that it is damaged", "[app][arguments]") {
  const PackedApp packed;
  std::vector<std::byte> bytes = testing::file_bytes(packed.path);
  const std::string_view text = testing::text_of(bytes);
  bytes[text.find("spaces\n")] ^= std::byte{1};
  const auto damaged = packed.directory / "damaged";
  testing::write_file_bytes(damaged, bytes);
  std::filesystem::permissions(damaged, std::filesystem::perms(0755));
  const Ending ending = run(damaged.string(), {"--bundle-verify"});
  CHECK(ending.exit_code == 6);
  CHECK(is_one_line(ending.errors));
}

TEST_CASE("a packed app extracts its files", "[app][arguments]") {
  const PackedApp packed;
  const std::string out = (packed.directory / "out").string();
  const Ending ending = run(packed.path.string(), {"--bundle-extract", out});
  CHECK(ending.exit_code == 0);
  const auto files = providers::DirectoryFileSystem::open_root(out);
  REQUIRE(files);
  testing::check_tree_equals(packed.tree, **files);

  const Ending again = run(packed.path.string(), {"--bundle-extract", out});
  CHECK(again.exit_code == 7);
  CHECK(is_one_line(again.errors));
}

TEST_CASE("wrong arguments of a packed app are told in one line", "[app][arguments]") {
  const PackedApp packed;
  const std::vector<std::vector<std::string>> wrong = {
      {"--nope"},
      {"word"},
      {"--listen"},
      {"--bundle-list=x"},
      {"--listen", "nowhere"},
      {"--listen", "127.0.0.1:99999"},
      {"--workers", "none"},
  };
  for (const auto& arguments : wrong) {
    const Ending ending = run(packed.path.string(), arguments);
    INFO(arguments.front() << ": " << ending.errors);
    CHECK(ending.exit_code == 2);
    CHECK(ending.output.empty());
    CHECK(is_one_line(ending.errors));
  }
}

TEST_CASE("a packed app shows help and version", "[app][arguments]") {
  const PackedApp packed;
  const Ending help = run(packed.path.string(), {"--help"});
  CHECK(help.exit_code == 0);
  CHECK(help.output.starts_with("Usage: app [OPTION]..."));
  CHECK(help.output.find("--bundle-extract DIR") != std::string::npos);
  const Ending version = run(packed.path.string(), {"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.output.starts_with("seabag "));
}

TEST_CASE("an executable without a bundle says so", "[app][arguments]") {
  const Ending ending = run(SEABAG_STUB, {});
  CHECK(ending.exit_code == 6);
  CHECK(is_one_line(ending.errors));
  CHECK(ending.errors.find("nothing has been packed") != std::string::npos);
}

TEST_CASE("output that cannot be written makes a packed app fail", "[app][arguments]") {
  const PackedApp packed;
  const Ending ending =
      run("/bin/sh", {"-c", "exec \"$0\" --bundle-list > /dev/full", packed.path.string()});
  CHECK(ending.exit_code == 5);
  CHECK(is_one_line(ending.errors));
}

}  // namespace seabag::app
