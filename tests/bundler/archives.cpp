#include "archives.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "support/catch.h"

namespace seabag::testing {
namespace {

unsigned type_of(vfs::FileType type) {
  switch (type) {
    case vfs::FileType::directory:
      return AE_IFDIR;
    case vfs::FileType::symlink:
      return AE_IFLNK;
    case vfs::FileType::fifo:
      return AE_IFIFO;
    case vfs::FileType::character_device:
      return AE_IFCHR;
    default:
      return AE_IFREG;
  }
}

vfs::FileType type_of(const archive_entry* entry) {
  switch (archive_entry_filetype(const_cast<archive_entry*>(entry))) {
    case AE_IFDIR:
      return vfs::FileType::directory;
    case AE_IFLNK:
      return vfs::FileType::symlink;
    default:
      return vfs::FileType::regular;
  }
}

la_ssize_t append(archive* /*writer*/, void* out, const void* data, size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

void add(archive* writer, const MadeEntry& made) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                            &archive_entry_free);
  archive_entry_copy_pathname(entry.get(), made.path.c_str());
  archive_entry_set_filetype(entry.get(), type_of(made.type));
  archive_entry_set_perm(entry.get(), made.mode);
  archive_entry_set_mtime(entry.get(), made.modified.seconds,
                          static_cast<long>(made.modified.nanoseconds));
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(made.content.size()));
  if (!made.target.empty()) {
    archive_entry_copy_symlink(entry.get(), made.target.c_str());
  }
  if (!made.hard_link.empty()) {
    archive_entry_copy_hardlink(entry.get(), made.hard_link.c_str());
  }
  for (const auto& [offset, length] : made.runs) {
    archive_entry_sparse_add_entry(entry.get(), offset, length);
  }
  INFO("adding " << made.path);
  REQUIRE(archive_write_header(writer, entry.get()) >= ARCHIVE_WARN);
  if (!made.content.empty()) {
    REQUIRE(archive_write_data(writer, made.content.data(), made.content.size()) ==
            static_cast<la_ssize_t>(made.content.size()));
  }
}

}  // namespace

std::string make_archive(const std::string& format, const std::string& filter,
                         const std::vector<MadeEntry>& entries, const std::string& option) {
  std::string bytes;
  const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(),
                                                                       &archive_write_free);
  REQUIRE(archive_write_set_format_by_name(writer.get(), format.c_str()) == ARCHIVE_OK);
  if (filter != "none") {
    REQUIRE(archive_write_add_filter_by_name(writer.get(), filter.c_str()) == ARCHIVE_OK);
  }
  if (!option.empty()) {
    REQUIRE(archive_write_set_options(writer.get(), option.c_str()) == ARCHIVE_OK);
    REQUIRE(archive_write_set_passphrase(writer.get(), "secret") == ARCHIVE_OK);
  }
  archive_write_set_bytes_per_block(writer.get(), 512);
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  REQUIRE(archive_write_open(writer.get(), &bytes, nullptr, append, nullptr) == ARCHIVE_OK);
  for (const MadeEntry& entry : entries) {
    add(writer.get(), entry);
  }
  REQUIRE(archive_write_close(writer.get()) == ARCHIVE_OK);
  return bytes;
}

std::vector<MadeEntry> read_archive(const std::string& path) {
  std::vector<MadeEntry> entries;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                      &archive_read_free);
  archive_read_support_format_all(reader.get());
  archive_read_support_filter_all(reader.get());
  REQUIRE(archive_read_open_filename(reader.get(), path.c_str(), 10240) == ARCHIVE_OK);
  archive_entry* entry = nullptr;
  for (;;) {
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) {
      return entries;
    }
    REQUIRE(status >= ARCHIVE_WARN);
    MadeEntry found{.path = archive_entry_pathname(entry), .type = type_of(entry)};
    if (const char* target = archive_entry_symlink(entry)) {
      found.target = target;
    }
    if (const char* link = archive_entry_hardlink(entry)) {
      found.hard_link = link;
    }
    found.mode = archive_entry_perm(entry);
    found.modified = {.seconds = archive_entry_mtime(entry),
                      .nanoseconds = static_cast<std::uint32_t>(archive_entry_mtime_nsec(entry))};
    found.content.resize(static_cast<std::size_t>(archive_entry_size(entry)));
    if (!found.content.empty()) {
      REQUIRE(archive_read_data(reader.get(), found.content.data(), found.content.size()) ==
              static_cast<la_ssize_t>(found.content.size()));
    }
    entries.push_back(std::move(found));
  }
}

}  // namespace seabag::testing
