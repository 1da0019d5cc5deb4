#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "seabag/vfs/asset_source.h"

namespace seabag::test {

/// Assets that a test writes down, for servers: add everything first, then serve. Safe for
/// concurrent use after that.
class FixedAssets final : public vfs::AssetSource {
 public:
  FixedAssets() = default;
  FixedAssets(FixedAssets&&) = default;  ///< and no copy: assets hold views
  FixedAssets& operator=(FixedAssets&&) = default;

  /// One asset; `fields` are its rendered header lines.
  void add(const std::string& path, std::string content,
           std::string fields = "Content-Type: text/plain; charset=utf-8\r\n") {
    Entry& entry = entries_[path];
    entry.fields = std::move(fields);
    set(entry, vfs::Encoding::identity, std::move(content));
    entry.asset.header_fields = entry.fields;
    entry.asset.modified = {.seconds = 784'111'777, .nanoseconds = 0};
    entry.asset.content_hash = hash_of(entry.content[0]);
  }

  /// Another representation of an asset that has been added. `bytes` need not decode.
  void add_variant(const std::string& path, vfs::Encoding encoding, std::string bytes) {
    set(entries_.at(path), encoding, std::move(bytes));
  }

  void add_directory(const std::string& path) {
    entries_[path].asset.type = vfs::FileType::directory;
  }

  /// For what `add` does not set.
  vfs::Asset& asset(const std::string& path) { return entries_.at(path).asset; }

  [[nodiscard]] Result<vfs::Asset> find(std::string_view path) const override {
    const auto entry = entries_.find(path);
    if (entry == entries_.end()) {
      return Error{.code = make_error_code(std::errc::no_such_file_or_directory)};
    }
    return entry->second.asset;
  }

 private:
  struct Entry {
    std::string fields;
    std::array<std::string, vfs::kEncodingCount> content;
    vfs::Asset asset;
  };

  static void set(Entry& entry, vfs::Encoding encoding, std::string bytes) {
    const auto index = static_cast<std::size_t>(encoding);
    entry.content[index] = std::move(bytes);
    vfs::Representation& representation = entry.asset.representations[index];
    representation.present = true;
    representation.length = entry.content[index].size();
    representation.bytes = std::as_bytes(std::span<const char>(entry.content[index]));
  }

  /// Any function of the content will do here, a fast one if it can be.
  static std::array<std::byte, 16> hash_of(std::string_view content) {
    std::array<std::byte, 16> hash{};
    for (std::size_t i = 0; i < content.size() && i < 1024; ++i) {
      hash[i % hash.size()] ^= static_cast<std::byte>(content[i]);
    }
    return hash;
  }

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace seabag::test
