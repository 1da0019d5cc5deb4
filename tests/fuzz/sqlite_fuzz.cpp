// A database from anywhere: checked, opened, walked, changed, and repaired. Whatever it holds, no
// call may do worse than fail.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "seabag/providers/sqlite.h"
#include "seabag/providers/sqlite_check.h"
#include "seabag/vfs/path.h"

namespace {

using namespace seabag;

constexpr std::size_t kMostNodes = 64;
constexpr std::size_t kMostEntries = 64;

/// A directory of its own, removed when the process ends.
class Place {
 public:
  Place() {
    std::string name = "/tmp/seabag-fuzz-XXXXXX";
    if (::access("/dev/shm", W_OK) == 0) {
      name = "/dev/shm/seabag-fuzz-XXXXXX";
    }
    directory_ = ::mkdtemp(name.data()) == nullptr ? "." : name;
  }
  ~Place() {
    std::error_code ignored;  // nobody is left to tell
    std::filesystem::remove_all(directory_, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// The bytes as a database without a log.
  std::string put(const std::uint8_t* data, std::size_t size) const {
    const std::string path = directory_ + "/x.db";
    std::remove((path + "-wal").c_str());
    std::remove((path + "-shm").c_str());
    std::remove((path + "-journal").c_str());
    std::FILE* file = std::fopen(path.c_str(), "wb");
    const bool is_written =
        file != nullptr && (size == 0 || std::fwrite(data, 1, size, file) == size);
    if (!is_written || std::fclose(file) != 0) {
      std::abort();
    }
    return path;
  }

 private:
  std::string directory_;
};

// Every result below may be an error; only that the call comes back is of interest.

void read_file(vfs::FileSystem& files, const vfs::Attributes& attributes) {
  const auto file = files.open(attributes.node);
  if (!file) {
    return;
  }
  std::array<std::byte, 5000> buffer{};
  for (const std::uint64_t offset : {std::uint64_t{0}, attributes.size / 2, attributes.size - 1}) {
    const auto count = (*file)->read_at(buffer, offset);
    if (count && *count > buffer.size()) {
      std::abort();
    }
  }
  (void)(*file)->find_extent(vfs::ExtentKind::data, 0);
  (void)(*file)->find_extent(vfs::ExtentKind::hole, attributes.size / 2);
}

void change_file(vfs::WritableFileSystem& files, const vfs::Attributes& attributes) {
  const auto file = files.open_writable(attributes.node);
  if (!file) {
    return;
  }
  const std::array<std::byte, 700> bytes{};
  (void)(*file)->append(bytes);
  (void)(*file)->write_at(bytes, 3);
  (void)(*file)->allocate(vfs::AllocateMode::punch_hole, 1, 600);
  (void)(*file)->resize(10);
}

void visit(vfs::WritableFileSystem& files, vfs::NodeId directory, const std::string& name) {
  const auto found = files.lookup(directory, name);
  if (!found) {
    return;
  }
  (void)files.read_link(found->node);
  if (const auto names = files.xattrs(found->node)) {
    for (const std::string& xattr : *names) {
      (void)files.xattr(found->node, xattr);
    }
  }
  read_file(files, *found);
  change_file(files, *found);
  (void)files.set_xattr(found->node, "user.a", "1", vfs::XattrMode::any);
  (void)files.link(found->node, vfs::kRootNode, "fuzz link");
  (void)files.rename(directory, name, vfs::kRootNode, "fuzz", vfs::RenameMode::replace);
}

void walk(vfs::WritableFileSystem& files) {
  std::vector<vfs::NodeId> directories{vfs::kRootNode};
  for (std::size_t next = 0; next < directories.size() && next < kMostNodes; ++next) {
    const vfs::NodeId directory = directories[next];
    const auto entries = files.list(directory, 0, kMostEntries);
    if (!entries) {
      continue;
    }
    for (const vfs::DirectoryEntry& entry : *entries) {
      if (!vfs::is_valid_name(entry.name)) {
        std::abort();
      }
      if (entry.type == vfs::FileType::directory) {
        directories.push_back(entry.node);
      }
    }
    (void)files.create(directory, "fuzz new", {});
    for (const vfs::DirectoryEntry& entry : *entries) {
      visit(files, directory, entry.name);
    }
    (void)files.remove(directory, "fuzz new", vfs::RemoveKind::file);
  }
  (void)files.statistics();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Place place;
  const std::string path = place.put(data, size);
  (void)providers::check_sqlite_file_system(path, providers::SqliteCheckMode::look);
  {
    const auto files = providers::open_sqlite_file_system(path);
    if (files) {
      walk(**files);
    }
  }
  (void)place.put(data, size);
  (void)providers::check_sqlite_file_system(path, providers::SqliteCheckMode::repair);
  return 0;
}
