#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "seabag/console/exit_code.h"
#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

namespace fs = std::filesystem;

struct Refusal {
  std::vector<std::string> arguments;
  console::ExitCode code;
};
using nlohmann::json;

int number(console::ExitCode code) { return static_cast<int>(code); }

std::string text_in(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A bare bundle, a database that is not there yet, and a directory of the host.
struct Sources {
  Sources() {
    testing::Tree tree;
    tree.file("docs/a.md", "first").modified = vfs::Timestamp{.seconds = 1'000'000'000};
    tree.file("docs/b.css", "second", 0600);
    tree.file("docs/deep/c.md", "third");
    tree.symlink("link", "docs/a.md");
    testing::write_bundle(tree, app);
    fs::create_directory(host);
  }

  testing::TempDir directory;
  std::string app = (directory / "site").string();
  std::string db = (directory / "state.db").string();
  std::string host = (directory / "host").string();
  Stage stage;

  Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "fs");
    return stage.run(arguments);
  }
  void succeed(const std::vector<std::string>& arguments) {
    const Outcome outcome = run(arguments);
    CAPTURE(arguments);
    CHECK(outcome.err.empty());
    REQUIRE(outcome.code == 0);
  }
};

}  // namespace

TEST_CASE("fs shows what is in sources of every kind", "[command][fs]") {
  Sources sources;
  CHECK(sources.run({"ls", sources.app + ":/"}).out == "docs/\nlink\n");
  CHECK(sources.run({"ls", sources.app + ":"}).out == "docs/\nlink\n");
  CHECK(sources.run({"cat", sources.app + ":/link"}).out == "first");
  CHECK(sources.run({"ls", "--long", sources.app + ":/docs/a.md"}).out ==
        "-rw-r--r--         5 B  2001-09-09 01:46:40  " + sources.app + ":/docs/a.md\n");
  CHECK(sources.run({"tree", sources.app + ":/docs"}).out.find("└── deep/") != std::string::npos);
  const Outcome found = sources.run({"find", sources.app + ":/", "--name", "*.md", "--type", "f"});
  CHECK(found.out == sources.app + ":/docs/a.md\n" + sources.app + ":/docs/deep/c.md\n");
  std::ofstream(fs::path(sources.host) / "file") << "on the host";
  CHECK(sources.run({"cat", sources.host + "/file"}).out == "on the host");
  CHECK(sources.run({"ls", sources.host + ":/"}).out == "file\n");
}

TEST_CASE("fs writes JSON", "[command][fs][json]") {
  Sources sources;
  const json rows = json::parse(sources.run({"ls", "--json", sources.app + ":/docs"}).out);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["path"] == "a.md");
  const json stat = json::parse(sources.run({"stat", "--json", sources.app + ":/link"}).out);
  CHECK(stat[0]["target"] == "docs/a.md");
  const json usage = json::parse(sources.run({"du", "--json", sources.app + ":/docs"}).out);
  CHECK(usage[0]["bytes"] == 16);
  CHECK(usage[0]["nodes"] == 5);
}

