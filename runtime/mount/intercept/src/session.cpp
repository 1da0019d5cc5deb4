#include "seabag/intercept/session.h"

#include <utility>

#include "host.h"
#include "protocol.h"
#include "server.h"
#include "shim_image.h"

namespace seabag::intercept {

Mount::Mount(std::weak_ptr<Host> host, std::uint64_t number, std::string point)
    : host_(std::move(host)), number_(number), point_(std::move(point)) {}

Mount& Mount::operator=(Mount&& other) noexcept {
  std::swap(host_, other.host_);
  std::swap(number_, other.number_);
  std::swap(point_, other.point_);
  return *this;
}

Mount::~Mount() {
  if (const auto host = host_.lock()) {
    host->unmount(number_);
  }
}

Result<std::unique_ptr<Session>> Session::start() {
  // Now, because its path tells this process's number, and a child might be the first to ask.
  if (shim_path().empty()) {
    return make_error(std::errc::too_many_files_open, "start", {},
                      "there is no room for a memory file: raise ulimit -n or free memory");
  }
  return std::unique_ptr<Session>(new Session(SEABAG_TRY(Host::start())));
}

Session::~Session() = default;

vfs::Namespace& Session::files() { return host_->names(); }

Result<void> Session::flush() { return host_->flush(); }

std::vector<std::string> Session::environment(std::string_view preloaded) const {
  std::string preload = "LD_PRELOAD=" + shim_path();
  if (!preloaded.empty()) {
    preload += ':';
    preload += preloaded;
  }
  return {std::move(preload), std::string(kHostVariable) + "=" + host_->server().name()};
}

Result<Mount> Session::attach(std::string_view prefix, std::shared_ptr<vfs::FileSystem> file_system,
                              std::shared_ptr<vfs::WritableFileSystem> writable,
                              const MountOptions& options) {
  const auto mount =
      SEABAG_TRY(host_->mount(prefix, std::move(file_system), std::move(writable), options));
  return Mount(host_, mount->number, mount->point.empty() ? "/" : mount->point);
}

}  // namespace seabag::intercept
