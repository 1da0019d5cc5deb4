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

SqliteFileSystem::SqliteFileSystem(std::unique_ptr<Connection> connection, std::string path,
                                   const SqliteOptions& options)
    : path_(std::move(path)),
      clock_(options.clock ? options.clock : vfs::Clock(vfs::system_now)),
      access_times_(options.access_times),
      durability_(options.durability),
      connection_(std::move(connection)),
      store_(*connection_),
      content_(*connection_, options.chunk_size),
      log_(path_) {}

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

std::unique_lock<std::mutex> SqliteFileSystem::enter(const char* operation) {
  std::unique_lock lock(mutex_);
  connection_->set_operation(operation);
  return lock;
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
  if (inode.type == FileType::regular && inode.size > 0) {
    const std::uint64_t chunks = SEABAG_TRY(content_.count(inode.number));
    const std::uint64_t chunk_size = content_.chunk_size();
    // The last chunk is as long as the file needs it.
    const std::uint64_t missing = (chunk_size - inode.size % chunk_size) % chunk_size;
    const std::uint64_t bytes = chunks * chunk_size;
    attributes.blocks = (bytes > missing ? bytes - missing + 511 : 0) / 512;
  }
  return attributes;
}

Result<vfs::Attributes> SqliteFileSystem::lookup(vfs::NodeId parent, std::string_view name) {
  SEABAG_TRY(vfs::check_name(name, "lookup"));
  const auto lock = enter("lookup");
  const auto child = SEABAG_TRY(store_.child(static_cast<std::int64_t>(parent), name));
  if (!child) {
    SEABAG_TRY(existing_directory(parent));
    return fail(std::errc::no_such_file_or_directory);
  }
  return describe(child->inode);
}

Result<vfs::Attributes> SqliteFileSystem::attributes(vfs::NodeId node) {
  const auto lock = enter("stat");
  return describe(SEABAG_TRY(existing(node)));
}

Result<std::unique_ptr<vfs::WritableFile>> SqliteFileSystem::open_node(vfs::NodeId node) {
  const auto lock = enter("open");
  SEABAG_TRY(vfs::check_openable(SEABAG_TRY(existing(node)).type, "open"));
  ++open_nodes_[node].opens;
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<SqliteFile>(*this, node));
}

Result<std::unique_ptr<vfs::File>> SqliteFileSystem::open(vfs::NodeId node) {
  return std::unique_ptr<vfs::File>(SEABAG_TRY(open_node(node)));
}

Result<std::unique_ptr<vfs::WritableFile>> SqliteFileSystem::open_writable(vfs::NodeId node) {
  return open_node(node);
}

void SqliteFileSystem::close(vfs::NodeId node) {
  const auto lock = enter("close");
  const auto found = open_nodes_.find(node);
  if (--found->second.opens > 0) {
    return;
  }
  open_nodes_.erase(found);
  // Nobody is left to tell of a failure: what stays undone is noted in the database and is done at
  // the next open.
  (void)finish(static_cast<std::int64_t>(node));
  content_.forget(static_cast<std::int64_t>(node));
}

Result<void> SqliteFileSystem::finish(std::int64_t number) {
  const auto inode = SEABAG_TRY(store_.inode(number));
  const bool is_orphan = inode && inode->links == 0;
  const bool is_padded = content_.is_padded(number);
  if (!inode || (!is_orphan && !is_padded)) {
    return {};
  }
  Transaction transaction(*connection_);
  SEABAG_TRY(transaction.begin());
  if (is_padded) {
    SEABAG_TRY(content_.release(*inode));
  }
  if (is_orphan) {
    SEABAG_TRY(store_.delete_inode(number));
    SEABAG_TRY(connection_->use(Query::delete_orphan).bind(number).run());
  }
  return commit(transaction);
}

Result<std::vector<vfs::DirectoryEntry>> SqliteFileSystem::list(vfs::NodeId directory,
                                                                std::uint64_t cookie,
                                                                std::size_t limit) {
  constexpr std::uint64_t kMost = Content::kMaxSize;
  const auto lock = enter("list");
  const Inode inode = SEABAG_TRY(existing_directory(directory));
  auto entries = SEABAG_TRY(
      store_.list(inode.number, static_cast<std::int64_t>(std::min(cookie, kMost)),
                  static_cast<std::int64_t>(std::clamp<std::uint64_t>(limit, 1, kMost))));
  touch_accessed(inode);
  return entries;
}

Result<std::string> SqliteFileSystem::read_link(vfs::NodeId node) {
  const auto lock = enter("readlink");
  const Inode inode = SEABAG_TRY(existing(node));
  if (inode.type != FileType::symlink) {
    return fail(std::errc::invalid_argument);
  }
  std::string target = SEABAG_TRY(store_.target(inode.number));
  touch_accessed(inode);
  return target;
}

Result<vfs::Statistics> SqliteFileSystem::statistics() {
  const auto lock = enter("statfs");
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
  const auto lock = enter("setattr");
  Inode inode = SEABAG_TRY(existing(node));
  if (changes.size) {
    SEABAG_TRY(vfs::check_resizable(inode.type, "truncate"));
    if (*changes.size > Content::kMaxSize) {
      return fail(std::errc::file_too_large);
    }
  }
  if (!vfs::is_empty(changes)) {
    const auto changed = change(inode, changes);
    if (!changed) {
      content_.forget(inode.number);
      return changed.error();
    }
  }
  return describe(inode);
}

Result<void> SqliteFileSystem::change(Inode& inode, const vfs::AttributeChanges& changes) {
  const vfs::Timestamp present = now();
  Transaction transaction(*connection_);
  SEABAG_TRY(transaction.begin());
  if (changes.size) {
    SEABAG_TRY(content_.resize(inode, *changes.size));
    inode.size = *changes.size;
    inode.modified = present;
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
  SEABAG_TRY(store_.update_inode(inode));
  return commit(transaction);
}

Result<void> SqliteFileSystem::commit(Transaction& transaction) {
  SEABAG_TRY(transaction.commit());
  committed_.fetch_add(1, std::memory_order_release);
  return {};
}

Result<void> SqliteFileSystem::sync() {
  if (durability_ == SqliteDurability::every_change) {
    return {};
  }
  // Who waits here while another syncs finds its own transactions covered by the next one's.
  const std::uint64_t wanted = committed_.load(std::memory_order_acquire);
  const std::lock_guard lock(sync_mutex_);
  if (synced_ >= wanted) {
    return {};
  }
  const std::uint64_t covered = committed_.load(std::memory_order_acquire);
  SEABAG_TRY(log_.sync());
  synced_ = covered;
  return {};
}

void SqliteFileSystem::touch_accessed(Inode inode) {
  const vfs::Timestamp present = now();
  if (!vfs::is_access_due(access_times_, {inode.accessed, inode.modified, inode.changed},
                          present)) {
    return;
  }
  inode.accessed = present;
  if (store_.update_inode(inode)) {  // a read does not fail because its time could not be kept
    committed_.fetch_add(1, std::memory_order_release);
  }
}

Result<void> SqliteFileSystem::check_space(std::uint64_t bytes) const {
  if (SEABAG_TRY(free_bytes(path_)) < bytes) {
    return fail(std::errc::no_space_on_device);
  }
  return {};
}

}  // namespace seabag::providers
