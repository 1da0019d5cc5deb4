#include "commands.h"
#include "json.h"
#include "seabag/console/exit_code.h"
#include "seabag/console/format.h"
#include "seabag/providers/sqlite_check.h"

namespace seabag::command {

namespace {

std::string describe(const providers::SqliteCheckReport& report, const std::string& file) {
  std::string text;
  std::size_t repaired = 0;
  for (const providers::SqliteDefect& defect : report.defects) {
    text += std::string(defect.is_repaired ? "repaired: " : "found: ") + defect.kind + ": " +
            console::printable(defect.detail) + "\n";
    repaired += defect.is_repaired ? 1 : 0;
  }
  text += console::printable(file) + ": " + console::format_count(report.nodes) + " nodes, " +
          console::format_count(report.entries) + " entries, " +
          console::format_bytes(report.content_bytes) + ": ";
  if (report.defects.empty()) {
    return text + "clean\n";
  }
  return text + console::format_count(report.defects.size()) +
         (repaired > 0 ? " defects repaired\n" : " defects; --repair mends them\n");
}

}  // namespace

// The codes of fsck(8), as far as they fit: 0 clean, 1 defects, 2 could not be checked.
Result<console::ExitCode> execute(const Fsck& options, const Surroundings& surroundings) {
  const auto report = providers::check_sqlite_file_system(
      options.file,
      options.repair ? providers::SqliteCheckMode::repair : providers::SqliteCheckMode::look);
  if (!report) {
    // What was written before belongs in front of the error.
    (void)surroundings.io.out.flush();
    (void)console::report(surroundings.io, "seabag", report.error());
    return console::ExitCode::usage;
  }
  if (options.json) {
    SEABAG_TRY(surroundings.io.out.write(to_json(*report) + "\n"));
  } else if (!options.quiet) {
    SEABAG_TRY(surroundings.io.out.write(describe(*report, options.file)));
  }
  return report->defects.empty() ? console::ExitCode::success : console::ExitCode::failure;
}

}  // namespace seabag::command
