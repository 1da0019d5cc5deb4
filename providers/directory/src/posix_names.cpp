#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "posix_status.h"
#include "seabag/vfs/path.h"
#include "state.h"

/// Taking names away and moving them.
namespace seabag::providers {
namespace {

/// A directory entry that an operation works on.
struct Entry {
  vfs::NodeId parent;
  int directory;
  std::string name;
};

unsigned rename_flags(vfs::RenameMode mode) {
  switch (mode) {
    case vfs::RenameMode::no_replace:
      return RENAME_NOREPLACE;
    case vfs::RenameMode::exchange:
      return RENAME_EXCHANGE;
    default:
      return 0;
  }
}

NodeTable::Names names_left(const vfs::Attributes& before) {
  return before.type == vfs::FileType::directory || before.links <= 1 ? NodeTable::Names::all_gone
                                                                      : NodeTable::Names::remain;
}

bool is_same(const Status& left, const Status& right) {
  return left.file_system == right.file_system && left.attributes.inode == right.attributes.inode;
}

/// Tells the table what renameat2 has done.
void note_rename(NodeTable& nodes, const Entry& from, const Entry& to, const Status& moved,
                 const Result<Status>& target, vfs::RenameMode mode) {
  if (mode == vfs::RenameMode::exchange && target) {
    nodes.lose(moved, from.parent, from.name, NodeTable::Names::remain);
    nodes.lose(*target, to.parent, to.name, NodeTable::Names::remain);
    nodes.place(*target, from.parent, from.name);
  } else if (target && is_same(moved, *target)) {
    return;  // two names of one node: nothing has changed
  } else {
    if (target) {
      nodes.lose(*target, to.parent, to.name, names_left(target->attributes));
    }
    nodes.lose(moved, from.parent, from.name, NodeTable::Names::remain);
  }
  nodes.place(moved, to.parent, to.name);
}

}  // namespace

Result<void> DirectoryFileSystem::remove(vfs::NodeId parent, std::string_view name,
                                         vfs::RemoveKind kind) {
  constexpr const char* kOperation = "remove";
  SEABAG_TRY(vfs::check_name(name, kOperation));
  const Pinned directory = SEABAG_TRY(state_->tree.pin_parent(parent, kOperation));
  SEABAG_TRY(state_->check_writable(directory.descriptor, name, State::Needs::taken, kOperation));
  const std::string entry(name);
  const Tree::NameChange change(state_->tree);
  const Status status = SEABAG_TRY(status_at(directory.descriptor, entry.c_str(), kOperation));
  const int flags = kind == vfs::RemoveKind::directory ? AT_REMOVEDIR : 0;
  if (::unlinkat(directory.descriptor, entry.c_str(), flags) != 0) {
    // Some file systems say EEXIST, which rmdir(2) allows too.
    return errno_error(errno == EEXIST ? ENOTEMPTY : errno, kOperation);
  }
  state_->tree.nodes().lose(status, parent, name, names_left(status.attributes));
  return {};
}

Result<void> DirectoryFileSystem::rename(vfs::NodeId from, std::string_view from_name,
                                         vfs::NodeId to, std::string_view to_name,
                                         vfs::RenameMode mode) {
  constexpr const char* kOperation = "rename";
  SEABAG_TRY(vfs::check_name(from_name, kOperation));
  SEABAG_TRY(vfs::check_name(to_name, kOperation));
  const Pinned from_directory = SEABAG_TRY(state_->tree.pin_parent(from, kOperation));
  const Pinned to_directory = SEABAG_TRY(state_->tree.pin_parent(to, kOperation));
  const Entry source = {from, from_directory.descriptor, std::string(from_name)};
  const Entry target = {to, to_directory.descriptor, std::string(to_name)};

  const Tree::NameChange change(state_->tree);
  const Status moved = SEABAG_TRY(status_at(source.directory, source.name.c_str(), kOperation));
  const auto replaced = status_at(target.directory, target.name.c_str(), kOperation);
  if (mode == vfs::RenameMode::no_replace && replaced) {
    return errno_error(EEXIST, kOperation);
  }
  SEABAG_TRY(state_->tree.check_writable(kOperation));
  const int answer = ::renameat2(source.directory, source.name.c_str(), target.directory,
                                 target.name.c_str(), rename_flags(mode));
  if (answer != 0) {
    const bool is_full = errno == EEXIST && mode == vfs::RenameMode::replace;
    return errno_error(is_full ? ENOTEMPTY : errno, kOperation);
  }
  note_rename(state_->tree.nodes(), source, target, moved, replaced, mode);
  return {};
}

}  // namespace seabag::providers
