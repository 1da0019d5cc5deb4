// A table of paths as a file system: all that a provider of one's own has to be.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace vfs = seabag::vfs;
using seabag::make_error, seabag::Result;

struct Row {
  std::string path;  ///< without a leading slash
  vfs::Attributes about;
  std::string bytes;  ///< a file's content, a symlink's target
};

/// Reads a row; `rows_` of the file system owns it.
class RowFile final : public vfs::File {
 public:
  explicit RowFile(const Row& row) : row_(row) {}
  Result<std::size_t> read_at(std::span<std::byte> to, std::uint64_t offset) const override {
    const std::size_t start = std::min<std::uint64_t>(offset, row_.bytes.size());
    return row_.bytes.copy(reinterpret_cast<char*>(to.data()), to.size(), start);
  }
  Result<vfs::Attributes> attributes() const override { return row_.about; }
  Result<std::uint64_t> find_extent(vfs::ExtentKind kind, std::uint64_t offset) const override {
    const std::uint64_t size = row_.bytes.size();
    return offset < size ? Result(kind == vfs::ExtentKind::data ? offset : size)
                         : make_error(std::errc::no_such_device_or_address, "find_extent");
  }

 private:
  const Row& row_;
};

class TableFileSystem final : public vfs::FileSystem {
 public:
  /// The row of each directory, the root's (an empty path) included, must be there too.
  explicit TableFileSystem(std::vector<Row> rows) : rows_(std::move(rows)) {
    std::ranges::sort(rows_, {}, &Row::path);
    for (std::uint64_t inode = 1; Row & row : rows_) {
      row.about.node = vfs::NodeId{inode};
      row.about.inode = inode++;
      row.about.size = row.bytes.size();
    }
  }
  const vfs::Capabilities& capabilities() const override { return capabilities_; }
  Result<vfs::Attributes> lookup(vfs::NodeId parent, std::string_view name) override {
    SEABAG_TRY(vfs::check_name(name, "lookup"));
    const std::string path = SEABAG_TRY(directory(parent, "lookup")).append(name);
    const auto found = std::ranges::lower_bound(rows_, path, {}, &Row::path);
    return found != rows_.end() && found->path == path
               ? Result(found->about)
               : make_error(std::errc::no_such_file_or_directory, "lookup");
  }
  Result<vfs::Attributes> attributes(vfs::NodeId node) override {
    return SEABAG_TRY(row(node, "attributes"))->about;
  }
  Result<std::unique_ptr<vfs::File>> open(vfs::NodeId node) override {
    const Row& found = *SEABAG_TRY(row(node, "open"));
    SEABAG_TRY(vfs::check_openable(found.about.type, "open"));
    return std::unique_ptr<vfs::File>(std::make_unique<RowFile>(found));
  }
  Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId node, std::uint64_t cookie,
                                                std::size_t limit) override {
    const std::string above = SEABAG_TRY(directory(node, "list"));
    std::vector<vfs::DirectoryEntry> entries;
    for (std::uint64_t at = std::max<std::uint64_t>(cookie, 1); at < rows_.size(); ++at) {
      const auto& [path, about, bytes] = rows_[at];
      const bool is_child = path.starts_with(above) && path.find('/', above.size()) == path.npos;
      if (is_child && entries.size() < limit) {
        std::string name = path.substr(above.size());
        entries.push_back({std::move(name), about.node, about.inode, about.type, at + 1});
      }
    }
    return entries;
  }
  Result<std::string> read_link(vfs::NodeId node) override {
    const Row& found = *SEABAG_TRY(row(node, "read_link"));
    return found.about.type == vfs::FileType::symlink
               ? Result(found.bytes)
               : make_error(std::errc::invalid_argument, "read_link");
  }
  Result<std::string> xattr(vfs::NodeId node, std::string_view /*name*/) override {
    return make_error(row(node, "xattr") ? seabag::kNoAttribute : seabag::kStaleNode, "xattr");
  }
  Result<std::vector<std::string>> xattrs(vfs::NodeId node) override {
    (void)SEABAG_TRY(row(node, "xattrs"));
    return std::vector<std::string>();
  }
  Result<vfs::Statistics> statistics() override { return vfs::Statistics{}; }

 private:
  Result<const Row*> row(vfs::NodeId node, const char* operation) const {
    const std::uint64_t at = static_cast<std::uint64_t>(node) - 1;  // 0 wraps around, far outside
    return at < rows_.size() ? Result(&rows_[at]) : make_error(seabag::kStaleNode, operation);
  }
  /// What the paths of a directory's entries start with.
  Result<std::string> directory(vfs::NodeId node, const char* operation) const {
    const Row& found = *SEABAG_TRY(row(node, operation));
    return found.about.type == vfs::FileType::directory
               ? Result(found.path.empty() ? found.path : found.path + "/")
               : make_error(std::errc::not_a_directory, operation);
  }

  vfs::Capabilities capabilities_ = {.immutable = true};
  std::vector<Row> rows_;  ///< sorted by path: node N is at N - 1
};
