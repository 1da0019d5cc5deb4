#include "support/bundle_builder.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>

#include "support/catch.h"
#include "support/temp_dir.h"

namespace seabag::testing {
namespace {

using bundle::ContentId;
using bundle::EntryId;
using bundle::HeadersId;

template <typename T>
T require(Result<T> result) {
  INFO((result ? std::string() : result.error().message()));
  REQUIRE(result);
  return std::move(result).take();
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Adds the nodes of a described tree to a bundle's.
class TreeAdder {
 public:
  TreeAdder(bundle::Writer& writer, const Tree& tree)
      : writer_(writer),
        described_(tree),
        html_(require(writer.add_headers(kHtmlFields, kHtmlNotModifiedFields))) {
    entries_[""] = bundle::kRootEntry;
  }

  bundle::Tree take() {
    for (const auto& [path, node] : described_.nodes()) {
      add(path, node);
    }
    return std::move(tree_);
  }

 private:
  /// A missing parent comes into being like those of testing::Tree.
  EntryId parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
    if (!entries_.contains(parent)) {
      entries_[parent] =
          require(tree_.add_directory(parent_of(parent), name_of(parent), {.mode = 0755}));
    }
    return entries_[parent];
  }

  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  void add(const std::string& path, const TreeNode& node) {
    const bundle::EntryAttributes attributes{
        .mode = node.mode,
        .modified = node.modified.value_or(vfs::Timestamp{}),
        .headers = path.ends_with(".html") ? html_ : bundle::kNoHeaders};
    const EntryId parent = parent_of(path);
    if (!node.hard_link_to.empty()) {
      entries_[path] = require(tree_.add_link(parent, name_of(path), entries_[node.hard_link_to]));
    } else if (node.type == vfs::FileType::directory) {
      entries_[path] = require(tree_.add_directory(parent, name_of(path), attributes));
    } else if (node.type == vfs::FileType::symlink) {
      entries_[path] = require(tree_.add_symlink(parent, name_of(path), attributes, node.target));
    } else {
      entries_[path] =
          require(tree_.add_file(parent, name_of(path), attributes, content_of(node.content)));
    }
  }

  ContentId content_of(const std::string& text) {
    const auto known = contents_.find(text);
    return known != contents_.end() ? known->second : contents_[text] = add_content(writer_, text);
  }

  bundle::Writer& writer_;
  const Tree& described_;
  bundle::Tree tree_;
  HeadersId html_;
  std::map<std::string, EntryId> entries_;
  std::map<std::string, ContentId> contents_;
};

}  // namespace

std::string stand_in(std::string_view content, std::string_view encoding) {
  return std::string(encoding) + ':' + std::string(content.substr(0, content.size() / 2));
}

ContentId add_content(bundle::Writer& writer, std::string_view content) {
  const bundle::Blob identity = require(writer.add_blob(bytes_of(content)));
  std::vector<bundle::Variant> variants;
  if (content.size() >= kVariantsFrom) {
    variants.push_back({.encoding = vfs::Encoding::gzip,
                        .blob = require(writer.add_blob(bytes_of(stand_in(content, "gzip"))))});
    variants.push_back({.encoding = vfs::Encoding::br,
                        .blob = require(writer.add_blob(bytes_of(stand_in(content, "br"))))});
  }
  return require(writer.add_content({.hash = bundle::content_hash(bytes_of(content)),
                                     .identity = identity,
                                     .variants = variants}));
}

bundle::WriteReport write_bundle(const Tree& tree, const std::filesystem::path& output,
                                 const BundleOptions& options) {
  int stub = bundle::kNoStub;
  if (!options.stub.empty()) {
    stub = open(options.stub.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(stub >= 0);
  }
  bundle::Writer writer =
      require(bundle::Writer::create(output.string(), stub,
                                     {.created = options.created,
                                      .producer = "test",
                                      .config = options.config,
                                      .durability = bundle::Durability::cached}));
  if (stub != bundle::kNoStub) {
    close(stub);
  }
  return require(writer.finish(TreeAdder(writer, tree).take()));
}

std::vector<std::byte> bundle_bytes(const Tree& tree, const BundleOptions& options) {
  const TempDir directory;
  write_bundle(tree, directory / "bundle", options);
  return file_bytes(directory / "bundle");
}

std::vector<std::byte> file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  INFO(path.string());
  REQUIRE(file.is_open());
  // At once: a byte at a time takes seconds for an executable under a sanitizer.
  std::vector<std::byte> bytes(std::filesystem::file_size(path));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.gcount() == static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void write_file_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text_of(bytes);
  file.close();
  INFO(path.string());
  REQUIRE(file.good());
}

}  // namespace seabag::testing
