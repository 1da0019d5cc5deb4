#include "seabag/vfs/shortcuts.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>

#include "seabag/vfs/path.h"

namespace seabag::vfs {
namespace {

constexpr std::size_t kReadStep = std::size_t{64} * 1024;

/// The first buffer: the whole file and one byte more, so that a file that does not change is read
/// to its end in one call. A huge size is only believed as far as bytes arrive.
std::size_t first_buffer(std::uint64_t size) {
  constexpr std::uint64_t kBelieved = std::uint64_t{256} * 1024 * 1024;
  return static_cast<std::size_t>(std::min(size, kBelieved)) + 1;
}

Result<std::string> read_all(const File& file) {
  std::string bytes(first_buffer(SEABAG_TRY(file.attributes()).size), '\0');
  std::size_t filled = 0;
  while (true) {
    const std::span<char> room(bytes.data() + filled, bytes.size() - filled);
    const std::size_t got = SEABAG_TRY(file.read_at(std::as_writable_bytes(room), filled));
    filled += got;
    if (got < room.size()) {
      bytes.resize(filled);
      return bytes;
    }
    bytes.resize(bytes.size() + std::max(kReadStep, bytes.size() / 2));
  }
}

Result<void> create_one(Namespace& files, std::string_view path, const CreateOptions& options) {
  auto made = create_directory(files, path, options);
  if (made) {
    return {};
  }
  if (made.error().is(std::errc::file_exists)) {
    const auto there = files.stat(path);
    if (there && there->type == FileType::directory) {
      return {};
    }
  }
  return std::move(made).error();
}

}  // namespace

Result<bool> exists(const Namespace& files, std::string_view path) {
  auto found = files.stat(path);
  if (found) {
    return true;
  }
  if (found.error().is(std::errc::no_such_file_or_directory) ||
      found.error().is(std::errc::not_a_directory)) {
    return false;
  }
  return std::move(found).error();
}

Result<std::string> read_file(const Namespace& files, std::string_view path) {
  const std::unique_ptr<File> file = SEABAG_TRY(files.open(path));
  return read_all(*file);
}

Result<void> write_file(Namespace& files, std::string_view path, std::string_view bytes,
                        CreateOptions options) {
  const std::unique_ptr<WritableFile> file = SEABAG_TRY(files.open_writable(
      path, {.create = CreateMode::if_missing, .truncate = true, .node = options}));
  const std::size_t written = SEABAG_TRY(file->write_at(std::as_bytes(std::span(bytes)), 0));
  if (written < bytes.size()) {
    return make_error(std::errc::no_space_on_device, "write", path);
  }
  return {};
}

Result<Attributes> create_directory(Namespace& files, std::string_view path,
                                    CreateOptions options) {
  return files.create(
      path,
      {.type = FileType::directory, .mode = options.mode, .uid = options.uid, .gid = options.gid});
}

Result<void> create_directories(Namespace& files, std::string_view path, CreateOptions options) {
  SEABAG_TRY(check_path(path, "create_directories"));
  PathComponents components(path);
  while (!components.is_at_end()) {
    const std::string_view name = components.next();
    if (name == "." || name == "..") {
      continue;
    }
    const auto length = static_cast<std::size_t>(name.data() + name.size() - path.data());
    if (auto made = create_one(files, path.substr(0, length), options); !made) {
      Error error = std::move(made).error();
      error.path = path;
      return error;
    }
  }
  return {};
}

Result<Attributes> create_symlink(Namespace& files, std::string_view target,
                                  std::string_view path) {
  return files.create(path, {.type = FileType::symlink, .mode = 0777, .target = target});
}

Result<void> unlink(Namespace& files, std::string_view path) {
  return files.remove(path, RemoveKind::file);
}

Result<void> remove_directory(Namespace& files, std::string_view path) {
  return files.remove(path, RemoveKind::directory);
}

Result<Attributes> set_mode(Namespace& files, std::string_view path, std::uint32_t mode) {
  return files.set_attributes(path, {.mode = mode});
}

Result<Attributes> set_times(Namespace& files, std::string_view path, NewTime accessed,
                             NewTime modified) {
  return files.set_attributes(path, {.accessed = accessed, .modified = modified});
}

}  // namespace seabag::vfs
