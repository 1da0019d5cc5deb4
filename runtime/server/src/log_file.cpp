#include "seabag/server/log_file.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace seabag::server {
namespace {

constexpr std::string_view kStandardOutput = "-";
constexpr std::size_t kLargeWrite = 1024 * 1024;

Result<net::Descriptor> open_file(const std::string& path) {
  // O_NONBLOCK: a fifo without a reader must not stop us here.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  net::Descriptor file(path == kStandardOutput ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                               : ::open(path.c_str(), kFlags, 0640));
  if (!file.is_open()) {
    return errno_error(errno, "open", path);
  }
  return file;
}

/// The longest run of whole lines with at most `limit` bytes; one longer line is taken as it is.
std::string_view take_lines(std::string_view lines, std::size_t limit) {
  if (lines.size() <= limit) {
    return lines;
  }
  const std::size_t end = lines.rfind('\n', limit - 1);
  return lines.substr(0, (end == std::string_view::npos ? lines.find('\n', limit) : end) + 1);
}

}  // namespace

LogFile::LogFile(net::Descriptor file, std::string path, std::size_t atomic_size)
    : file_(std::move(file)), path_(std::move(path)), atomic_size_(atomic_size) {}

Result<LogFile> LogFile::open(const std::string& path) {
  net::Descriptor file = SEABAG_TRY(open_file(path));
  struct stat status {};
  const bool is_regular = fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
  return LogFile(std::move(file), path, is_regular ? kLargeWrite : std::size_t{PIPE_BUF});
}

Result<void> LogFile::reopen() {
  if (path_ == kStandardOutput) {
    return {};
  }
  const net::Descriptor fresh = SEABAG_TRY(open_file(path_));
  // In place, so that other threads never see a closed descriptor.
  if (dup3(fresh.get(), file_.get(), O_CLOEXEC) < 0) {
    return errno_error(errno, "dup3", path_);
  }
  return {};
}

std::size_t LogFile::write(std::string_view lines) const {
  std::size_t written = 0;
  while (written < lines.size()) {
    const std::string_view part = take_lines(lines.substr(written), atomic_size_);
    pollfd space{.fd = file_.get(), .events = POLLOUT, .revents = 0};
    if (poll(&space, 1, 0) != 1 || (space.revents & POLLOUT) == 0) {
      break;
    }
    const ssize_t count = ::write(file_.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    written += static_cast<std::size_t>(count);
  }
  return written;
}

}  // namespace seabag::server
