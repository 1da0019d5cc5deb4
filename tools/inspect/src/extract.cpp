#include "seabag/inspect/extract.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seabag/inspect/tree_walk.h"
#include "seabag/providers/directory.h"

namespace seabag::inspect {

namespace {

constexpr std::size_t kCopyBuffer = 256 * 1024;

// Makes the directory; true when it was not there.
Result<bool> make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) {
    return true;
  }
  if (errno == EEXIST) {
    return false;
  }
  return errno_error(errno, "mkdir", path);
}

class Extractor {
 public:
  Extractor(vfs::FileSystem& from, vfs::WritableFileSystem& to, const ExtractOptions& options)
      : from_(from), to_(to), options_(options), buffer_(kCopyBuffer) {}

  Result<ExtractReport> run(bool owns_root) {
    if (owns_root) {
      finished_later_.push_back(
          {vfs::kRootNode, SEABAG_TRY(from_.attributes(vfs::kRootNode)), "/"});
    }
    levels_.push_back({.node = vfs::kRootNode, .source = vfs::kRootNode, .name = {}});
    TreeWalk walk(from_, vfs::kRootNode, "/");
    while (const TreeWalk::Item* item = SEABAG_TRY(walk.next())) {
      levels_.resize(item->depth + 1);
      auto visited = visit(*item);
      if (!visited) {
        return with_path(std::move(visited).error(), item->path);
      }
    }
    return finish();
  }

 private:
  // A directory on the way to the item that is being visited.
  struct Level {
    std::optional<vfs::NodeId> node = {};  ///< in the destination, once it is needed
    vfs::NodeId source{};
    std::string name = {};
    bool is_wanted = false;
  };
  struct Finish {
    vfs::NodeId node{};
    vfs::Attributes source;
    std::string path;
  };

  Result<void> visit(const TreeWalk::Item& item) {
    const bool is_wanted =
        !options_.is_wanted || levels_.back().is_wanted || options_.is_wanted(item.path);
    if (item.entry.type == vfs::FileType::directory) {
      levels_.push_back(
          {.source = item.entry.node, .name = item.entry.name, .is_wanted = is_wanted});
      return is_wanted ? make_levels() : Result<void>();
    }
    if (!is_wanted) {
      return {};
    }
    SEABAG_TRY(make_levels());
    return copy(*levels_.back().node, item.entry);
  }

  // Makes the directories that lead to the current one; those that nothing is wanted of never are.
  Result<void> make_levels() {
    for (std::size_t depth = 1; depth < levels_.size(); ++depth) {
      Level& level = levels_[depth];
      if (!level.node) {
        level.node = SEABAG_TRY(make_level(*levels_[depth - 1].node, level));
      }
    }
    return {};
  }

  Result<vfs::NodeId> make_level(vfs::NodeId parent, const Level& level) {
    auto existing = to_.lookup(parent, level.name);
    if (existing && existing->type == vfs::FileType::directory) {
      return existing->node;
    }
    if (existing) {
      SEABAG_TRY(clear(parent, level.name));
    } else if (!existing.error().is(std::errc::no_such_file_or_directory)) {
      return std::move(existing).error();
    }
    // Open to nobody else, and writable, until it is filled.
    const vfs::Attributes made =
        SEABAG_TRY(to_.create(parent, level.name, new_node(vfs::FileType::directory, 0700)));
    finished_later_.push_back({made.node, SEABAG_TRY(from_.attributes(level.source)), level.name});
    ++report_.directories;
    return made.node;
  }

  Result<void> copy(vfs::NodeId parent, const vfs::DirectoryEntry& entry) {
    const vfs::Attributes source = SEABAG_TRY(from_.attributes(entry.node));
    auto existing = to_.lookup(parent, entry.name);
    if (existing) {
      SEABAG_TRY(clear(parent, entry.name));
    } else if (!existing.error().is(std::errc::no_such_file_or_directory)) {
      return std::move(existing).error();
    }
    const auto known = linked_.find(entry.node);
    if (known != linked_.end()) {
      SEABAG_TRY(to_.link(known->second, parent, entry.name));
      ++report_.files;
      return {};
    }
    const vfs::NodeId made =
        SEABAG_TRY(entry.type == vfs::FileType::symlink ? copy_symlink(parent, entry, source)
                                                        : copy_file(parent, entry, source));
    if (source.links > 1) {
      linked_.emplace(entry.node, made);
    }
    return {};
  }

