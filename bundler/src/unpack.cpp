#include "unpack.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "archive_entry_data.h"
#include "archive_reader.h"
#include "loader.h"
#include "seabag/bundler/failure.h"
#include "seabag/vfs/path.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kItemsPerBatch = 256;
/// Each keeps a scratch file open while its batch is under way.
constexpr std::size_t kStreamsPerBatch = 4;

/// A name from an archive, without `./`, doubled and final slashes; empty for the archive's root.
/// No result when it would lead out: absolute, or with `..`.
std::optional<std::string> inside_path(std::string_view path) {
  if (path.starts_with('/')) {
    return std::nullopt;
  }
  std::string result;
  vfs::PathComponents components(path);
  while (!components.is_at_end()) {
    const std::string_view name = components.next();
    if (name == ".") {
      continue;
    }
    if (name == "..") {
      return std::nullopt;
    }
    if (!result.empty()) {
      result += '/';
    }
    result += name;
  }
  return result;
}

/// One run over an archive.
class Unpacking {
 public:
  Unpacking(const SourcePlace& place, const ArchiveLimits& limits, const std::string& scratch,
            BatchSink& sink)
      : place_(place), limits_(limits), scratch_(scratch), sink_(sink) {
    prefix_ = place.what.prefix;
    while (prefix_.ends_with('/')) {
      prefix_.pop_back();
    }
  }

  Result<void> run() {
    const Descriptor file = SEABAG_TRY(open_to_read(place_.what.path));
    archive_size_ = SEABAG_TRY(status_of(file.get(), place_.what.path)).size;
    auto opened = ArchiveReader::open(file.get());
    if (!opened) {
      return about_archive(std::move(opened).error());
    }
    ArchiveReader reader = std::move(*opened);
    sink_.current().input = place_.input;
    while (is_wanted_) {
      const auto step = reader.next();
      if (!step) {
        return about_archive(step.error());
      }
      if (*step == ArchiveReader::Step::end) {
        return {};
      }
      SEABAG_TRY(take(reader));
    }
    return {};
  }

 private:
  [[nodiscard]] Error about_archive(Error error) const {
    return with_path(std::move(error), place_.what.path);
  }
  [[nodiscard]] Error refused(Failure failure, const ArchiveEntry& entry,
                              std::string_view why) const {
    return make_failure(failure, "unpack", place_.what.path,
                        "entry '" + entry.path + "' " + std::string(why));
  }

  Result<void> take(ArchiveReader& reader);
  Result<void> take_data(ArchiveReader& reader, Item& item);
  Result<void> add_piece(const ArchiveEntry& entry, const ArchivePiece& piece,
                         ArchiveEntryData& data);
  Result<std::uint64_t> size_of(const ArchiveEntry& entry, std::uint64_t end_offset,
                                std::uint64_t data_end) const;
  Result<void> check_name(const ArchiveEntry& entry, std::string_view path) const;
  void place_item(Item& item, std::string_view path);
  void make_room();

  const SourcePlace& place_;
  const ArchiveLimits& limits_;
  const std::string& scratch_;
  BatchSink& sink_;
  std::string prefix_;
  std::uint64_t archive_size_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t total_ = 0;     ///< sizes of the files before this one
  std::uint64_t unpacked_ = 0;  ///< bytes that came out, holes not counted
  bool is_wanted_ = true;
};

Result<void> Unpacking::check_name(const ArchiveEntry& entry, std::string_view path) const {
  vfs::PathComponents components(path);
  while (!components.is_at_end()) {
    if (components.next().size() > vfs::kMaxNameLength) {
      return refused(Failure::unsupported_name, entry, "has a name of more than 255 bytes");
    }
  }
  if (prefix_.size() + 1 + path.size() >= vfs::kMaxPathLength) {
    return refused(Failure::unsupported_name, entry, "has a path of more than 4095 bytes");
  }
  return {};
}

void Unpacking::make_room() {
  Batch& batch = sink_.current();
  if (batch.items.size() < kItemsPerBatch && batch.streams.size() < kStreamsPerBatch &&
      batch.bytes.used() + kInlineFileSize <= ByteArena::kCapacity) {
    return;
  }
  is_wanted_ = sink_.submit();
  sink_.current().input = place_.input;
}

/// Divides a path into the directory and the name, and puts both into the batch.
void Unpacking::place_item(Item& item, std::string_view path) {
  Batch& batch = sink_.current();
  const std::size_t slash = path.rfind('/');
  const std::string_view parent =
      slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (batch.directories.empty() || batch.directories.back().source != parent) {
    batch.directories.push_back(
        {.path = parent.empty() ? prefix_ : prefix_ + "/" + std::string(parent),
         .source = std::string(parent),
         .handle = nullptr});
  }
  item.directory = static_cast<std::uint32_t>(batch.directories.size() - 1);
  item.name_offset = batch.add_text(name);
  item.name_length = static_cast<std::uint32_t>(name.size());
}

