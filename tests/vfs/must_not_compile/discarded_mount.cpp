// A mount that is not kept is gone before the next statement.
#include <utility>

#include "seabag/vfs/namespace.h"

namespace seabag::vfs {

void mount_everything(Namespace& files, std::shared_ptr<FileSystem> root) {
#ifdef SEABAG_TRAP
  files.mount("/", std::move(root)).value();
#else
  files.mount("/", std::move(root)).value().keep();
#endif
}

}  // namespace seabag::vfs
