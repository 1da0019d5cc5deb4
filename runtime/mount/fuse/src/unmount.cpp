#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "attachment.h"
#include "seabag/mount/kernel_mount.h"

namespace seabag::mount {

namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The type of the file system with this device number, from lines such as (proc(5))
// `36 35 0:44 / /mnt rw - fuse.seabag site rw`; empty when it is not mounted. Asking the file
// system itself could wait for a daemon that hangs.
Result<std::string> type_of(const MountDevice& device) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen("/proc/self/mountinfo", "re"));
  if (file == nullptr) {
    return errno_error(errno, "open", "/proc/self/mountinfo");
  }
  const std::string number =
      " " + std::to_string(device.major) + ":" + std::to_string(device.minor) + " ";
  constexpr std::string_view kSeparator = " - ";
  char* text = nullptr;
  std::size_t room = 0;
  std::string type;
  while (type.empty() && getline(&text, &room, file.get()) > 0) {
    const std::string_view line(text);
    const std::size_t separator = line.find(kSeparator);
    if (line.find(number) < separator && separator != std::string_view::npos) {
      const std::string_view rest = line.substr(separator + kSeparator.size());
      type = rest.substr(0, rest.find(' '));
    }
  }
  std::free(text);
  return type;
}

}  // namespace

Result<void> unmount(const std::string& directory) {
  const std::unique_ptr<char, decltype(&std::free)> path(realpath(directory.c_str(), nullptr),
                                                         &std::free);
  if (path == nullptr) {
    return errno_error(errno, "umount", directory);
  }
  const MountDevice device = SEABAG_TRY(device_at(path.get()));
  if (!SEABAG_TRY(type_of(device)).starts_with("fuse")) {
    return make_error(std::errc::invalid_argument, "umount", directory,
                      "no FUSE file system is mounted there");
  }
  auto done = detach(path.get(), MountWay::direct);
  if (!done && done.error().is(std::errc::operation_not_permitted)) {
    done = detach(path.get(), MountWay::helper);
  }
  if (!done && done.error().is(std::errc::invalid_argument)) {
    return make_error(std::errc::invalid_argument, "umount", directory, "not a mount point");
  }
  return done ? done : with_path(done.error(), directory);
}

}  // namespace seabag::mount
