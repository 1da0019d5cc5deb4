#include "kernel_cache.h"

#include <cerrno>

namespace seabag::mount {

namespace {

constexpr off_t kAttributesOnly = -1;
constexpr off_t kFromTheStart = 0;

void forget_node(fuse_session& session, vfs::NodeId node, off_t from) {
  // ENOENT: it had not cached the node. ENODEV: the mount has ended.
  fuse_lowlevel_notify_inval_inode(&session, static_cast<fuse_ino_t>(node), from, 0);
}

}  // namespace

void KernelCache::on_name(vfs::NodeId parent, std::string_view name) {
  const auto directory = static_cast<fuse_ino_t>(parent);
  // Expired, the name is looked up again when it is next used. Invalidated, as older kernels have
  // it, a directory would lose those who stand in it.
  if (fuse_lowlevel_notify_expire_entry(session_, directory, name.data(), name.size(),
                                        FUSE_LL_EXPIRE_ONLY) == -ENOSYS) {
    fuse_lowlevel_notify_inval_entry(session_, directory, name.data(), name.size());
  }
  forget_node(*session_, parent, kFromTheStart);  // a directory's content is its cached listing
}

void KernelCache::on_node(vfs::NodeId node, vfs::NodeChange change) {
  forget_node(*session_, node,
              change == vfs::NodeChange::content ? kFromTheStart : kAttributesOnly);
}

}  // namespace seabag::mount
