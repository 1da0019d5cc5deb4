#pragma once

#include <memory>
#include <string>
#include <utility>

#include "mount_table.h"
#include "seabag/vfs/file.h"

namespace seabag::vfs {

/// Keeps a mount busy and its file system alive. Move-only.
class Pin {
 public:
  /// Empty when the mount was closed in the meantime.
  explicit Pin(const MountState& state)
      : state_(state.try_pin() ? state.shared_from_this() : nullptr) {}
  Pin(Pin&&) noexcept = default;
  Pin& operator=(Pin&&) = delete;
  ~Pin() {
    if (state_ != nullptr) {
      state_->unpin();
    }
  }
  explicit operator bool() const { return state_ != nullptr; }

 private:
  std::shared_ptr<const MountState> state_;
};

/// A provider's file as a namespace hands it out: pinned, with its path in errors. `path` is how
/// the caller opened it.
std::unique_ptr<File> make_mounted_file(Pin pin, std::unique_ptr<File> file, std::string path);
std::unique_ptr<WritableFile> make_mounted_file(Pin pin, std::unique_ptr<WritableFile> file,
                                                std::string path);

}  // namespace seabag::vfs
