#pragma once

#include <memory>

#include "page_store.h"
#include "seabag/vfs/file_system.h"

namespace seabag::intercept {

/// `inner` with the content that programs have open: reads, writes and attributes of a node that
/// has a page go to the page, all else to `inner`. `store` must be one over `inner`.
[[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> make_paged(
    std::shared_ptr<vfs::WritableFileSystem> inner, std::shared_ptr<PageStore> store);

}  // namespace seabag::intercept
