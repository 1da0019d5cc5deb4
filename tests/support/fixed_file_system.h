#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/vfs/file_system.h"

namespace seabag::testing {

/// Another file system that says of itself that it never changes, as a packed app does.
class FixedFileSystem final : public vfs::FileSystem {
 public:
  explicit FixedFileSystem(std::shared_ptr<vfs::FileSystem> inner)
      : inner_(std::move(inner)), capabilities_(inner_->capabilities()) {
    capabilities_.immutable = true;
  }

  const vfs::Capabilities& capabilities() const override { return capabilities_; }
  Result<vfs::Attributes> lookup(vfs::NodeId parent, std::string_view name) override {
    return inner_->lookup(parent, name);
  }
  Result<vfs::Attributes> attributes(vfs::NodeId node) override { return inner_->attributes(node); }
  Result<std::unique_ptr<vfs::File>> open(vfs::NodeId node) override { return inner_->open(node); }
  Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId directory, std::uint64_t cookie,
                                                std::size_t limit) override {
    return inner_->list(directory, cookie, limit);
  }
  Result<std::string> read_link(vfs::NodeId node) override { return inner_->read_link(node); }
  Result<std::string> xattr(vfs::NodeId node, std::string_view name) override {
    return inner_->xattr(node, name);
  }
  Result<std::vector<std::string>> xattrs(vfs::NodeId node) override {
    return inner_->xattrs(node);
  }
  Result<vfs::Statistics> statistics() override { return inner_->statistics(); }

 private:
  std::shared_ptr<vfs::FileSystem> inner_;
  vfs::Capabilities capabilities_;
};

}  // namespace seabag::testing
