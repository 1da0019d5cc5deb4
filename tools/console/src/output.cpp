#include "seabag/console/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace seabag::console {

namespace {

constexpr std::size_t kBufferSize = 64 * 1024;
constexpr std::size_t kDefaultColumns = 80;

}  // namespace

Result<void> Output::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferSize) {
    SEABAG_TRY(flush());
  }
  if (bytes.size() > kBufferSize) {
    return write_through(bytes);
  }
  buffer_.append(bytes);
  return {};
}

Result<void> Output::flush() {
  // Taken out first: after a failure the same bytes are not tried again.
  const std::string bytes = std::exchange(buffer_, {});
  return write_through(bytes);
}

DescriptorOutput::DescriptorOutput(int descriptor, const char* name)
    : descriptor_(descriptor), name_(name), is_terminal_(isatty(descriptor) == 1) {}

std::size_t DescriptorOutput::columns() const {
  winsize size{};
  if (!is_terminal_ || ioctl(descriptor_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kDefaultColumns;
  }
  return size.ws_col;
}

Result<void> DescriptorOutput::write_through(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno_error(errno, "write", name_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace seabag::console