  // Takes away what is in the place of a file or a new directory, if that is allowed.
  Result<void> clear(vfs::NodeId parent, const std::string& name) {
    if (options_.existing == Existing::refuse) {
      return make_error(std::errc::file_exists, "extract", {},
                        "use --force to overwrite, or choose another directory");
    }
    return to_.remove(parent, name, vfs::RemoveKind::file);
  }

  Result<vfs::NodeId> copy_symlink(vfs::NodeId parent, const vfs::DirectoryEntry& entry,
                                   const vfs::Attributes& source) {
    const std::string target = SEABAG_TRY(from_.read_link(entry.node));
    vfs::NewNode node = new_node(vfs::FileType::symlink, 0777);
    node.target = target;
    const vfs::Attributes made = SEABAG_TRY(to_.create(parent, entry.name, node));
    SEABAG_TRY(to_.set_attributes(made.node, {.modified = vfs::NewTime::at(source.modified)}));
    ++report_.symlinks;
    return made.node;
  }

  Result<vfs::NodeId> copy_file(vfs::NodeId parent, const vfs::DirectoryEntry& entry,
                                const vfs::Attributes& source) {
    const auto input = SEABAG_TRY(from_.open(entry.node));
    const vfs::Attributes made =
        SEABAG_TRY(to_.create(parent, entry.name, new_node(vfs::FileType::regular, 0600)));
    {
      const auto output = SEABAG_TRY(to_.open_writable(made.node));
      SEABAG_TRY(copy_data(*input, *output, source.size));
    }
    SEABAG_TRY(to_.set_attributes(
        made.node, {.mode = source.mode, .modified = vfs::NewTime::at(source.modified)}));
    ++report_.files;
    report_.bytes += source.size;
    return made.node;
  }

  // Copies what is data and leaves out what is a hole.
  Result<void> copy_data(const vfs::File& input, vfs::WritableFile& output, std::uint64_t size) {
    SEABAG_TRY(output.resize(size));
    std::uint64_t offset = 0;
    while (offset < size) {
      auto start = input.find_extent(vfs::ExtentKind::data, offset);
      if (!start) {
        const bool is_end = start.error().is(std::errc::no_such_device_or_address);
        return is_end ? Result<void>() : std::move(start).error();
      }
      const std::uint64_t end = SEABAG_TRY(input.find_extent(vfs::ExtentKind::hole, *start));
      SEABAG_TRY(copy_extent(input, output, *start, std::min(end, size)));
      offset = std::max(end, *start + 1);
    }
    return {};
  }

  Result<void> copy_extent(const vfs::File& input, vfs::WritableFile& output, std::uint64_t offset,
                           std::uint64_t end) {
    while (offset < end) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), end - offset));
      const std::size_t count = SEABAG_TRY(input.read_at(std::span(buffer_).first(wanted), offset));
      if (count == 0) {
        return make_error(std::errc::io_error, "read", {}, "the file is shorter than it says");
      }
      const std::size_t written =
          SEABAG_TRY(output.write_at(std::span(buffer_).first(count), offset));
      if (written < count) {
        return make_error(std::errc::no_space_on_device, "write");
      }
      offset += count;
    }
    return {};
  }

  // Modes and times of directories come last, deepest first: filling one changes its time, and a
  // read-only one could not have been filled.
  Result<ExtractReport> finish() {
    for (auto each = finished_later_.rbegin(); each != finished_later_.rend(); ++each) {
      auto changed = to_.set_attributes(
          each->node,
          {.mode = each->source.mode, .modified = vfs::NewTime::at(each->source.modified)});
      if (!changed) {
        return with_path(std::move(changed).error(), each->path);
      }
    }
    return report_;
  }

  static vfs::NewNode new_node(vfs::FileType type, std::uint32_t mode) {
    return {.type = type, .mode = mode, .uid = geteuid(), .gid = getegid()};
  }

  vfs::FileSystem& from_;
  vfs::WritableFileSystem& to_;
  const ExtractOptions& options_;
  std::vector<std::byte> buffer_;
  std::vector<Level> levels_;
  std::vector<Finish> finished_later_;
  std::unordered_map<vfs::NodeId, vfs::NodeId> linked_;  ///< source with several names: its copy
  ExtractReport report_;
};

}  // namespace

Result<ExtractReport> extract(vfs::FileSystem& from, const std::string& directory,
                              const ExtractOptions& options) {
  const bool is_new = SEABAG_TRY(make_directory(directory));
  const auto to = SEABAG_TRY(providers::DirectoryFileSystem::open_root(directory));
  return Extractor(from, *to, options).run(is_new);
}

}  // namespace seabag::inspect
