#include "entry_table.h"

#include <limits>
#include <string>

#include "records.h"

namespace seabag::bundle {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Result<void> EntryTable::write_entries(PayloadStream& out) {
  for (const std::uint32_t place : layout_.order) {
    const Entry entry = next_entry(place);
    if (text_end_ > std::numeric_limits<std::uint32_t>::max()) {
      return make_error(std::errc::value_too_large, "write", {},
                        "a bundle holds 4 GiB of names and directory paths");
    }
    SEABAG_TRY(out.append(encode_entry(entry)));
  }
  return {};
}

/// The texts whose offsets `next_entry` has told.
Result<void> EntryTable::write_names(PayloadStream& out) const {
  for (const std::uint32_t place : layout_.order) {
    const PendingEntry& pending = tree_.entries[place];
    if (pending.kind == EntryKind::directory && stored_path_length(place) != 0) {
      SEABAG_TRY(out.append(bytes_of(tree_.path(place))));
      continue;
    }
    SEABAG_TRY(out.append(bytes_of(tree_.name(pending))));
    if (pending.kind == EntryKind::symlink) {
      SEABAG_TRY(out.append(bytes_of(tree_.target(pending))));
    }
  }
  return {};
}

Entry EntryTable::next_entry(std::uint32_t place) {
  const PendingEntry& pending = tree_.entries[place];
  Entry entry{.name_offset = static_cast<std::uint32_t>(text_end_),
              .name_length = pending.name_length,
              .kind = pending.kind,
              .mode = pending.mode,
              .parent = layout_.position[pending.parent],
              .links = pending.links,
              .modified = {.seconds = pending.seconds, .nanoseconds = pending.nanoseconds},
              .headers = pending.headers};
  text_end_ += pending.name_length;
  switch (pending.kind) {
    case EntryKind::regular:
      entry.reference = pending.reference;
      break;
    case EntryKind::directory:
      entry.path_length = static_cast<std::uint16_t>(stored_path_length(place));
      if (entry.path_length != 0) {
        // The path is stored whole; the name is its end.
        entry.name_offset += entry.path_length - entry.name_length;
        text_end_ += entry.path_length - entry.name_length;
      }
      entry.reference = next_child_;
      entry.count = pending.count;
      next_child_ += pending.count;
      break;
    case EntryKind::symlink:
      entry.reference = static_cast<std::uint32_t>(text_end_);
      entry.count = pending.count;
      text_end_ += pending.count;
      break;
    case EntryKind::link:
      entry.reference = layout_.position[pending.reference];
      break;
  }
  return entry;
}

/// A directory's path is stored where it can be asked for; else its name alone.
std::size_t EntryTable::stored_path_length(std::uint32_t place) const {
  const std::size_t length = tree_.path_length(place);
  return length < kPathLimit ? length : 0;
}

}  // namespace seabag::bundle
