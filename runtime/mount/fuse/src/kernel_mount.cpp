#include "seabag/mount/kernel_mount.h"

#include <poll.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "session.h"

namespace seabag::mount {

KernelMount::KernelMount(std::unique_ptr<Session> session) : session_(std::move(session)) {}
KernelMount::KernelMount(KernelMount&& other) noexcept = default;
KernelMount& KernelMount::operator=(KernelMount&& other) noexcept = default;
KernelMount::~KernelMount() = default;

Result<KernelMount> KernelMount::attach(const std::string& directory,
                                        std::shared_ptr<vfs::FileSystem> files,
                                        vfs::WritableFileSystem* writable,
                                        const KernelMountOptions& options) {
  return KernelMount(SEABAG_TRY(
      Session::open(directory, {.files = std::move(files), .writable = writable}, options)));
}

Result<KernelMount> KernelMount::mount(const std::string& directory,
                                       const std::shared_ptr<vfs::ObservedFileSystem>& files,
                                       const KernelMountOptions& options) {
  if (files == nullptr) {
    return attach(directory, nullptr, nullptr, options);
  }
  return KernelMount(SEABAG_TRY(Session::open(
      directory, {.files = files, .writable = files.get(), .observed = files}, options)));
}

Result<void> KernelMount::unmount() { return session_->unmount(); }

void KernelMount::wait() const {
  pollfd end{.fd = session_->end_descriptor(), .events = POLLIN, .revents = 0};
  while (poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
}

int KernelMount::end_descriptor() const { return session_->end_descriptor(); }

const std::string& KernelMount::directory() const { return session_->directory(); }

}  // namespace seabag::mount
