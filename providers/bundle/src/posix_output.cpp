#include "posix_output.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace seabag::bundle {
namespace {

constexpr int kAttempts = 100;
constexpr unsigned kPrivateMode = 0600;

/// With the final slash; "./" for a plain name.
std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

/// A hidden name beside the output that nobody else will choose. The random part is short: NAME_MAX
/// leaves no room to add to a long name, so the output's own name is not in it.
std::string temporary_name(const std::string& path) {
  std::array<unsigned char, 8> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    random[0] = static_cast<unsigned char>(getpid());
  }
  std::array<char, 3> digits{};
  std::string name = directory_of(path) + ".seabag-";
  for (const unsigned char byte : random) {
    static_cast<void>(std::snprintf(digits.data(), digits.size(), "%02x", byte));
    name += digits.data();
  }
  return name;
}

Result<void> check_target(const std::string& path) {
  struct stat status {};
  if (path.empty() || path.back() == '/') {
    return make_error(
        path.empty() ? std::errc::no_such_file_or_directory : std::errc::is_a_directory, "create",
        path);
  }
  if (lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? Result<void>() : errno_error(errno, "create", path);
  }
  if (S_ISDIR(status.st_mode)) {
    return make_error(std::errc::is_a_directory, "create", path);
  }
  if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
    return make_error(std::errc::invalid_argument, "create", path,
                      "it exists and is no regular file");
  }
  return {};
}

std::string own_link(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

/// A file without a name, if it can get one later: that takes /proc.
Descriptor open_unnamed(const std::string& path) {
  auto file = open_file(directory_of(path), O_RDWR | O_TMPFILE, kPrivateMode);
  struct stat status {};
  if (!file || stat(own_link(file->number()).c_str(), &status) != 0) {
    return {};
  }
  return std::move(file).take();
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string temporary, Descriptor file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(file_, other.file_);
  return *this;
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
  }
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  SEABAG_TRY(check_target(path));
  Descriptor unnamed = open_unnamed(path);
  if (unnamed.is_open()) {
    return OutputFile(path, {}, std::move(unnamed));
  }
  for (int attempt = 0;; ++attempt) {
    std::string temporary = temporary_name(path);
    auto file = open_file(temporary, O_RDWR | O_CREAT | O_EXCL, kPrivateMode);
    if (file) {
      return OutputFile(path, std::move(temporary), std::move(file).take());
    }
    if (!file.error().is(std::errc::file_exists) || attempt == kAttempts) {
      return Error{.code = file.error().code, .operation = "create", .path = path};
    }
  }
}

Result<void> OutputFile::resize(std::uint64_t size) {
  if (ftruncate(file_.number(), static_cast<off_t>(size)) != 0) {
    return errno_error(errno, "truncate", path_);
  }
  return {};
}

Result<void> OutputFile::sync() {
  if (fsync(file_.number()) != 0) {
    return errno_error(errno, "fsync", path_);
  }
  return {};
}

Result<void> OutputFile::link_temporary() {
  for (int attempt = 0;; ++attempt) {
    std::string temporary = temporary_name(path_);
    if (linkat(AT_FDCWD, own_link(file_.number()).c_str(), AT_FDCWD, temporary.c_str(),
               AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = std::move(temporary);
      return {};
    }
    if (errno != EEXIST || attempt == kAttempts) {
      return errno_error(errno, "link", path_);
    }
  }
}

Result<void> OutputFile::publish(unsigned mode) {
  if (fchmod(file_.number(), mode) != 0) {
    return errno_error(errno, "chmod", path_);
  }
  if (temporary_.empty()) {
    // Where nothing is replaced the file gets its name in one step.
    if (linkat(AT_FDCWD, own_link(file_.number()).c_str(), AT_FDCWD, path_.c_str(),
               AT_SYMLINK_FOLLOW) == 0) {
      return {};
    }
    SEABAG_TRY(link_temporary());
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    return errno_error(errno, "rename", path_);
  }
  temporary_.clear();
  return {};
}

}  // namespace seabag::bundle
