#include "asker.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace seabag::intercept {

namespace {

bool is_root(Asker asker) { return asker == Asker::root || geteuid() == 0; }

bool is_own(const vfs::Attributes& node) { return node.uid == 0 || node.uid == geteuid(); }

bool is_in_group(gid_t group) {
  if (group == getegid()) {
    return true;
  }
  const int count = getgroups(0, nullptr);
  std::vector<gid_t> groups(count > 0 ? static_cast<std::size_t>(count) : 0);
  const int known = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(known > 0 ? static_cast<std::size_t>(known) : 0);
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// The bits that count for the user of this process.
std::uint32_t bits_of(const vfs::Attributes& node) {
  if (is_own(node)) {
    return node.mode >> 6;
  }
  return is_in_group(node.gid) ? node.mode >> 3 : node.mode;
}

}  // namespace

Result<void> check_permission(Asker asker, const vfs::Attributes& node, std::uint32_t wanted) {
  const std::uint32_t everybody = node.mode & (node.mode >> 3) & (node.mode >> 6);
  // Nearly always; who it is is asked for only where that matters.
  if ((everybody & wanted) == wanted || is_root(asker) || (bits_of(node) & wanted) == wanted) {
    return {};
  }
  return make_error(std::errc::permission_denied, "permission");
}

Result<void> check_owner(Asker asker, const vfs::Attributes& node) {
  return is_own(node) || is_root(asker)
             ? Result<void>()
             : make_error(std::errc::operation_not_permitted, "permission");
}

Result<void> check_new_name(Asker asker, const vfs::Attributes& directory) {
  return check_permission(asker, directory, kWrite | kSearch);
}

Result<void> check_removal(Asker asker, const vfs::Attributes& directory,
                           const vfs::Attributes& node) {
  SEABAG_TRY(check_permission(asker, directory, kWrite | kSearch));
  const bool is_sticky = (directory.mode & S_ISVTX) != 0;
  return is_sticky && !is_own(directory) ? check_owner(asker, node) : Result<void>();
}

}  // namespace seabag::intercept
