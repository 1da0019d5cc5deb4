#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "kernel_subject.h"

namespace seabag::testing {
namespace {

int call(long result) { return static_cast<int>(result); }

bool configure(int context, const char* key, const char* value) {
  return syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0) == 0;
}

/// A tmpfs of small pages, so that holes are told in units of 4 KiB.
int mount_tmpfs() {
  const int context = call(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
  if (context < 0) {
    return -1;
  }
  configure(context, "huge", "never");  // kernels without huge pages do not know the option
  int mount = -1;
  if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
    mount = call(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV));
  }
  const int error = errno;
  close(context);
  errno = error;
  return mount;
}

}  // namespace

std::string KernelMount::enter_own_namespace() {
  if (geteuid() == 0) {
    return unshare(CLONE_FS) == 0 ? "" : std::strerror(errno);
  }
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_FS) != 0) {
    return std::string("needs root or user namespaces: ") + std::strerror(errno);
  }
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
  std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
  return geteuid() == 0 ? "" : "the user namespace has no root";
}

std::unique_ptr<KernelMount> KernelMount::make() {
  const int descriptor = mount_tmpfs();
  if (descriptor < 0) {
    return nullptr;
  }
  return std::unique_ptr<KernelMount>(new KernelMount(descriptor));
}

KernelMount::~KernelMount() { close(descriptor_); }

int KernelMount::make_directory(const std::string& name) const {
  constexpr mode_t kMode = 0755;
  int made = -1;
  if (mkdirat(descriptor_, name.c_str(), kMode) == 0) {
    made = openat(descriptor_, name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  }
  if (made < 0) {
    std::perror("cannot make a directory of the reference");
    std::exit(2);
  }
  return made;
}

void KernelMount::remove_directory(const std::string& name) const {
  std::error_code error;
  std::filesystem::remove_all(path_of(name), error);
  if (error) {
    std::fprintf(stderr, "cannot remove %s: %s\n", name.c_str(), error.message().c_str());
  }
}

std::string KernelMount::path_of(const std::string& name) const {
  return "/proc/self/fd/" + std::to_string(descriptor_) + "/" + name;
}

}  // namespace seabag::testing
