// `seabag run`: programs on what is mounted for them.
#include <fstream>

#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("run shows a directory to a program and gives its exit code", "[command][run]") {
  const testing::TempDir temp;
  write_text(temp / "f", "text\n");
  Stage stage;
  const std::string mount = temp.path().native() + ":/seabag-run";
  const std::string result = (temp / "result").native();
  CHECK(stage.run({"run", "--mount", mount, "--", "cp", "/seabag-run/f", result}).code == 0);
  CHECK(testing::text_of(testing::file_bytes(result)) == "text\n");
  CHECK(stage.run({"run", "--mount", mount, "--", "sh", "-c", "exit 7"}).code == 7);
  CHECK(
      stage.run({"run", "--mount", mount, "--", "sh", "-c", "test $2 = --", "a", "b", "--"}).code ==
      0);
  CHECK(stage.run({"run", "--mount", mount, "--", "sh", "-c", "kill -9 $$"}).code == 137);
}

TEST_CASE("run leaves a directory as it is unless it may be changed", "[command][run]") {
  const testing::TempDir temp;
  Stage stage;
  const std::string mount = temp.path().native() + ":/seabag-run";
  const std::vector<std::string> command = {"--", "sh", "-c", "echo x > /seabag-run/f"};
  std::vector<std::string> read_only = {"run", "--mount", mount};
  read_only.insert(read_only.end(), command.begin(), command.end());
  CHECK(stage.run(read_only).code != 0);
  CHECK_FALSE(std::filesystem::exists(temp / "f"));
  std::vector<std::string> writable = {"run", "--writable", "--mount", mount};
  writable.insert(writable.end(), command.begin(), command.end());
  CHECK(stage.run(writable).code == 0);
  CHECK(testing::text_of(testing::file_bytes((temp / "f").native())) == "x\n");
}

TEST_CASE("run lays a source over what is real", "[command][run]") {
  const testing::TempDir temp;
  write_text(temp / "seabag-test.conf", "x\n");
  Stage stage;
  CHECK(stage
            .run({"run", "--overlay", "--mount", temp.path().native() + ":/etc", "--", "sh", "-c",
                  "test -e /etc/passwd && test -e /etc/seabag-test.conf"})
            .code == 0);
}

TEST_CASE("run says what is wrong in one line", "[command][run]") {
  Stage stage;
  const std::vector<std::pair<std::vector<std::string>, int>> wrong = {
      {{"run", "--mount", "/missing-source:/x", "--", "true"}, 3},
      {{"run", "--mount", "memory:", "--", "true"}, 2},
      {{"run", "--mount", "memory::/a/../b", "--", "true"}, 2},
      {{"run", "--mount", "memory::/x", "--", "seabag-no-such-command"}, 127},
      {{"run", "--mount", "memory::/x", "--", "/etc/passwd"}, 126},
      {{"run", "--mount", "memory::/x"}, 2},
      {{"run", "--", "true"}, 2},
  };
  for (const auto& [arguments, code] : wrong) {
    const Outcome outcome = stage.run(arguments);
    INFO(arguments[2] << " " << outcome.err);
    CHECK(outcome.code == code);
    CHECK(is_one_line(outcome.err));
  }
}

}  // namespace seabag::command
