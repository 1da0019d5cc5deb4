#include "tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "posix_object.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {
namespace {

/// How often a name may change between the look at it and its opening.
constexpr int kMaxAttempts = 64;

/// Whether an error says that the path leads elsewhere by now, or nowhere.
bool is_lost(const Error& error) {
  return error.is(std::errc::no_such_file_or_directory) || error.is(std::errc::not_a_directory) ||
         error.is(std::errc::too_many_symbolic_link_levels) || error.code.value() == ESTALE;
}

Result<void> check_content_type(vfs::FileType type, Tree::Wanted wanted, const char* operation) {
  if (type == vfs::FileType::directory && wanted == Tree::Wanted::metadata) {
    return {};
  }
  return vfs::check_openable(type, operation);
}

/// Opens without following, blocking or becoming the owner of a terminal.
Descriptor open_plainly(int directory, const char* name, Tree::Wanted wanted) {
  const auto open = [&](int access) {
    const int flags = access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    return uninterrupted([&] { return ::openat(directory, name, flags); });
  };
  switch (wanted) {
    case Tree::Wanted::write:
      return Descriptor(open(O_RDWR));
    case Tree::Wanted::size:
      return Descriptor(open(O_WRONLY));
    case Tree::Wanted::read:
    case Tree::Wanted::metadata:
      break;
  }
  const int opened = open(O_RDONLY);
  const bool is_unreadable = opened < 0 && errno == EACCES && wanted == Tree::Wanted::metadata;
  return Descriptor(is_unreadable ? open(O_WRONLY) : opened);
}

bool is_write(Tree::Wanted wanted) {
  return wanted == Tree::Wanted::write || wanted == Tree::Wanted::size;
}

}  // namespace

Tree::Tree(Descriptor root, const Status& status, NodeTable::Births births,
           const DirectoryOptions& options)
    : options_(options),
      resolver_(std::move(root), status.mount, options),
      nodes_(status, births) {}

Result<Pinned> Tree::pin(vfs::NodeId node, const char* operation) {
  auto found = find(node, operation);
  if (found || !is_lost(found.error())) {
    return found;
  }
  const auto lock = lock_names();
  found = find(node, operation);
  if (found || !is_lost(found.error())) {
    return found;
  }
  return pin_open(node, operation);
}

Result<Pinned> Tree::pin_directory(vfs::NodeId node, const char* operation) {
  if (node == vfs::kRootNode) {
    return Pinned{.owned = {}, .descriptor = root(), .status = {}};
  }
  Pinned pinned = SEABAG_TRY(pin(node, operation));
  if (pinned.status.attributes.type != vfs::FileType::directory) {
    return errno_error(ENOTDIR, operation);
  }
  return pinned;
}

Result<Pinned> Tree::pin_parent(vfs::NodeId node, const char* operation) {
  auto pinned = pin_directory(node, operation);
  if (!pinned && pinned.error().code.value() == ESTALE) {
    return errno_error(ENOENT, operation);
  }
  return pinned;
}

Result<Pinned> Tree::find(vfs::NodeId node, const char* operation) {
  if (node == vfs::kRootNode) {
    return Pinned{
        .owned = {}, .descriptor = root(), .status = SEABAG_TRY(status_of(root(), operation))};
  }
  for (std::size_t nth = 0;; ++nth) {
    auto path = nodes_.path(node, nth);
    if (!path) {
      return errno_error(ESTALE, operation);
    }
    auto opened = resolver_.open(*std::move(path), operation);
    if (!opened) {
      if (is_lost(opened.error())) {
        continue;
      }
      return std::move(opened).error();
    }
    const Status status = SEABAG_TRY(status_of(opened->get(), operation));
    if (nodes_.is_node(node, status)) {
      const int number = opened->get();
      return Pinned{.owned = std::move(opened).take(), .descriptor = number, .status = status};
    }
  }
}

Result<Pinned> Tree::pin_open(vfs::NodeId node, const char* operation) {
  NodeTable::Borrowed borrowed = nodes_.borrow(node);
  if (!borrowed.descriptor.is_open()) {
    return errno_error(ESTALE, operation);
  }
  const Status status = SEABAG_TRY(status_of(borrowed.descriptor.get(), operation));
  const int number = borrowed.descriptor.get();
  return Pinned{.owned = std::move(borrowed.descriptor),
                .descriptor = number,
                .status = status,
                .is_lost = true};
}

Result<Status> Tree::look_up(int directory, vfs::NodeId parent, std::string_view name,
                             const char* operation) {
  const std::string entry(name);
  std::unique_lock<std::mutex> lock;
  for (;;) {
    const auto since = nodes_.moment();
    Status status = SEABAG_TRY(status_at(directory, entry.c_str(), operation));
    const auto node = nodes_.see(status, parent, name, since);
    if (node) {
      status.attributes.node = *node;
      return status;
    }
    if (!lock.owns_lock()) {
      lock = lock_names();  // the second look is the last
    }
  }
}

Result<vfs::NodeId> Tree::note_made(const Status& made, int descriptor, vfs::NodeId parent,
                                    std::string_view name, const NodeTable::Moment& since) {
  const auto node = nodes_.see_new(made, parent, name, since);
  if (node) {
    return *node;
  }
  const auto lock = lock_names();
  const Status status = SEABAG_TRY(status_of(descriptor, "create"));
  if (status.attributes.links == 0) {
    return nodes_.number_of_nobody();
  }
  return nodes_.find_or_place(status, parent, name);
}

