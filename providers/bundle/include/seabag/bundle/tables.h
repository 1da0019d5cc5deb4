#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "seabag/bundle/content_hash.h"
#include "seabag/bundle/format.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

enum class EntryKind : std::uint8_t {
  regular = 1,
  directory = 2,
  symlink = 3,
  link = 4,  ///< a further name of the file or symlink `reference`
};

/// One name in one directory, with its node; entry 0 is the root. An entry's index is its node
/// number less 1.
struct Entry {
  std::uint32_t name_offset = 0;
  std::uint8_t name_length = 0;
  EntryKind kind = EntryKind::regular;
  std::uint16_t mode = 0;  ///< 07777
  std::uint32_t parent = 0;
  std::uint32_t links = 0;
  vfs::Timestamp modified;
  std::uint16_t headers = 0;
  /// Directories: bytes of the full path, whose end the name is; 0 for the root and where the path
  /// is too long to be asked for.
  std::uint16_t path_length = 0;
  /// regular: content; directory: first child; symlink: offset of the target among the names;
  /// link: entry.
  std::uint32_t reference = 0;
  /// directory: children; symlink: bytes of the target; 0 otherwise.
  std::uint32_t count = 0;
};

struct StoredContent {
  ContentHash hash{};
  Extent identity;
  std::uint32_t first_variant = 0;
  std::uint32_t variant_count = 0;
};

struct StoredVariant {
  vfs::Encoding encoding = vfs::Encoding::identity;
  Extent blob;
};

struct HeaderTexts {
  std::string_view fields;
  std::string_view not_modified_fields;
};

/// An entry and where it is. Unlike a node it may be a hard link's.
struct IndexedEntry {
  std::uint32_t index = 0;
  Entry entry;
};

/// The decoded tables of a payload, one record at a time and every one checked when asked for:
/// no answer means that the bundle is damaged there. Borrows the payload. Safe for concurrent use.
class Tables {
 public:
  /// Reads the superblock and nothing else. Errors as `decode_superblock`.
  [[nodiscard]] static Result<Tables> open(std::span<const std::byte> payload);

  [[nodiscard]] std::span<const std::byte> payload() const { return payload_; }
  [[nodiscard]] std::uint32_t entry_count() const { return entry_count_; }
  [[nodiscard]] std::uint32_t content_count() const { return content_count_; }
  [[nodiscard]] std::uint32_t variant_count() const { return variant_count_; }
  [[nodiscard]] std::uint32_t headers_count() const { return headers_count_; }
  [[nodiscard]] std::string_view config() const { return config_; }

  [[nodiscard]] std::optional<Entry> entry(std::uint32_t index) const;
  [[nodiscard]] std::optional<std::string_view> name(const Entry& entry) const;
  /// The stored full path of a directory; empty for the root.
  [[nodiscard]] std::optional<std::string_view> directory_path(const Entry& entry) const;
  [[nodiscard]] std::optional<std::string_view> link_target(const Entry& entry) const;

  [[nodiscard]] std::optional<StoredContent> content(std::uint32_t index) const;
  [[nodiscard]] std::optional<StoredVariant> variant(std::uint32_t index) const;
  [[nodiscard]] std::optional<HeaderTexts> headers(std::uint16_t index) const;
  [[nodiscard]] std::optional<std::span<const std::byte>> bytes(const Extent& extent) const;

  /// The entry with this full path, by the path index. Symlinks and hard links are not followed.
  [[nodiscard]] std::optional<IndexedEntry> find(std::string_view path) const;

 private:
  struct IndexSlot {
    std::uint32_t entry = 0;  ///< index + 1; 0: empty
    std::uint16_t tag = 0;
  };

  [[nodiscard]] std::optional<IndexSlot> index_slot(std::uint64_t position) const;
  [[nodiscard]] bool has_path(const Entry& entry, std::string_view path) const;
  void prefetch(const Entry& entry) const;

  std::span<const std::byte> payload_;  ///< owned by whoever opened it
  std::span<const std::byte> entries_;
  std::span<const std::byte> contents_;
  std::span<const std::byte> variants_;
  std::span<const std::byte> headers_;
  std::span<const std::byte> index_;
  std::string_view names_;
  std::string_view header_text_;
  std::string_view config_;
  std::uint32_t entry_count_ = 0;
  std::uint32_t content_count_ = 0;
  std::uint32_t variant_count_ = 0;
  std::uint32_t headers_count_ = 0;
  std::uint32_t index_capacity_ = 0;
  std::uint32_t index_longest_probe_ = 0;
};

}  // namespace seabag::bundle
