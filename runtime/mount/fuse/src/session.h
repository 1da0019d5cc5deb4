#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "attachment.h"
#include "bridge.h"
#include "kernel_cache.h"
#include "seabag/mount/kernel_mount.h"
#include "seabag/net/descriptor.h"
#include "watcher.h"

namespace seabag::mount {

/// What `Session::open` serves, and how.
struct Subject {
  std::shared_ptr<vfs::FileSystem> files;
  vfs::WritableFileSystem* writable = nullptr;  ///< owned by `files`; null: read-only
  std::shared_ptr<vfs::ObservedFileSystem> observed = nullptr;  ///< the same, or null
};

/// One mount and the threads that answer the kernel for it. `unmount` and the destructor: one
/// thread at a time; the rest is safe for concurrent use.
class Session {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const std::string& directory,
                                                             Subject subject,
                                                             const KernelMountOptions& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Result<void> unmount();
  [[nodiscard]] int end_descriptor() const { return ended_.get(); }
  [[nodiscard]] const std::string& directory() const { return attachment_.directory; }

 private:
  struct Closer {
    void operator()(fuse_session* session) const { fuse_session_destroy(session); }
  };

  Session(Subject subject, const KernelMountOptions& options, Attachment attachment,
          Watcher watcher);
  Result<void> start(unsigned threads);
  Result<net::Descriptor> make_waiter() const;
  void serve(const net::Descriptor& waiter);
  void stop();
  void join();

  /// Null: nobody changes anything behind the mount.
  std::unique_ptr<KernelCache> cache_;
  Subject subject_;
  Bridge bridge_;
  Attachment attachment_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<fuse_session, Closer> session_;
  std::atomic<bool> is_stopping_{false};
  net::Descriptor stop_;   ///< an eventfd, raised with is_stopping_
  net::Descriptor ended_;  ///< an eventfd: they have
  std::atomic<unsigned> running_{0};
  std::vector<std::thread> threads_;
};

}  // namespace seabag::mount
