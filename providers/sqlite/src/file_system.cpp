#include "file_system.h"

#include <algorithm>
#include <utility>

#include "file.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {

using vfs::FileType;

namespace {

constexpr std::uint32_t kStatisticsBlock = 4096;
constexpr std::uint64_t kMostNodes = std::uint64_t{1} << 62U;

}  // namespace

SqliteFileSystem::SqliteFileSystem(std::unique_ptr<Session> session, std::string path,
                                   const SqliteOptions& options)
    : path_(std::move(path)),
      clock_(options.clock ? options.clock : vfs::Clock(vfs::system_now)),
      access_times_(options.access_times),
      session_(std::move(session)),
      connection_(&session_->connection()),
      store_(*connection_),
      content_(*connection_, options.chunk_size) {}

const vfs::Capabilities& SqliteFileSystem::capabilities() const {
  static constexpr vfs::Capabilities kCapabilities{
      .hard_links = true,
      .extended_attributes = true,
      .persistent_nodes = true,
      .sparse_files = true,
      .special_files = true,
      .immutable = false,
  };
  return kCapabilities;
}

Result<Reading> SqliteFileSystem::reading(const char* operation) {
  auto lock = session_->lock();
  connection_->set_operation(operation);
  SEABAG_TRY(session_->begin_reading());
  if (session_->take_outside_change()) {
    content_.forget_all();
  }
  return Reading(*session_, std::move(lock));
}

Result<Changing> SqliteFileSystem::changing(const char* operation) {
  auto lock = session_->lock();
  connection_->set_operation(operation);
  left_open_ = 0;
  auto begun = session_->begin_change();
  if (!begun) {
    session_->abort_change();
    return std::move(begun).error();
  }
  if (session_->take_outside_change()) {
    content_.forget_all();
  }
  return Changing(*session_, std::move(lock));
}

Error SqliteFileSystem::fail(std::errc condition, std::string detail) const {
  return make_error(condition, connection_->operation(), {}, std::move(detail));
}

Result<Inode> SqliteFileSystem::existing(vfs::NodeId node) {
  auto inode = SEABAG_TRY(store_.inode(static_cast<std::int64_t>(node)));
  if (!inode || (inode->links == 0 && !open_nodes_.contains(node))) {
    return fail(kStaleNode);
  }
  return *inode;
}

Result<Inode> SqliteFileSystem::existing_directory(vfs::NodeId node) {
  Inode inode = SEABAG_TRY(existing(node));
  if (!inode.is_directory()) {
    return fail(std::errc::not_a_directory);
  }
  return inode;
}

Result<vfs::Attributes> SqliteFileSystem::describe(const Inode& inode) {
  vfs::Attributes attributes{.node = inode.node(),
                             .type = inode.type,
                             .mode = inode.mode,
                             .uid = inode.uid,
                             .gid = inode.gid,
                             .links = inode.links,
                             .size = inode.size,
                             .block_size = content_.chunk_size(),
                             .device = inode.device,
                             .inode = static_cast<std::uint64_t>(inode.number),
                             .accessed = inode.accessed,
                             .modified = inode.modified,
                             .changed = inode.changed,
                             .created = std::min(inode.modified, inode.changed)};
  if (inode.type == FileType::regular) {
    attributes.blocks = (SEABAG_TRY(content_.allocated(inode)) + 511) / 512;
  }
  return attributes;
}

Result<vfs::Attributes> SqliteFileSystem::lookup(vfs::NodeId parent, std::string_view name) {
  SEABAG_TRY(vfs::check_name(name, "lookup"));
  const auto turn = SEABAG_TRY(reading("lookup"));
  const auto child = SEABAG_TRY(store_.child(static_cast<std::int64_t>(parent), name));
  if (!child) {
    const auto directory = existing_directory(parent);
    return directory ? fail(std::errc::no_such_file_or_directory) : directory.error();
  }
  return describe(child->inode);
}

Result<vfs::Attributes> SqliteFileSystem::attributes(vfs::NodeId node) {
  const auto turn = SEABAG_TRY(reading("stat"));
  return describe(SEABAG_TRY(existing(node)));
}

