#include "seabag/bundler/export.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "archive_writer.h"
#include "posix_new_file.h"
#include "seabag/bundler/failure.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kEntriesAtOnce = 1024;
constexpr std::size_t kPieceSize = 256U << 10U;

/// Walks a file system in the order of names and writes what it meets.
class Export {
 public:
  Export(vfs::FileSystem& source, ArchiveWriter writer)
      : source_(source), writer_(std::move(writer)), piece_(kPieceSize) {}

  Result<ExportReport> run() {
    pending_.push_back({.path = {}, .node = vfs::kRootNode});
    while (!pending_.empty()) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      const auto done = visit(next);
      if (!done) {
        return with_path(done.error(), "/" + next.path);
      }
    }
    SEABAG_TRY(writer_.finish());
    return report_;
  }

 private:
  struct Pending {
    std::string path;  ///< relative to the root, empty for the root itself
    vfs::NodeId node{};
  };

  /// Writes an entry, and puts the children of a directory in front of everything else pending.
  Result<void> visit(const Pending& item) {
    const vfs::Attributes attributes = SEABAG_TRY(source_.attributes(item.node));
    if (item.node != vfs::kRootNode) {
      SEABAG_TRY(write(item, attributes));
    }
    if (attributes.type != vfs::FileType::directory) {
      return {};
    }
    std::vector<vfs::DirectoryEntry> children = SEABAG_TRY(list(item.node));
    std::ranges::sort(children, std::ranges::greater{}, &vfs::DirectoryEntry::name);
    for (const vfs::DirectoryEntry& child : children) {
      pending_.push_back({.path = item.path.empty() ? child.name : item.path + "/" + child.name,
                          .node = child.node});
    }
    return {};
  }

  Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId directory) {
    std::vector<vfs::DirectoryEntry> all;
    for (std::uint64_t cookie = 0;;) {
      auto some = SEABAG_TRY(source_.list(directory, cookie, kEntriesAtOnce));
      if (some.empty()) {
        return all;
      }
      cookie = some.back().cookie;
      std::ranges::move(some, std::back_inserter(all));
    }
  }

  Result<void> write(const Pending& item, const vfs::Attributes& attributes) {
    switch (attributes.type) {
      case vfs::FileType::directory:
        ++report_.directories;
        return writer_.begin(item.path + "/", attributes, {}, {});
      case vfs::FileType::symlink:
        ++report_.symlinks;
        return writer_.begin(item.path, attributes, SEABAG_TRY(source_.read_link(item.node)), {});
      case vfs::FileType::regular:
        return write_file(item, attributes);
      default:
        return make_failure(Failure::special_file, "export", "/" + item.path,
                            "a fifo, socket or device cannot be exported; remove it first");
    }
  }

  Result<void> write_file(const Pending& item, const vfs::Attributes& attributes) {
    if (attributes.links > 1 && writer_.kind() == ArchiveKind::tar) {
      const auto [first, is_new] = first_names_.try_emplace(attributes.inode, item.path);
      if (!is_new) {
        ++report_.hard_links;
        return writer_.begin(item.path, attributes, {}, first->second);
      }
    }
    ++report_.files;
    report_.bytes_in += attributes.size;
    SEABAG_TRY(writer_.begin(item.path, attributes, {}, {}));
    const auto file = SEABAG_TRY(source_.open(item.node));
    for (std::uint64_t done = 0; done < attributes.size;) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(piece_.size(), attributes.size - done));
      const std::span<std::byte> piece(piece_.data(), wanted);
      if (SEABAG_TRY(file->read_at(piece, done)) < wanted) {
        return make_failure(Failure::changed_while_read, "export", "/" + item.path,
                            "it has become shorter; run it again");
      }
      SEABAG_TRY(writer_.write(piece));
      done += wanted;
    }
    return {};
  }

  vfs::FileSystem& source_;
  ArchiveWriter writer_;
  std::vector<std::byte> piece_;
  std::vector<Pending> pending_;                      ///< a stack: the next one is at the back
  std::map<std::uint64_t, std::string> first_names_;  ///< of files with several, by inode
  ExportReport report_;
};

}  // namespace

Result<ExportReport> export_archive(vfs::FileSystem& source, const std::string& output) {
  NewFile file = SEABAG_TRY(NewFile::create(output));
  auto writer = ArchiveWriter::open(output, file.descriptor());
  if (!writer) {
    return with_path(std::move(writer).error(), output);
  }
  ExportReport report = SEABAG_TRY(Export(source, std::move(*writer)).run());
  report.bytes_out = SEABAG_TRY(status_of(file.descriptor(), output)).size;
  SEABAG_TRY(file.publish());
  return report;
}

}  // namespace seabag::bundler
