#include "seabag/bundle/tables.h"

#include "records.h"
#include "seabag/bundle/content_hash.h"

namespace seabag::bundle {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A part of a text, or none when it does not lie inside.
std::optional<std::string_view> part(std::string_view text, std::uint64_t offset,
                                     std::uint64_t length) {
  if (offset > text.size() || length > text.size() - offset) {
    return std::nullopt;
  }
  return text.substr(offset, length);
}

}  // namespace

Result<Tables> Tables::open(std::span<const std::byte> payload) {
  const Superblock block = SEABAG_TRY(decode_superblock(payload));
  const auto section = [&](Section which) {
    return payload.subspan(block.section(which).offset, block.section(which).length);
  };
  Tables tables;
  tables.payload_ = payload.first(block.payload_size);
  tables.entries_ = section(Section::entries);
  tables.contents_ = section(Section::contents);
  tables.variants_ = section(Section::variants);
  tables.headers_ = section(Section::headers);
  tables.index_ = section(Section::path_index);
  tables.names_ = as_text(section(Section::names));
  tables.header_text_ = as_text(section(Section::header_text));
  tables.config_ = as_text(section(Section::config));
  tables.entry_count_ = block.entries;
  tables.content_count_ = block.contents;
  tables.variant_count_ = block.variants;
  tables.headers_count_ = block.headers;
  tables.index_capacity_ = block.index_capacity;
  tables.index_longest_probe_ = block.index_longest_probe;
  return tables;
}

std::optional<Entry> Tables::entry(std::uint32_t index) const {
  if (index >= entry_count_) {
    return std::nullopt;
  }
  return decode_entry(&entries_[index * kEntrySize]);
}

std::optional<std::string_view> Tables::name(const Entry& entry) const {
  return part(names_, entry.name_offset, entry.name_length);
}

std::optional<std::string_view> Tables::directory_path(const Entry& entry) const {
  const std::uint64_t end = std::uint64_t{entry.name_offset} + entry.name_length;
  if (entry.path_length > end) {
    return std::nullopt;
  }
  return part(names_, end - entry.path_length, entry.path_length);
}

std::optional<std::string_view> Tables::link_target(const Entry& entry) const {
  return part(names_, entry.reference, entry.count);
}

std::optional<StoredContent> Tables::content(std::uint32_t index) const {
  if (index >= content_count_) {
    return std::nullopt;
  }
  const StoredContent content = decode_content(&contents_[index * kContentSize]);
  if (content.variant_count > variant_count_ ||
      content.first_variant > variant_count_ - content.variant_count) {
    return std::nullopt;
  }
  return content;
}

void Tables::prefetch(const Entry& entry) const {
  if (entry.name_offset < names_.size()) {
    __builtin_prefetch(&names_[entry.name_offset]);
  }
  if (entry.parent < entry_count_) {
    __builtin_prefetch(&entries_[entry.parent * kEntrySize]);
  }
  if (entry.kind == EntryKind::regular && entry.reference < content_count_) {
    __builtin_prefetch(&contents_[entry.reference * kContentSize]);
  }
}

std::optional<StoredVariant> Tables::variant(std::uint32_t index) const {
  if (index >= variant_count_) {
    return std::nullopt;
  }
  return decode_variant(&variants_[index * kVariantSize]);
}

std::optional<HeaderTexts> Tables::headers(std::uint16_t index) const {
  if (index >= headers_count_) {
    return std::nullopt;
  }
  const std::byte* record = &headers_[index * kHeadersSize];
  const auto fields = part(header_text_, load_le32(record), load_le32(record + 4));
  const auto not_modified = part(header_text_, load_le32(record + 8), load_le32(record + 12));
  if (!fields || !not_modified) {
    return std::nullopt;
  }
  return HeaderTexts{.fields = *fields, .not_modified_fields = *not_modified};
}

std::optional<std::span<const std::byte>> Tables::bytes(const Extent& extent) const {
  if (extent.offset < kSuperblockSize || extent.offset > payload_.size() ||
      extent.length > payload_.size() - extent.offset) {
    return std::nullopt;
  }
  return payload_.subspan(extent.offset, extent.length);
}

std::optional<Tables::IndexSlot> Tables::index_slot(std::uint64_t position) const {
  if (position >= index_.size() / kIndexSlotSize) {
    return std::nullopt;
  }
  const std::byte* slot = &index_[position * kIndexSlotSize];
  return IndexSlot{.entry = load_le32(slot), .tag = load_le16(slot + 4)};
}

// Told by the entry's own name and its directory's stored path.
bool Tables::has_path(const Entry& entry, std::string_view path) const {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || name(entry) != path.substr(slash + 1)) {
    return false;
  }
  const auto parent = this->entry(entry.parent);
  return parent && parent->kind == EntryKind::directory && (slash == 0) == (entry.parent == 0) &&
         directory_path(*parent) == path.substr(0, slash);
}

std::optional<IndexedEntry> Tables::find(std::string_view path) const {
  if (path == "/") {
    const auto root = entry(0);
    return root ? std::optional(IndexedEntry{.index = 0, .entry = *root}) : std::nullopt;
  }
  const std::uint64_t hash = path_hash(path);
  const std::uint16_t tag = index_tag(hash);
  const std::uint64_t home = index_home(hash, index_capacity_);
  for (std::uint64_t step = 0; step < index_longest_probe_; ++step) {
    const auto slot = index_slot(home + step);
    if (!slot || slot->entry == 0) {
      return std::nullopt;
    }
    if (slot->tag != tag) {
      continue;
    }
    const auto found = entry(slot->entry - 1);
    if (!found) {
      continue;
    }
    // Very likely the one that is wanted: what it refers to comes in while its name is compared.
    prefetch(*found);
    if (has_path(*found, path)) {
      return IndexedEntry{.index = slot->entry - 1, .entry = *found};
    }
  }
  return std::nullopt;
}

}  // namespace seabag::bundle