Result<std::unique_ptr<vfs::WritableFile>> SqliteFileSystem::open_node(vfs::NodeId node) {
  const auto number = static_cast<std::int64_t>(node);
  auto lock = session_->lock();
  connection_->set_operation("open");
  const bool is_first = !open_nodes_.contains(node);
  if (is_first) {
    // Before looking: another process that deletes the node sees this, or has done it by then.
    SEABAG_TRY(session_->locks().hold(number));
  }
  auto checked = check_openable(node);
  if (!checked) {
    if (is_first) {
      session_->locks().release(number);
      // Who was about to delete it meanwhile has left that to us.
      (void)finish(number);
    }
    return std::move(checked).error();
  }
  ++open_nodes_[node].opens;
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<SqliteFile>(*this, node));
}

Result<void> SqliteFileSystem::check_openable(vfs::NodeId node) {
  SEABAG_TRY(session_->begin_reading());
  const auto inode = existing(node);
  session_->end_reading();
  return inode ? vfs::check_openable(inode->type, "open") : Result<void>(inode.error());
}

Result<std::unique_ptr<vfs::File>> SqliteFileSystem::open(vfs::NodeId node) {
  return std::unique_ptr<vfs::File>(SEABAG_TRY(open_node(node)));
}

Result<std::unique_ptr<vfs::WritableFile>> SqliteFileSystem::open_writable(vfs::NodeId node) {
  return open_node(node);
}

void SqliteFileSystem::close(vfs::NodeId node) {
  const auto number = static_cast<std::int64_t>(node);
  const auto lock = session_->lock();
  connection_->set_operation("close");
  const auto found = open_nodes_.find(node);
  if (--found->second.opens > 0) {
    return;
  }
  open_nodes_.erase(found);
  session_->locks().release(number);
  // Nobody is left to tell of a failure: what stays undone is noted in the database and is done at
  // the next open.
  (void)finish(number);
  content_.forget(number);
}

Result<void> SqliteFileSystem::finish(std::int64_t number) {
  SEABAG_TRY(session_->begin_reading());
  const auto seen = store_.inode(number);
  session_->end_reading();
  const bool is_padded = content_.is_padded(number);
  if (!seen || !*seen || ((*seen)->links > 0 && !is_padded)) {
    return seen ? Result<void>() : seen.error();
  }
  return change_now([&]() -> Result<void> {
    const auto inode = SEABAG_TRY(store_.inode(number));
    if (inode && is_padded) {
      SEABAG_TRY(content_.release(*inode));
    }
    // Of several processes that have it open, the last to close it gets it.
    if (inode && inode->links == 0 && session_->locks().take(number)) {
      SEABAG_TRY(store_.delete_inode(number));
      SEABAG_TRY(connection_->use(Query::delete_orphan).bind(number).run());
    }
    return {};
  });
}

void SqliteFileSystem::finish_left_open() {
  if (const std::int64_t number = std::exchange(left_open_, 0); number != 0) {
    // As at the last close: what stays undone is done at the next open.
    (void)finish(number);
  }
}

template <typename Work>
Result<void> SqliteFileSystem::change_now(Work work) {
  Result<void> done = session_->begin_change();
  if (session_->take_outside_change()) {
    content_.forget_all();
  }
  if (done) {
    done = work();
  }
  if (done) {
    done = session_->commit_change();
  }
  if (!done) {
    session_->abort_change();
  }
  return done;
}

Result<std::vector<vfs::DirectoryEntry>> SqliteFileSystem::list(vfs::NodeId directory,
                                                                std::uint64_t cookie,
                                                                std::size_t limit) {
  constexpr std::uint64_t kMost = ChunkedContent::kMaxSize;
  const auto turn = SEABAG_TRY(reading("list"));
  const Inode inode = SEABAG_TRY(existing_directory(directory));
  auto entries = SEABAG_TRY(
      store_.list(inode.number, static_cast<std::int64_t>(std::min(cookie, kMost)),
                  static_cast<std::int64_t>(std::clamp<std::uint64_t>(limit, 1, kMost))));
  touch_accessed(inode);
  return entries;
}

