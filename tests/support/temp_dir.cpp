#include "support/temp_dir.h"

#include <cstdlib>
#include <string>
#include <system_error>

namespace seabag::testing {
namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string name = (fs::temp_directory_path() / "seabag-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code error;
  // A directory without permissions would keep a plain user from emptying it.
  for (fs::recursive_directory_iterator entry(path_, error), end; entry != end && !error;
       entry.increment(error)) {
    if (entry->is_directory(error) && !entry->is_symlink(error)) {
      fs::permissions(entry->path(), fs::perms::owner_all, fs::perm_options::add, error);
    }
  }
  fs::remove_all(path_, error);
}

}  // namespace seabag::testing
