#include "table_writer.h"

#include <algorithm>
#include <limits>
#include <string>

#include "path_index.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/vfs/node.h"

namespace seabag::bundle {
namespace {

/// Tables start at cache lines.
constexpr std::uint64_t kTableAlignment = 64;
/// A path of this length or more cannot be asked for.
constexpr std::size_t kPathLimit = vfs::kMaxPathLength;

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
    SEABAG_TRY(section(Section::entries, [&] { return write_entries(); }));
    SEABAG_TRY(section(Section::names, [&] { return write_names(); }));
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

  /// A directory's path is stored where it can be asked for; else its name alone.
  std::size_t stored_path_length(std::uint32_t entry) const {
    const std::size_t length = tree_.path_length(entry);
    return length < kPathLimit ? length : 0;
  }

  Result<void> write_entries() {
    std::uint32_t next_child = 1;
    std::uint64_t name_offset = 0;
    seen_.resize(registered_.contents.size());
    for (const std::uint32_t place : layout_.order) {
      const PendingEntry& pending = tree_.entries[place];
      Entry entry{.name_length = pending.name_length,
                  .kind = pending.kind,
                  .mode = pending.mode,
                  .parent = layout_.position[pending.parent],
                  .links = pending.links,
                  .modified = {.seconds = pending.seconds, .nanoseconds = pending.nanoseconds},
                  .headers = pending.headers};
      SEABAG_TRY(check_references(place));
      count_entry(pending);
      std::uint64_t name_at = name_offset;
      name_offset += pending.name_length;
      switch (pending.kind) {
        case EntryKind::regular:
          entry.reference = pending.reference;
          break;
        case EntryKind::directory:
          entry.path_length = static_cast<std::uint16_t>(stored_path_length(place));
          name_at += entry.path_length == 0 ? 0U : entry.path_length - pending.name_length;
          name_offset = name_at + pending.name_length;
          entry.reference = next_child;
          entry.count = pending.count;
          next_child += pending.count;
          break;
        case EntryKind::symlink:
          entry.reference = static_cast<std::uint32_t>(name_offset);
          entry.count = pending.count;
          name_offset += pending.count;
          break;
        case EntryKind::link:
          entry.reference = layout_.position[pending.reference];
          break;
      }
      if (name_offset > std::numeric_limits<std::uint32_t>::max()) {
        return make_error(std::errc::value_too_large, "write", {},
                          "a bundle holds 4 GiB of names and directory paths");
      }
      entry.name_offset = static_cast<std::uint32_t>(name_at);
      SEABAG_TRY(out_.append(encode_entry(entry)));
    }
    return {};
  }

  /// The texts whose offsets `write_entries` has told, in the same order.
  Result<void> write_names() {
    for (const std::uint32_t place : layout_.order) {
      const PendingEntry& pending = tree_.entries[place];
      if (pending.kind == EntryKind::directory && stored_path_length(place) != 0) {
        SEABAG_TRY(out_.append(bytes_of(tree_.path(place))));
        continue;
      }
      SEABAG_TRY(out_.append(bytes_of(tree_.name(pending))));
      if (pending.kind == EntryKind::symlink) {
        SEABAG_TRY(out_.append(bytes_of(tree_.target(pending))));
      }
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