Result<std::string> SqliteFileSystem::read_link(vfs::NodeId node) {
  const auto turn = SEABAG_TRY(reading("readlink"));
  const Inode inode = SEABAG_TRY(existing(node));
  if (inode.type != FileType::symlink) {
    return fail(std::errc::invalid_argument);
  }
  std::string target = SEABAG_TRY(store_.target(inode.number));
  touch_accessed(inode);
  return target;
}

Result<vfs::Statistics> SqliteFileSystem::statistics() {
  const auto turn = SEABAG_TRY(reading("statfs"));
  const std::string used = SEABAG_TRY(
      connection_->ask("SELECT (page_count - freelist_count) * page_size"
                       " FROM pragma_page_count, pragma_freelist_count, pragma_page_size"));
  const std::string unused = SEABAG_TRY(connection_->ask(
      "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"));
  const std::uint64_t free = std::stoull(unused) + SEABAG_TRY(free_bytes(path_));
  const std::uint64_t nodes = SEABAG_TRY(store_.count_inodes());
  return vfs::Statistics{.block_size = kStatisticsBlock,
                         .blocks = (std::stoull(used) + free) / kStatisticsBlock,
                         .blocks_free = free / kStatisticsBlock,
                         .nodes = kMostNodes,
                         .nodes_free = kMostNodes - std::min(nodes, kMostNodes)};
}

Result<vfs::Attributes> SqliteFileSystem::set_attributes(vfs::NodeId node,
                                                         const vfs::AttributeChanges& changes) {
  auto turn = SEABAG_TRY(changing("setattr"));
  Inode inode = SEABAG_TRY(existing(node));
  if (changes.size) {
    SEABAG_TRY(vfs::check_resizable(inode.type, "truncate"));
    if (*changes.size > ChunkedContent::kMaxSize) {
      return fail(std::errc::file_too_large);
    }
  }
  if (!vfs::is_empty(changes)) {
    auto changed = change(inode, changes);
    if (changed) {
      changed = turn.commit();
    }
    if (!changed) {
      content_.forget(inode.number);
      return changed.error();
    }
  }
  return describe(inode);
}

Result<void> SqliteFileSystem::change(Inode& inode, const vfs::AttributeChanges& changes) {
  const vfs::Timestamp present = now();
  if (changes.size) {
    // Like tmpfs: truncate(2) to the size it has moves no time of a file without any data.
    const bool is_same = inode.size == *changes.size && SEABAG_TRY(content_.allocated(inode)) == 0;
    SEABAG_TRY(content_.resize(inode, *changes.size));
    if (is_same && vfs::is_size_only(changes)) {
      return {};
    }
    inode.modified = is_same ? inode.modified : present;
    inode.size = *changes.size;
  }
  if (changes.clear_set_id) {
    inode.mode = vfs::without_set_id(inode.type, inode.mode);
  }
  inode.mode = changes.mode ? *changes.mode & vfs::kModeBits : inode.mode;
  inode.uid = changes.uid.value_or(inode.uid);
  inode.gid = changes.gid.value_or(inode.gid);
  if (changes.accessed) {
    inode.accessed = changes.accessed->moment.value_or(present);
  }
  if (changes.modified) {
    inode.modified = changes.modified->moment.value_or(present);
  }
  inode.changed = present;
  return store_.update_inode(inode);
}

Result<void> SqliteFileSystem::sync() { return session_->sync(); }

void SqliteFileSystem::touch_accessed(const Inode& inode) {
  const vfs::Timestamp present = now();
  if (!vfs::is_access_due(access_times_, {inode.accessed, inode.modified, inode.changed},
                          present)) {
    return;
  }
  session_->end_reading();
  // A read does not fail because its time could not be kept.
  (void)change_now([&] {
    return connection_->use(Query::touch_accessed)
        .bind(present.seconds)
        .bind(present.nanoseconds)
        .bind(inode.number)
        .run();
  });
}

Result<void> SqliteFileSystem::check_space(std::uint64_t bytes) const {
  if (SEABAG_TRY(free_bytes(path_)) < bytes) {
    return fail(std::errc::no_space_on_device);
  }
  return {};
}

}  // namespace seabag::providers
