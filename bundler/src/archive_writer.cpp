#include "archive_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstdlib>
#include <string>

#include "seabag/bundler/failure.h"
#include "utf8_locale.h"

namespace seabag::bundler {
namespace {

struct WriterDeleter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

unsigned type_of(vfs::FileType type) {
  switch (type) {
    case vfs::FileType::directory:
      return AE_IFDIR;
    case vfs::FileType::symlink:
      return AE_IFLNK;
    default:
      return AE_IFREG;
  }
}

/// Sets format and compression; ARCHIVE_FAILED for a suffix that is not known.
int set_format(archive* writer, std::string_view name, ArchiveKind& kind) {
  if (name.ends_with(".zip")) {
    kind = ArchiveKind::zip;
    return archive_write_set_format_zip(writer);
  }
  int status = ARCHIVE_FAILED;
  if (name.ends_with(".tar")) {
    status = archive_write_add_filter_none(writer);
  } else if (name.ends_with(".tar.gz") || name.ends_with(".tgz")) {
    status = archive_write_add_filter_gzip(writer);
    if (status == ARCHIVE_OK) {
      status = archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr);
    }
  } else if (name.ends_with(".tar.zst")) {
    status = archive_write_add_filter_zstd(writer);
  }
  return status == ARCHIVE_OK ? archive_write_set_format_pax(writer) : status;
}

}  // namespace

struct ArchiveWriter::State {
  Utf8Locale locale;
  std::unique_ptr<archive, WriterDeleter> writer{archive_write_new()};
  std::unique_ptr<archive_entry, EntryDeleter> entry{archive_entry_new()};
  ArchiveKind kind = ArchiveKind::tar;

  std::string output;  ///< for messages

  [[nodiscard]] Error failed() const {
    const int number = archive_errno(writer.get());
    Error error = number > 0 ? errno_error(number, "write", output)
                             : make_error(std::errc::io_error, "write", output);
    const char* text = archive_error_string(writer.get());
    error.detail = text != nullptr ? text : "";
    return error;
  }
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveWriter::~ArchiveWriter() = default;
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter& ArchiveWriter::operator=(ArchiveWriter&&) noexcept = default;

ArchiveKind ArchiveWriter::kind() const { return state_->kind; }

Result<ArchiveWriter> ArchiveWriter::open(std::string_view name, int descriptor) {
  auto state = std::make_unique<State>();
  state->output = name;
  archive* const writer = state->writer.get();
  if (writer == nullptr || !state->entry) {
    return make_error(std::errc::not_enough_memory, "export");
  }
  if (set_format(writer, name, state->kind) != ARCHIVE_OK) {
    return make_error(std::errc::invalid_argument, "export", {},
                      "the name ends in .tar, .tar.gz, .tgz, .tar.zst or .zip");
  }
  archive_write_set_bytes_in_last_block(writer, 1);
  if (archive_write_open_fd(writer, descriptor) != ARCHIVE_OK) {
    return state->failed();
  }
  return ArchiveWriter(std::move(state));
}

Result<void> ArchiveWriter::begin(const std::string& path, const vfs::Attributes& attributes,
                                  const std::string& target, const std::string& hard_link) {
  // In the locale that this object has set.
  const bool is_utf8 = std::mbstowcs(nullptr, path.c_str(), 0) != static_cast<std::size_t>(-1);
  if (state_->kind == ArchiveKind::zip && !is_utf8) {
    return make_failure(Failure::unsupported_name, "export", "/" + path,
                        "a name in a .zip is UTF-8; export to a .tar");
  }
  archive_entry* const entry = state_->entry.get();
  archive_entry_clear(entry);
  archive_entry_copy_pathname(entry, path.c_str());
  archive_entry_set_filetype(entry, type_of(attributes.type));
  archive_entry_set_perm(entry, static_cast<mode_t>(attributes.mode));
  archive_entry_set_mtime(entry, attributes.modified.seconds,
                          static_cast<long>(attributes.modified.nanoseconds));
  const bool has_bytes = attributes.type == vfs::FileType::regular && hard_link.empty();
  archive_entry_set_size(entry, has_bytes ? static_cast<la_int64_t>(attributes.size) : 0);
  if (attributes.type == vfs::FileType::symlink) {
    archive_entry_copy_symlink(entry, target.c_str());
  }
  if (!hard_link.empty()) {
    archive_entry_copy_hardlink(entry, hard_link.c_str());
  }
  // A warning tells of a name that is no UTF-8, which is then written byte for byte.
  return archive_write_header(state_->writer.get(), entry) < ARCHIVE_WARN ? state_->failed()
                                                                          : Result<void>();
}

Result<void> ArchiveWriter::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const la_ssize_t count = archive_write_data(state_->writer.get(), bytes.data(), bytes.size());
    if (count <= 0) {
      return state_->failed();
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> ArchiveWriter::finish() {
  return archive_write_close(state_->writer.get()) != ARCHIVE_OK ? state_->failed()
                                                                 : Result<void>();
}

}  // namespace seabag::bundler
