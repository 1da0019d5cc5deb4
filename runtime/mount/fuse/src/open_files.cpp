#include "open_files.h"

#include <utility>

namespace seabag::mount {

OpenFile& OpenFiles::add(OpenFile file) {
  auto owned = std::make_unique<OpenFile>(std::move(file));
  OpenFile& added = *owned;
  const std::lock_guard lock(mutex_);
  files_.emplace(&added, std::move(owned));
  return added;
}

void OpenFiles::close(OpenFile* file) {
  decltype(files_)::node_type closed;  // ended without the lock: closing may take its time
  const std::lock_guard lock(mutex_);
  closed = files_.extract(file);
}

void OpenFiles::close_all() {
  decltype(files_) closed;
  const std::lock_guard lock(mutex_);
  closed.swap(files_);
}

}  // namespace seabag::mount