TEST_CASE("fs cp copies from one source to another", "[command][fs][cp]") {
  Sources sources;
  sources.succeed({"cp", "-r", sources.app + ":/docs", sources.db + ":/docs"});
  CHECK(sources.run({"cat", sources.db + ":/docs/deep/c.md"}).out == "third");
  CHECK(sources.run({"diff", sources.app + ":/docs", sources.db + ":/docs"}).code == 0);

  SECTION("and on to the host, with modes and times") {
    sources.succeed({"cp", "-r", sources.db + ":/docs", sources.host});
    const fs::path copy = fs::path(sources.host) / "docs";
    CHECK(text_in(copy / "b.css") == "second");
    struct stat status {};
    REQUIRE(stat((copy / "a.md").c_str(), &status) == 0);
    CHECK(status.st_mtime == 1'000'000'000);
    CHECK((fs::status(copy / "b.css").permissions() & fs::perms::others_all) == fs::perms::none);
  }
  SECTION("a root gives what is in it") {
    sources.succeed({"cp", "-r", sources.app + ":/", sources.host + "/new"});
    CHECK(text_in(fs::path(sources.host) / "new/link") == "first");
    CHECK(fs::is_symlink(fs::path(sources.host) / "new/link"));
  }
  SECTION("several go into a directory") {
    sources.succeed(
        {"cp", sources.app + ":/docs/a.md", sources.app + ":/docs/b.css", sources.db + ":/"});
    CHECK(sources.run({"ls", sources.db + ":/"}).out == "a.md\nb.css\ndocs/\n");
  }
  SECTION("nothing is replaced unasked") {
    const std::vector<std::string> again = {"cp", sources.app + ":/docs/b.css",
                                            sources.db + ":/docs/a.md"};
    const Outcome refused = sources.run(again);
    CHECK(refused.code == number(console::ExitCode::in_the_way));
    CHECK(is_one_line(refused.err));
    sources.succeed({"cp", "--force", again[1], again[2]});
    CHECK(sources.run({"cat", sources.db + ":/docs/a.md"}).out == "second");
    CHECK(sources.run({"ls", sources.db + ":/docs"}).out == "a.md\nb.css\ndeep/\n");
  }
  SECTION("no directory goes into itself") {
    const Outcome refused =
        sources.run({"cp", "-r", sources.db + ":/docs", sources.db + ":/docs/deep/copy"});
    CHECK(refused.code != 0);
    CHECK(is_one_line(refused.err));
  }
}

TEST_CASE("fs changes what can be changed", "[command][fs]") {
  Sources sources;
  sources.succeed({"mkdir", "-p", sources.db + ":/a/b"});
  sources.succeed({"mkdir", sources.db + ":/c"});
  sources.succeed({"ln", "-s", "../c", sources.db + ":/a/link"});
  sources.succeed({"cp", sources.app + ":/docs/a.md", sources.db + ":/a/file"});
  sources.succeed({"ln", sources.db + ":/a/file", sources.db + ":/c/same"});
  sources.succeed({"mv", sources.db + ":/a/file", sources.db + ":/c"});
  CHECK(sources.run({"ls", sources.db + ":/a/link"}).out == "file\nsame\n");
  CHECK(sources.run({"ls", sources.db + ":/a"}).out == "b/\nlink\n");
  const Outcome du = sources.run({"du", "--json", sources.db + ":/c"});
  CHECK(json::parse(du.out)[0]["nodes"] == 2);
  sources.succeed({"mv", sources.db + ":/c", sources.host});
  CHECK(text_in(fs::path(sources.host) / "c/same") == "first");
  sources.succeed({"rm", "-r", sources.db + ":/a"});
  sources.succeed({"rm", "-f", sources.db + ":/missing"});
  CHECK(sources.run({"ls", sources.db + ":/"}).out.empty());
}

TEST_CASE("fs put writes standard input", "[command][fs][put]") {
  Sources sources;
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(write(ends[1], "poured", 6) == 6);
  close(ends[1]);
  sources.stage.input = ends[0];
  sources.succeed({"put", sources.db + ":/file"});
  close(ends[0]);
  CHECK(sources.run({"cat", sources.db + ":/file"}).out == "poured");
  const Outcome refused = sources.run({"put", sources.db + ":/file"});
  CHECK(refused.code == number(console::ExitCode::in_the_way));
}

TEST_CASE("fs diff tells what differs, and says so by its exit code", "[command][fs][diff]") {
  Sources sources;
  sources.succeed({"cp", "-r", sources.app + ":/", sources.db + ":/"});
  sources.succeed({"rm", sources.db + ":/docs/a.md"});
  sources.succeed({"mkdir", sources.db + ":/new"});
  sources.succeed({"cp", "-f", sources.app + ":/docs/deep/c.md", sources.db + ":/docs/b.css"});
  const Outcome text = sources.run({"diff", sources.app + ":/", sources.db + ":/"});
  CHECK(text.code == 1);
  CHECK(text.out == "+ /new\n- /docs/a.md\nM /docs/b.css\n");
  const json rows =
      json::parse(sources.run({"diff", "--json", sources.app + ":", sources.db + ":"}).out);
  CHECK(rows.size() == 3);
}

TEST_CASE("fs fails with one line", "[command][fs]") {
  Sources sources;
  const std::vector<Refusal> refusals = {
      {{"ls", sources.app + ":/missing"}, console::ExitCode::not_found},
      {{"ls", sources.db + ":/"}, console::ExitCode::not_found},
      {{"cat", sources.app + ":/docs"}, console::ExitCode::failure},
      {{"rm", sources.app + ":/link"}, console::ExitCode::not_allowed},
      {{"cp", sources.app + ":/docs", sources.db + ":/x"}, console::ExitCode::failure},
      {{"cp", sources.app + ":/docs"}, console::ExitCode::usage},
      {{"cp", "/none", sources.db + ":/x"}, console::ExitCode::not_found},
      {{"rm", sources.host}, console::ExitCode::failure},
      {{"mv", sources.app + ":/link", sources.db + ":/x"}, console::ExitCode::not_allowed},
      {{"ln", sources.app + ":/link", sources.db + ":/x"}, console::ExitCode::failure},
      {{"find", sources.app + ":/", "--type", "x"}, console::ExitCode::usage},
      {{"find", sources.app + ":/", "--name", ""}, console::ExitCode::success},
      {{"nothing"}, console::ExitCode::usage},
      {std::vector<std::string>(), console::ExitCode::usage},
      {{"ls", ""}, console::ExitCode::usage}};
  for (const auto& [arguments, code] : refusals) {
    const Outcome outcome = sources.run(arguments);
    CAPTURE(arguments, outcome.err);
    CHECK(outcome.code == number(code));
    CHECK((outcome.err.empty() || is_one_line(outcome.err)));
  }
}

TEST_CASE("fs explains itself", "[command][fs][help]") {
  Sources sources;
  for (const char* verb : {"ls", "tree", "cat", "stat", "find", "du", "diff", "put", "cp", "mv",
                           "rm", "mkdir", "ln", "commit"}) {
    const Outcome help = sources.run({verb, "--help"});
    CAPTURE(verb);
    CHECK(help.code == 0);
    CHECK(help.out.find("seabag fs " + std::string(verb)) != std::string::npos);
    CHECK(help.out.find("Examples:") != std::string::npos);
  }
  CHECK(sources.run({"--help"}).out.find("SOURCE:PATH") != std::string::npos);
}

}  // namespace seabag::command
