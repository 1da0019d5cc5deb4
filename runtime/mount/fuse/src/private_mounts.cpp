#include "seabag/mount/private_mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "seabag/net/descriptor.h"

namespace seabag::mount {

namespace {

constexpr const char* kOperation = "unshare";

Result<void> write_once(const char* path, std::string_view text) {
  const net::Descriptor file(open(path, O_WRONLY | O_CLOEXEC));
  if (!file.is_open() ||
      write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return errno_error(errno, kOperation, path);
  }
  return {};
}

std::string same_number(unsigned number) {
  const std::string text = std::to_string(number);
  return text + " " + text + " 1";
}

Error refused(int number) {
  if (number == EINVAL) {
    return make_error(std::errc::invalid_argument, kOperation, {},
                      "other threads run already: make mounts private first in main");
  }
  if (number == EPERM || number == EACCES) {
    return make_error(std::errc::operation_not_permitted, kOperation, {},
                      "user namespaces are forbidden here: as root, sysctl -w "
                      "kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000");
  }
  return errno_error(number, kOperation);
}

// user_namespaces(7): the group can be mapped once setgroups(2) is given up.
Result<void> map_to_itself(uid_t user, gid_t group) {
  SEABAG_TRY(write_once("/proc/self/setgroups", "deny"));
  SEABAG_TRY(write_once("/proc/self/uid_map", same_number(user)));
  return write_once("/proc/self/gid_map", same_number(group));
}

}  // namespace

Result<void> make_mounts_private() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (errno != EPERM) {
      return refused(errno);
    }
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
      return refused(errno);
    }
    SEABAG_TRY(map_to_itself(user, group));
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return errno_error(errno, kOperation);
  }
  return {};
}

}  // namespace seabag::mount
