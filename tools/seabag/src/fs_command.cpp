#include <string>

#include "change_writer.h"
#include "commands.h"
#include "fs_commands.h"
#include "seabag/console/exit_code.h"

namespace seabag::command {

namespace {

Result<void> run_verb(const Fs& options, const Surroundings& surroundings) {
  switch (options.verb) {
    case FsVerb::list:
      return fs_list(options, surroundings);
    case FsVerb::tree:
      return fs_tree(options, surroundings);
    case FsVerb::cat:
      return fs_cat(options, surroundings);
    case FsVerb::stat:
      return fs_stat(options, surroundings);
    case FsVerb::find:
      return fs_find(options, surroundings);
    case FsVerb::usage:
      return fs_usage(options, surroundings);
    case FsVerb::put:
      return fs_put(options, surroundings);
    case FsVerb::copy:
      return fs_copy(options, surroundings);
    case FsVerb::move:
      return fs_move(options, surroundings);
    case FsVerb::remove:
      return fs_remove(options, surroundings);
    case FsVerb::make:
      return fs_make_directory(options, surroundings);
    case FsVerb::link:
      return fs_link(options, surroundings);
    case FsVerb::commit:
      return fs_commit(options, surroundings);
    case FsVerb::diff:
      break;
  }
  return {};
}

/// Whether there are differences is the exit code.
Result<console::ExitCode> show_differences(const Fs& options, const Surroundings& surroundings) {
  const bool is_of_overlay = !options.overlay.empty();
  if (is_of_overlay != (options.operands.size() == 1)) {
    return console::usage_error(
        std::string(is_of_overlay ? "--overlay needs its source alone" : "two trees are needed") +
        " (see seabag fs diff --help)");
  }
  ChangeWriter changes(options, surroundings.io.out);
  SEABAG_TRY(is_of_overlay ? fs_overlay_diff(options, surroundings, changes)
                           : fs_diff(options, surroundings, changes));
  SEABAG_TRY(changes.finish());
  return changes.is_empty() ? console::ExitCode::success : console::ExitCode::failure;
}

}  // namespace

Result<console::ExitCode> execute(const Fs& options, const Surroundings& surroundings) {
  if (options.verb == FsVerb::diff) {
    return show_differences(options, surroundings);
  }
  SEABAG_TRY(run_verb(options, surroundings));
  return console::ExitCode::success;
}

}  // namespace seabag::command
