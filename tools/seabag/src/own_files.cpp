#include <memory>
#include <string>

#include "commands.h"
#include "seabag/inspect/contents.h"
#include "seabag/vfs/shortcuts.h"

namespace seabag::command {

Result<vfs::FileSystem*> own_files(const Surroundings& surroundings) {
  if (surroundings.own_files == nullptr) {
    return make_error(std::errc::no_such_file_or_directory, "open", "seabag",
                      "this is the bare command of the build: use the packed one");
  }
  return surroundings.own_files;
}

Result<void> execute(const Licenses& /*options*/, const Surroundings& surroundings) {
  vfs::FileSystem* files = SEABAG_TRY(own_files(surroundings));
  const auto contents = SEABAG_TRY(inspect::Contents::open(*files));
  const vfs::Namespace& names = contents->names();
  console::Output& out = surroundings.io.out;
  for (const vfs::DirectoryEntry& entry : SEABAG_TRY(names.list(kLicensesPath))) {
    const std::string rule(80, '=');
    SEABAG_TRY(out.write(rule + "\n" + entry.name + "\n" + rule + "\n\n"));
    SEABAG_TRY(out.write(
        SEABAG_TRY(vfs::read_file(names, std::string(kLicensesPath) + "/" + entry.name))));
    SEABAG_TRY(out.write("\n"));
  }
  return {};
}

Result<void> execute(const Completion& options, const Surroundings& surroundings) {
  vfs::FileSystem* files = SEABAG_TRY(own_files(surroundings));
  const auto contents = SEABAG_TRY(inspect::Contents::open(*files));
  const std::string path = std::string(kCompletionsPath) + "seabag." + options.shell;
  return surroundings.io.out.write(SEABAG_TRY(vfs::read_file(contents->names(), path)));
}

}  // namespace seabag::command
