#include "posix_new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace seabag::bundler {

NewFile::NewFile(std::string path, std::string temporary, Descriptor file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)) {}

NewFile::~NewFile() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

Result<NewFile> NewFile::create(const std::string& path) {
  std::string temporary = directory_of(path) + "/.seabag-XXXXXX";
  const int number = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (number < 0) {
    return errno_error(errno, "create", path);
  }
  return NewFile(path, std::move(temporary), Descriptor(number));
}

Result<void> NewFile::publish() {
  constexpr mode_t kMode = 0644;
  if (::fchmod(file_.get(), kMode) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return errno_error(errno, "rename", path_);
  }
  temporary_.clear();
  return {};
}

}  // namespace seabag::bundler
