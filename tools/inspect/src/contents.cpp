#include "seabag/inspect/contents.h"

#include <utility>

namespace seabag::inspect {

Result<std::unique_ptr<Contents>> Contents::open(vfs::FileSystem& files) {
  std::unique_ptr<Contents> contents(new Contents(files));
  // The namespace shares ownership with its users; these contents only borrow.
  std::shared_ptr<vfs::FileSystem> borrowed(&files, [](vfs::FileSystem*) {});
  auto mount = SEABAG_TRY(contents->names_.mount("/", std::move(borrowed)));
  mount.keep();
  return contents;
}

Result<Contents::Found> Contents::find(std::string_view path) const {
  vfs::Attributes attributes = SEABAG_TRY(names_.lstat(path));
  if (attributes.type != vfs::FileType::symlink) {
    std::string real = SEABAG_TRY(names_.real_path(path));
    return Found{.path = std::move(real), .attributes = attributes};
  }
  // The real path of the directory, and the link's own name in it.
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::string_view parent = slash == std::string_view::npos ? "/" : path.substr(0, slash + 1);
  std::string real = SEABAG_TRY(names_.real_path(parent));
  if (real != "/") {
    real += '/';
  }
  real += name;
  return Found{.path = std::move(real), .attributes = attributes};
}

}  // namespace seabag::inspect
