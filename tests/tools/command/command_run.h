#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "seabag/command/run.h"
#include "seabag/providers/memory.h"
#include "support/bundle_builder.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/tree.h"
#include "tools/string_output.h"

namespace seabag::command {

/// How a run in this process ended.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

inline bool is_one_line(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') == 1 && text.ends_with('\n');
}

/// Everything around the command: its own bundle with the real stub, an environment and a terminal
/// or none.
class Stage {
 public:
  Stage() : own_files_(providers::make_memory_file_system()) {
    const auto stub = testing::file_bytes(SEABAG_STUB);
    testing::Tree tree;
    tree.file(".seabag/stub", testing::text_of(stub), 0755);
    tree.file(".seabag/stub_with_state",
              testing::text_of(testing::file_bytes(SEABAG_STUB_WITH_STATE)), 0755);
    tree.file(".seabag/licenses/seabag", "MIT\n");
    tree.file(".seabag/licenses/xxhash", "BSD\n");
    tree.file(".seabag/completions/seabag.bash", "complete seabag\n");
    testing::build_tree(tree, *own_files_);
  }

  Outcome run(const std::vector<std::string>& arguments) {
    testing::StringOutput out;
    testing::StringOutput err(terminal);
    console::Io io{out, err, [this](const char* name) -> std::optional<std::string> {
                     const auto found = environment.find(name);
                     return found == environment.end() ? std::nullopt
                                                       : std::optional(found->second);
                   }};
    const int code = command::run(arguments, {.io = io, .own_files = own_files, .input = input});
    return {code, out.text(), err.text()};
  }

  std::map<std::string, std::string> environment;
  int input = 0;
  testing::StringOutput::Kind terminal = testing::StringOutput::Kind::pipe;

 private:
  std::unique_ptr<vfs::WritableFileSystem> own_files_;

 public:
  vfs::FileSystem* own_files = own_files_.get();
};

}  // namespace seabag::command
