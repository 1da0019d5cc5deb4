#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "posix_file.h"
#include "posix_status.h"
#include "seabag/vfs/path.h"
#include "state.h"

namespace seabag::providers {
namespace {

/// Whether an object can change its time of birth under our feet: overlayfs shows that of the upper
/// layer once a file has been copied there.
NodeTable::Births births_of(int root) {
  struct statfs about = {};
  if (::fstatfs(root, &about) == 0 && about.f_type == OVERLAYFS_SUPER_MAGIC) {
    return NodeTable::Births::change;
  }
  return NodeTable::Births::tell_apart;
}

bool has_xattrs(int root) {
  const Descriptor opened(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return !opened.is_open() || ::fgetxattr(opened.get(), "user.seabag", nullptr, 0) >= 0 ||
         errno != EOPNOTSUPP;
}

}  // namespace

DirectoryFileSystem::DirectoryFileSystem(std::unique_ptr<State> state) : state_(std::move(state)) {}

DirectoryFileSystem::~DirectoryFileSystem() = default;

Result<std::unique_ptr<DirectoryFileSystem>> DirectoryFileSystem::open_root(
    std::string_view root, const DirectoryOptions& options) {
  SEABAG_TRY(vfs::check_path(root, "open"));
  Descriptor opened(::open(std::string(root).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) {
    return errno_error(errno, "open", root);
  }
  const auto status = status_of(opened.get(), "open");
  if (!status) {
    return with_path(status.error(), root);
  }
  if (options.mounts == DirectoryOptions::Mounts::refuse && status->mount == 0) {
    return make_error(std::errc::operation_not_supported, "open", root,
                      "mounts cannot be told apart by this kernel; Linux 5.8 can");
  }
  const vfs::Capabilities capabilities = {
      .hard_links = options.linked_files == DirectoryOptions::LinkedFiles::allow,
      .extended_attributes = has_xattrs(opened.get()),
      .sparse_files = true};
  const NodeTable::Births births = births_of(opened.get());
  auto state = std::make_unique<State>(std::move(opened), *status, births, options);
  state->capabilities = capabilities;
  state->capabilities.changes = &state->changes.feed();
  return std::unique_ptr<DirectoryFileSystem>(new DirectoryFileSystem(std::move(state)));
}

const vfs::Capabilities& DirectoryFileSystem::capabilities() const { return state_->capabilities; }

Result<vfs::Attributes> DirectoryFileSystem::lookup(vfs::NodeId parent, std::string_view name) {
  SEABAG_TRY(vfs::check_name(name, "lookup"));
  const Pinned directory = SEABAG_TRY(state_->tree.pin_directory(parent, "lookup"));
  const Status status =
      SEABAG_TRY(state_->tree.look_up(directory.descriptor, parent, name, "lookup"));
  SEABAG_TRY(state_->tree.check_mount(status, "lookup"));
  return status.attributes;
}

Result<vfs::Attributes> DirectoryFileSystem::attributes(vfs::NodeId node) {
  Pinned pinned = SEABAG_TRY(state_->tree.pin(node, "stat"));
  pinned.status.attributes.node = node;
  return pinned.status.attributes;
}

Result<std::unique_ptr<vfs::File>> DirectoryFileSystem::open(vfs::NodeId node) {
  auto content = SEABAG_TRY(state_->tree.open_content(node, Tree::Wanted::read, "open"));
  return std::unique_ptr<vfs::File>(std::make_unique<DirectoryFile>(
      state_->tree, node, std::move(content.descriptor), NodeTable::Opened::reading));
}

std::optional<vfs::DirectoryEntry> DirectoryFileSystem::State::entry(int directory,
                                                                     vfs::NodeId parent,
                                                                     const Listing& listing,
                                                                     const Listing::Row& row) {
  vfs::DirectoryEntry entry = {.name = std::string(listing.name(row)),
                               .inode = row.inode,
                               .type = row.type,
                               .cookie = row.cookie};
  const auto status = tree.look_up(directory, parent, entry.name, "list");
  if (status) {
    entry.node = status->attributes.node;
    entry.inode = status->attributes.inode;
    entry.type = status->attributes.type;
    return entry;
  }
  if (status.error().is(std::errc::no_such_file_or_directory)) {
    return std::nullopt;
  }
  // One entry that cannot be looked at does not hide the others.
  entry.node = tree.nodes().number_of_nobody();
  return entry;
}

Result<std::vector<vfs::DirectoryEntry>> DirectoryFileSystem::list(vfs::NodeId directory,
                                                                   std::uint64_t cookie,
                                                                   std::size_t limit) {
  constexpr const char* kOperation = "list";
  const Pinned pinned = SEABAG_TRY(state_->tree.pin_directory(directory, kOperation));
  auto listing = cookie == 0 ? nullptr : state_->listings.find(directory);
  if (!listing) {
    listing = SEABAG_TRY(Listing::read(pinned.descriptor, kOperation));
    state_->listings.keep(directory, listing);
  }
  std::vector<vfs::DirectoryEntry> entries;
  const auto& rows = listing->rows();
  limit = std::max<std::size_t>(limit, 1);
  for (std::size_t row = listing->after(cookie); row < rows.size() && entries.size() < limit;
       ++row) {
    const auto entry = state_->entry(pinned.descriptor, directory, *listing, rows[row]);
    if (entry) {
      entries.push_back(*entry);
    }
  }
  if (entries.empty()) {
    state_->listings.drop(directory);
  }
  return entries;
}

Result<std::string> DirectoryFileSystem::read_link(vfs::NodeId node) {
  const Pinned pinned = SEABAG_TRY(state_->tree.pin(node, "readlink"));
  if (pinned.status.attributes.type != vfs::FileType::symlink) {
    return errno_error(EINVAL, "readlink");
  }
  std::string target(vfs::kMaxPathLength, '\0');
  const ssize_t length = ::readlinkat(pinned.descriptor, "", target.data(), target.size());
  if (length < 0) {
    return errno_error(errno, "readlink");
  }
  target.resize(static_cast<std::size_t>(length));
  return target;
}

vfs::PathAccess* DirectoryFileSystem::path_access() { return &state_->direct; }

Result<vfs::Statistics> DirectoryFileSystem::statistics() {
  struct statvfs about = {};
  if (::fstatvfs(state_->tree.root(), &about) != 0) {
    return errno_error(errno, "statfs");
  }
  return vfs::Statistics{.block_size = static_cast<std::uint32_t>(about.f_frsize),
                         .blocks = about.f_blocks,
                         .blocks_free = about.f_bavail,
                         .nodes = about.f_files,
                         .nodes_free = about.f_favail};
}

}  // namespace seabag::providers
