#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "asker.h"
#include "descriptor.h"
#include "mount_point.h"
#include "protocol.h"
#include "resolver.h"
#include "seabag/vfs/namespace.h"

namespace seabag::intercept {

class Server;

/// A directory was renamed; descriptors of directories know their path from before.
struct Renamed {
  std::string from;
  std::string to;
  bool is_exchange = false;
};

/// What a session knows, and where requests are answered. Safe for concurrent use.
class Host : public std::enable_shared_from_this<Host> {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Host>> start();
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] Result<std::shared_ptr<MountPoint>> mount(
      std::string_view prefix, std::shared_ptr<vfs::FileSystem> files,
      std::shared_ptr<vfs::WritableFileSystem> writable, const MountOptions& options);
  void unmount(std::uint64_t number);
  [[nodiscard]] Result<void> flush();

  /// Answers one request. Never fails: errors are in the reply.
  void answer(const Letter& letter, Asker asker, Reply& reply);
  /// A program that may have written is gone.
  void on_program_end();

  [[nodiscard]] vfs::Namespace& names() { return names_; }
  [[nodiscard]] std::shared_ptr<const MountPoints> mounts() const;
  [[nodiscard]] const MountPage* page() const { return page_.get(); }
  [[nodiscard]] int page_file() const { return page_file_.get(); }
  [[nodiscard]] Server& server() { return *server_; }

  /// Where a directory is now that was at `path` at that moment.
  [[nodiscard]] std::string path_now(std::string_view path, std::uint64_t moment) const;
  [[nodiscard]] std::uint64_t moment() const;
  void record(Renamed renamed);

  /// Called on every thread that answers, before it does: for the hooks of this process.
  void set_thread_start(void (*call)()) { thread_start_.store(call); }
  void start_thread() const;

 private:
  Host();
  Result<void> make_page();
  void publish(std::shared_ptr<const MountPoints> mounts);

  vfs::Namespace names_;
  Descriptor page_file_;
  std::shared_ptr<MountPage> page_;  ///< mapped from page_file_
  mutable std::mutex mutex_;
  std::shared_ptr<const MountPoints> mounts_;
  std::uint64_t last_number_ = 0;
  std::vector<Renamed> renames_;
  std::atomic<void (*)()> thread_start_ = nullptr;
  std::unique_ptr<Server> server_;
};

}  // namespace seabag::intercept