Result<void> Unpacking::take(ArchiveReader& reader) {
  const ArchiveEntry& entry = reader.entry();
  if (++entries_ > limits_.entries) {
    return make_failure(Failure::archive_limit, "unpack", place_.what.path,
                        "it has more than " + std::to_string(limits_.entries) +
                            " entries; raise the limit if you trust it");
  }
  const auto path = inside_path(entry.path);
  if (!path) {
    return refused(Failure::archive_refused, entry,
                   "would be outside of the tree; make an archive with relative names");
  }
  SEABAG_TRY(check_name(entry, *path));
  const bool is_link = !entry.hard_link.empty();
  if (path->empty() && (is_link || entry.type != vfs::FileType::directory)) {
    return refused(Failure::archive_refused, entry, "has no name");
  }
  make_room();
  Item item{.mode = static_cast<std::uint16_t>(entry.mode), .modified = entry.modified};
  Batch& batch = sink_.current();
  place_item(item, *path);
  if (is_link) {
    const auto target = inside_path(entry.hard_link);
    if (!target) {
      return refused(Failure::archive_refused, entry, "is a hard link to outside of the tree");
    }
    const std::string packed = prefix_ + "/" + *target;
    item.kind = ItemKind::hard_link;
    item.target_offset = batch.add_text(packed);
    item.target_length = static_cast<std::uint32_t>(packed.size());
    SEABAG_TRY(take_data(reader, item));
  } else if (entry.type == vfs::FileType::directory) {
    item.kind = ItemKind::directory;
  } else if (entry.type == vfs::FileType::symlink) {
    if (!vfs::check_link_target(entry.link_target, "unpack")) {
      return refused(Failure::archive_refused, entry, "is a symlink without a usable target");
    }
    item.kind = ItemKind::symlink;
    item.target_offset = batch.add_text(entry.link_target);
    item.target_length = static_cast<std::uint32_t>(entry.link_target.size());
  } else if (entry.type == vfs::FileType::regular) {
    item.kind = ItemKind::file;
    SEABAG_TRY(take_data(reader, item));
  } else {
    return refused(Failure::special_file, entry,
                   "is a fifo, socket or device; make an archive without it");
  }
  batch.items.push_back(item);
  return {};
}

Result<void> Unpacking::add_piece(const ArchiveEntry& entry, const ArchivePiece& piece,
                                  ArchiveEntryData& data) {
  const std::uint64_t end = piece.offset + piece.bytes.size();
  if (piece.offset < data.size() || end < piece.offset) {
    return refused(Failure::archive_damaged, entry, "has overlapping pieces; get it again");
  }
  unpacked_ += piece.bytes.size();
  if (end > limits_.total_bytes - total_) {
    return refused(Failure::archive_limit, entry,
                   "makes more than " + std::to_string(limits_.total_bytes) +
                       " bytes; raise the limit if you trust it");
  }
  if (unpacked_ > limits_.ratio_from && unpacked_ / limits_.ratio > archive_size_) {
    return refused(Failure::archive_limit, entry,
                   "makes the archive unpack to more than " + std::to_string(limits_.ratio) +
                       " times its size; raise the limit if you trust it");
  }
  return data.append(piece.bytes, piece.offset);
}

/// The size of a file whose bytes have been read: holes at the end are told by the format.
Result<std::uint64_t> Unpacking::size_of(const ArchiveEntry& entry, std::uint64_t end_offset,
                                         std::uint64_t data_end) const {
  const std::uint64_t size = std::max(end_offset, data_end);
  if (entry.has_size && size != entry.size) {
    return refused(Failure::archive_damaged, entry,
                   "has " + std::to_string(size) + " bytes instead of " +
                       std::to_string(entry.size) + "; get it again");
  }
  return size;
}

Result<void> Unpacking::take_data(ArchiveReader& reader, Item& item) {
  const ArchiveEntry& entry = reader.entry();
  if (entry.has_size && entry.size > limits_.total_bytes - total_) {
    return refused(Failure::archive_limit, entry,
                   "makes more than " + std::to_string(limits_.total_bytes) +
                       " bytes; raise the limit if you trust it");
  }
  Batch& batch = sink_.current();
  ArchiveEntryData data(batch.bytes, scratch_);
  for (;;) {
    auto piece = reader.read();
    if (!piece) {
      Error error = std::move(piece).error();
      error.detail = "entry '" + entry.path + "': " + error.detail;
      return about_archive(std::move(error));
    }
    if (!piece->bytes.empty()) {
      SEABAG_TRY(add_piece(entry, *piece, data));
      continue;
    }
    item.size = SEABAG_TRY(size_of(entry, piece->offset, data.size()));
    break;
  }
  if (item.kind == ItemKind::hard_link && item.size == 0) {
    return {};
  }
  SEABAG_TRY(data.append({}, item.size));
  total_ += item.size;
  SEABAG_TRY(data.finish(batch, item));
  return {};
}

}  // namespace

Result<void> ArchiveSource::run(BatchSink& sink) {
  return Unpacking(place_, limits_, scratch_directory_, sink).run();
}

}  // namespace seabag::bundler