Result<void> Tree::check_mount(const Status& status, const char* operation) const {
  if (!resolver_.may_enter(status.mount)) {
    return errno_error(EXDEV, operation);
  }
  return {};
}

Result<Tree::Content> Tree::open_content(vfs::NodeId node, Wanted wanted, const char* operation) {
  const auto is_final = [](const Result<Content>& found) {
    return found || found.error().code.value() != ESTALE;
  };
  auto found = find_content(node, wanted, operation);
  if (is_final(found)) {
    return found;
  }
  const auto lock = lock_names();
  found = find_content(node, wanted, operation);
  if (is_final(found)) {
    return found;
  }
  return open_orphan(node, wanted, operation);
}

Result<Located> Tree::locate(vfs::NodeId node, std::size_t nth, const char* operation) {
  const auto path = nodes_.path(node, nth);
  if (!path) {
    return errno_error(ESTALE, operation);
  }
  const std::size_t slash = path->rfind('/');
  if (slash == std::string::npos) {
    return Located{.owned = {}, .directory = root(), .name = *path};
  }
  Descriptor opened = SEABAG_TRY(resolver_.open(path->substr(0, slash), operation));
  const int number = opened.get();
  return Located{.owned = std::move(opened), .directory = number, .name = path->substr(slash + 1)};
}

Result<Tree::Content> Tree::find_content(vfs::NodeId node, Wanted wanted, const char* operation) {
  if (node == vfs::kRootNode) {
    return open_at(root(), ".", node, wanted, operation);
  }
  for (std::size_t nth = 0;; ++nth) {
    const auto located = locate(node, nth, operation);
    if (!located) {
      if (is_lost(located.error()) && located.error().code.value() != ESTALE) {
        continue;
      }
      return located.error();
    }
    auto content = open_at(located->directory, located->name.c_str(), node, wanted, operation);
    if (content || content.error().code.value() != ESTALE) {
      return content;
    }
  }
}

Result<Tree::Content> Tree::open_at(int directory, const char* name, vfs::NodeId node,
                                    Wanted wanted, const char* operation) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const auto seen = status_at(directory, name, operation);
    if (!seen && !is_lost(seen.error())) {
      return seen.error();
    }
    if (!seen || !nodes_.is_node(node, *seen)) {
      break;
    }
    SEABAG_TRY(check_mount(*seen, operation));
    SEABAG_TRY(check_content_type(seen->attributes.type, wanted, operation));
    Descriptor opened = open_plainly(directory, name, wanted);
    if (!opened.is_open()) {
      const Error error = errno_error(errno, operation);
      if (is_lost(error) || error.code.value() == ENXIO) {
        continue;  // the name has passed to a link, a socket or nobody
      }
      return error;
    }
    const Status status = SEABAG_TRY(status_of(opened.get(), operation));
    if (nodes_.is_node(node, status) && resolver_.may_enter(status.mount)) {
      SEABAG_TRY(check_links(status, wanted, operation));
      return Content{.descriptor = std::move(opened), .status = status};
    }
  }
  return errno_error(ESTALE, operation);
}

Result<Tree::Content> Tree::open_orphan(vfs::NodeId node, Wanted wanted, const char* operation) {
  NodeTable::Borrowed borrowed = nodes_.borrow(node);
  if (!borrowed.descriptor.is_open()) {
    return errno_error(ESTALE, operation);
  }
  const Status status = SEABAG_TRY(status_of(borrowed.descriptor.get(), operation));
  if (!is_write(wanted) || borrowed.mode == NodeTable::Opened::writing) {
    return Content{.descriptor = std::move(borrowed.descriptor), .status = status};
  }
  if (status.attributes.links != 0) {
    return errno_error(ESTALE, operation);  // it has a name, and that may be outside
  }
  return Content{.descriptor = SEABAG_TRY(reopen(borrowed.descriptor.get(), O_RDWR, operation)),
                 .status = status};
}

Result<void> Tree::link_by_name(vfs::NodeId node, int directory, const char* name,
                                const char* operation) {
  const Located located = SEABAG_TRY(locate(node, 0, operation));
  if (::linkat(located.directory, located.name.c_str(), directory, name, 0) != 0) {
    return errno_error(errno, operation);
  }
  const Status linked = SEABAG_TRY(status_at(directory, name, operation));
  if (nodes_.is_node(node, linked)) {
    return {};
  }
  // Something else had taken the node's name; it is not to have another.
  ::unlinkat(directory, name, 0);
  return errno_error(ESTALE, operation);
}

Result<void> Tree::check_links(const Status& status, Wanted wanted, const char* operation) const {
  using LinkedFiles = DirectoryOptions::LinkedFiles;
  const bool is_refused = options_.linked_files == LinkedFiles::refuse ||
                          (options_.linked_files == LinkedFiles::read_only && is_write(wanted));
  if (!is_refused || status.attributes.links <= 1 ||
      status.attributes.type == vfs::FileType::directory) {
    return {};
  }
  return make_error(std::errc::operation_not_permitted, operation, {},
                    "the file has other hard links, which may lie outside; allow linked files");
}

Result<void> Tree::check_writable(const char* operation) const {
  if (options_.access == DirectoryOptions::Access::read_only) {
    return errno_error(EROFS, operation);
  }
  return {};
}

}  // namespace seabag::providers
