#include "direct_access.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "posix_file.h"

namespace seabag::providers {
namespace {

constexpr const char* kOperation = "open";

/// A path as the kernel takes it.
class Terminated {
 public:
  explicit Terminated(std::string_view path) {
    std::memcpy(bytes_.data(), path.data(), path.size());
    bytes_[path.size()] = '\0';
  }
  [[nodiscard]] const char* get() const { return bytes_.data(); }

 private:
  std::array<char, vfs::kMaxPathLength> bytes_;  // not initialised: most paths are short
};

}  // namespace

std::unique_ptr<vfs::File> DirectAccess::open_path(std::string_view path) {
  const Terminated terminated(path);
  Descriptor opened = tree_.resolver().open_at_once(terminated.get(), Resolver::Purpose::read);
  if (!opened.is_open()) {
    return nullptr;
  }
  const auto status = status_of(opened.get(), kOperation);
  const bool is_usable = status && status->attributes.type == vfs::FileType::regular &&
                         tree_.check_mount(*status, kOperation) &&
                         tree_.check_links(*status, Tree::Wanted::read, kOperation);
  const auto node = is_usable ? tree_.nodes().find_at(*status, path) : std::nullopt;
  if (!node) {
    return nullptr;
  }
  return std::make_unique<DirectoryFile>(tree_, *node, std::move(opened),
                                         NodeTable::Opened::reading);
}

Result<vfs::Attributes> DirectAccess::path_attributes(std::string_view path) {
  const Terminated terminated(path);
  Status status = SEABAG_TRY(look(terminated.get(), path));
  SEABAG_TRY(tree_.check_mount(status, kOperation));
  const auto node = status.attributes.type == vfs::FileType::symlink
                        ? std::nullopt
                        : tree_.nodes().find_at(status, path);
  if (!node) {
    return errno_error(ESTALE, kOperation);
  }
  status.attributes.node = *node;
  return status.attributes;
}

/// `names` is the same path.
Result<Status> DirectAccess::look(const char* path, std::string_view names) const {
  if (names.find('/') == std::string_view::npos) {
    return status_at(tree_.root(), path, kOperation);
  }
  const Descriptor found = tree_.resolver().open_at_once(path, Resolver::Purpose::look);
  if (!found.is_open()) {
    return errno_error(ENOENT, kOperation);
  }
  return status_of(found.get(), kOperation);
}

}  // namespace seabag::providers
