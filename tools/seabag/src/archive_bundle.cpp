#include "archive_bundle.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "progress_bar.h"

namespace seabag::command {

namespace {

// A directory of its own for one temporary file, both gone at the end of scope.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const console::Environment& environment) {
    std::string directory = environment("TMPDIR").value_or("/tmp");
    directory += "/seabag-XXXXXX";
    if (mkdtemp(directory.data()) == nullptr) {
      return errno_error(errno, "mkdtemp", directory);
    }
    return TemporaryFile(std::move(directory));
  }
  TemporaryFile(TemporaryFile&& other) noexcept
      : directory_(std::exchange(other.directory_, std::string())) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!directory_.empty()) {
      unlink(path().c_str());
      rmdir(directory_.c_str());
    }
  }

  [[nodiscard]] std::string path() const { return directory_ + "/bundle"; }

 private:
  explicit TemporaryFile(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
};

}  // namespace

Result<std::unique_ptr<bundle::Bundle>> open_archive(const std::string& path,
                                                     http::SecurityProfile security,
                                                     console::Io& io) {
  const auto file = SEABAG_TRY(TemporaryFile::create(io.environment));
  ProgressBar progress(io.err, io.environment);
  SEABAG_TRY(bundler::pack({.inputs = {{.path = path}},
                            .output = file.path(),
                            .profile = bundler::Profile::none,
                            .security = security,
                            .durability = bundle::Durability::cached},
                           &progress));
  return bundle::Bundle::open_executable(file.path());
}

}  // namespace seabag::command
