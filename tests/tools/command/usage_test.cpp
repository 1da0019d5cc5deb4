#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

const std::vector<std::string> kCommands = {"pack",   "serve", "docs",    "list",     "tree",
                                            "stat",   "cat",   "extract", "verify",   "info",
                                            "export", "fsck",  "fs",      "mount",    "umount",
                                            "run",    "bench", "top",     "licenses", "completion"};

std::string source(const std::string& path) {
  std::ifstream stream(std::filesystem::path(SEABAG_COMMAND_SOURCE) / path);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  REQUIRE(stream);
  return text;
}

// Every `--flag` that a help text declares.
std::set<std::string> flags_of(const std::string& help) {
  std::set<std::string> flags;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find("--");
    const std::size_t text = line.find_first_not_of(' ');
    if (start == std::string::npos || line[text] != '-') {
      continue;
    }
    flags.insert(line.substr(start, line.find_first_of(" ,=", start) - start));
  }
  return flags;
}

}  // namespace

TEST_CASE("every command has help with examples", "[command][help]") {
  Stage stage;
  const std::string overview = stage.run({"--help"}).out;
  for (const std::string& command : kCommands) {
    const Outcome help = stage.run({command, "--help"});
    INFO(command);
    CHECK(help.code == 0);
    CHECK(help.out.find("Examples:\n  ") != std::string::npos);
    CHECK(overview.find("\n  " + command + " ") != std::string::npos);
  }
  CHECK(stage.run({}).out == overview);
  CHECK(stage.run({"--version"}).out.starts_with("seabag "));
}

TEST_CASE("completions and manual know every command and flag", "[command][completion]") {
  Stage stage;
  const std::string bash = source("completions/seabag.bash");
  const std::string zsh = source("completions/seabag.zsh");
  const std::string fish = source("completions/seabag.fish");
  const std::string manual = source("man/seabag.1");
  for (const std::string& command : kCommands) {
    INFO(command);
    CHECK(bash.find(command) != std::string::npos);
    CHECK(zsh.find(command + ":") != std::string::npos);
    CHECK(fish.find("-a " + command + " ") != std::string::npos);
    CHECK(manual.find(command) != std::string::npos);
    for (const std::string& flag : flags_of(stage.run({command, "--help"}).out)) {
      INFO(flag);
      CHECK(bash.find(flag) != std::string::npos);
      CHECK(zsh.find(flag) != std::string::npos);
      CHECK(fish.find("-l " + flag.substr(2)) != std::string::npos);
      CHECK(manual.find(" -" + flag.substr(2)) != std::string::npos);
    }
  }
}

TEST_CASE("wrong use is one line that leads to help", "[command][usage]") {
  Stage stage;
  const std::vector<std::vector<std::string>> wrong = {
      {"sail"},
      {"--nope"},
      {"pack"},
      {"pack", "site"},
      {"pack", "site", "-o", "app", "--profile", "best"},
      {"pack", "site", "-o", "app", "--jobs", "0"},
      {"pack", "site", "-o", "app", "--jobs", "many"},
      {"pack", "site", "-o", "app", "--cache", "x", "--no-cache"},
      {"list"},
      {"list", "app", "--json", "--long"},
      {"extract", "app"},
      {"export", "app"},
      {"serve"},
      {"mount", "memory:"},
      {"umount"},
      {"run", "--mount", "memory::/x"},
      {"run", "--", "true"},
      {"bench"},
      {"bench", "--rate", "0", "http://127.0.0.1:1/"},
      {"bench", "--rate", "fast", "http://127.0.0.1:1/"},
      {"bench", "--duration", "10 parsecs", "http://127.0.0.1:1/"},
      {"bench", "--connections", "0", "http://127.0.0.1:1/"},
      {"bench", "--pipeline", "-1", "http://127.0.0.1:1/"},
      {"top"},
      {"top", "--interval", "soon", "127.0.0.1:1"},
      {"completion", "tcsh"},
      {"licenses", "more"},
  };
  for (const auto& arguments : wrong) {
    const Outcome outcome = stage.run(arguments);
    INFO(arguments.back() << ": " << outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(is_one_line(outcome.err));
    CHECK(outcome.err.find("--help)") != std::string::npos);
  }
}

TEST_CASE("licences and completions come from the command's own bundle", "[command][own]") {
  Stage stage;
  const Outcome licenses = stage.run({"licenses"});
  CHECK(licenses.code == 0);
  CHECK(licenses.out.find("seabag\n") < licenses.out.find("xxhash\n"));
  CHECK(licenses.out.find("\nMIT\n") != std::string::npos);
  CHECK(stage.run({"completion", "bash"}).out == "complete seabag\n");

  stage.own_files = nullptr;
  const Outcome bare = stage.run({"licenses"});
  CHECK(bare.code == 3);
  CHECK(is_one_line(bare.err));
}

}  // namespace seabag::command
