#include <string>
#include <utility>

#include "change_writer.h"
#include "fs_commands.h"
#include "fs_place.h"
#include "seabag/console/exit_code.h"
#include "seabag/vfs/overlay.h"
#include "source.h"

namespace seabag::command {

namespace {

/// An overlay covers a whole source: `site` and `site:` name it.
Result<std::string> whole_source(const std::string& operand) {
  const Operand parsed = parse_operand(operand);
  if (parsed.source.empty()) {
    return operand;
  }
  if (parsed.path != "/") {
    return console::usage_error(operand + ": an overlay covers a whole source (see seabag fs " +
                                "commit --help)");
  }
  return parsed.source;
}

/// What the first operand holds, below the changes that --overlay names. `files` is an overlay.
Result<Source> open_changed(const Fs& options, const Surroundings& surroundings) {
  const std::string name = SEABAG_TRY(whole_source(options.operands.front()));
  Source lower = SEABAG_TRY(open_existing_source(name, surroundings));
  SEABAG_TRY(check_source_exists(options.overlay));
  return open_overlay(std::move(lower), options.overlay);
}

char letter_of(vfs::DifferenceKind kind) {
  switch (kind) {
    case vfs::DifferenceKind::added:
      return '+';
    case vfs::DifferenceKind::removed:
      return '-';
    case vfs::DifferenceKind::modified:
      break;
  }
  return 'M';
}

}  // namespace

Result<void> fs_overlay_diff(const Fs& options, const Surroundings& surroundings,
                             ChangeWriter& changes) {
  const Source changed = SEABAG_TRY(open_changed(options, surroundings));
  for (const vfs::Difference& difference : SEABAG_TRY(changed.overlay->diff())) {
    SEABAG_TRY(changes.add(letter_of(difference.kind), difference.path));
  }
  return {};
}

Result<void> fs_commit(const Fs& options, const Surroundings& surroundings) {
  const Source changed = SEABAG_TRY(open_changed(options, surroundings));
  const std::string& operand = options.operands.back();
  const std::string name = SEABAG_TRY(whole_source(operand));
  const Source target = SEABAG_TRY(open_existing_source(name, surroundings));
  if (target.writable == nullptr) {
    return make_error(std::errc::read_only_file_system, "commit", name,
                      "what is packed cannot be changed: name a directory or a database as TARGET");
  }
  return vfs::commit(*changed.overlay, *target.writable);
}

}  // namespace seabag::command
