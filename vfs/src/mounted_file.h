#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "mount_table.h"
#include "seabag/vfs/file.h"

namespace seabag::vfs {

/// Keeps a mount busy, and it and its file system alive. Move-only.
class Pin {
 public:
  /// Empty when the mount was closed in the meantime.
  explicit Pin(const MountState& state) : state_(state.try_pin() ? &state : nullptr) {}
  Pin(Pin&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Pin& operator=(Pin&&) = delete;
  ~Pin() {
    if (state_ != nullptr) {
      state_->unpin();
    }
  }
  explicit operator bool() const { return state_ != nullptr; }

 private:
  const MountState* state_;  ///< alive while it is pinned
};

/// A provider's file as a namespace hands it out: pinned, with its path in errors. `path` is how
/// the caller opened it.
std::unique_ptr<File> make_mounted_file(Pin pin, std::unique_ptr<File> file, std::string_view path);
std::unique_ptr<WritableFile> make_mounted_file(Pin pin, std::unique_ptr<WritableFile> file,
                                                std::string_view path);

}  // namespace seabag::vfs
