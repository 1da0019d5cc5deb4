#include "table_writer.h"

#include <string>

#include "entry_table.h"
#include "path_index.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/vfs/node.h"

namespace seabag::bundle {
namespace {

/// Tables start at cache lines.
constexpr std::uint64_t kTableAlignment = 64;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class TableWriter {
 public:
  TableWriter(PayloadStream& out, const Tree::State& tree, const Registered& registered,
              Superblock& superblock)
      : out_(out), tree_(tree), registered_(registered), superblock_(superblock) {}

  Result<void> write(std::string_view config) {
    SEABAG_TRY(out_.align(kBlobAlignment));
    layout_ = SEABAG_TRY(lay_out(tree_));
    SEABAG_TRY(take_stock());
    EntryTable entries(tree_, layout_);
    SEABAG_TRY(section(Section::entries, [&] { return entries.write_entries(out_); }));
    SEABAG_TRY(section(Section::names, [&] { return entries.write_names(out_); }));
    SEABAG_TRY(section(Section::contents, [&] { return write_records(registered_.contents); }));
    SEABAG_TRY(section(Section::variants, [&] { return write_records(registered_.variants); }));
    SEABAG_TRY(section(Section::headers, [&] { return write_records(registered_.headers); }));
    SEABAG_TRY(section(Section::header_text,
                       [&] { return out_.append(bytes_of(registered_.header_text)); }));
    SEABAG_TRY(section(Section::path_index, [&] { return write_index(); }));
    SEABAG_TRY(section(Section::config, [&] { return out_.append(bytes_of(config)); }));
    SEABAG_TRY(out_.align(kTableAlignment));
    superblock_.entries = static_cast<std::uint32_t>(tree_.entries.size());
    superblock_.contents = static_cast<std::uint32_t>(registered_.contents.size());
    superblock_.variants = static_cast<std::uint32_t>(registered_.variants.size());
    superblock_.headers = static_cast<std::uint32_t>(registered_.headers.size());
    count_forms();
    return {};
  }

 private:
  template <typename Write>
  Result<void> section(Section which, Write write) {
    SEABAG_TRY(out_.align(kTableAlignment));
    Extent& extent = superblock_.section(which);
    extent.offset = out_.position();
    SEABAG_TRY(write());
    extent.length = out_.position() - extent.offset;
    return {};
  }

  template <typename Records>
  Result<void> write_records(const Records& records) {
    for (const auto& record : records) {
      SEABAG_TRY(out_.append(record));
    }
    return {};
  }

  Result<void> write_index() {
    PathIndexBuilder index(tree_.entries.size() - 1);
    std::uint32_t next_child = 1;
    std::string path;
    for (const std::uint32_t place : layout_.order) {
      const PendingEntry& directory = tree_.entries[place];
      if (directory.kind != EntryKind::directory) {
        continue;
      }
      path = tree_.path(place) + '/';
      const std::size_t stem = path.size();
      for (std::uint32_t i = next_child; i < next_child + directory.count; ++i) {
        path.resize(stem);
        path += tree_.name(tree_.entries[layout_.order[i]]);
        if (path.size() < kPathLimit) {
          index.add(path_hash(path), i);
        }
      }
      next_child += directory.count;
    }
    return index.write(out_, superblock_);
  }

  /// Checks what the entries refer to, and counts them.
  Result<void> take_stock() {
    seen_.resize(registered_.contents.size());
    for (const std::uint32_t place : layout_.order) {
      SEABAG_TRY(check_references(place));
      count_entry(tree_.entries[place]);
    }
    return {};
  }

  Result<void> check_references(std::uint32_t place) const {
    const PendingEntry& entry = tree_.entries[place];
    const bool has_content =
        entry.kind != EntryKind::regular || entry.reference < registered_.contents.size();
    if (!has_content || entry.headers >= registered_.headers.size()) {
      return make_error(std::errc::invalid_argument, "add", tree_.path(place),
                        "its content or headers were never added");
    }
    return {};
  }

  void count_entry(const PendingEntry& entry) {
    Totals& totals = superblock_.totals;
    switch (entry.kind) {
      case EntryKind::regular: {
        const std::uint64_t length =
            decode_content(registered_.contents[entry.reference].data()).identity.length;
        ++totals.files;
        totals.content_bytes += length;
        if (seen_[entry.reference]) {
          ++totals.deduplicated;
          totals.deduplicated_bytes += length;
        }
        seen_[entry.reference] = true;
        break;
      }
      case EntryKind::directory:
        ++totals.directories;
        break;
      case EntryKind::symlink:
        ++totals.symlinks;
        break;
      case EntryKind::link:
        ++totals.hard_links;
        break;
    }
  }

  void count_forms() {
    auto& encodings = superblock_.totals.encodings;
    for (const ContentBytes& content : registered_.contents) {
      ++encodings[0].count;
      encodings[0].bytes += decode_content(content.data()).identity.length;
    }
    for (const VariantBytes& bytes : registered_.variants) {
      if (const auto variant = decode_variant(bytes.data())) {
        auto& total = encodings[static_cast<std::size_t>(variant->encoding)];
        ++total.count;
        total.bytes += variant->blob.length;
      }
    }
  }

  PayloadStream& out_;
  const Tree::State& tree_;
  const Registered& registered_;
  Superblock& superblock_;
  TreeLayout layout_;
  std::vector<bool> seen_;  ///< contents that a file has used
};

}  // namespace

Result<void> write_tables(PayloadStream& out, const Tree::State& tree, const Registered& registered,
                          std::string_view config, Superblock& superblock) {
  return TableWriter(out, tree, registered, superblock).write(config);
}

}  // namespace seabag::bundle
