#include "archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>

#include "byte_stream.h"
#include "seabag/bundler/failure.h"
#include "utf8_locale.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kBlockSize = 128U << 10U;
constexpr std::size_t kTarBlock = 512;
constexpr std::uint64_t kMostPadding = 64ULL << 20U;

Error damaged(std::string detail) {
  return make_failure(Failure::archive_damaged, "unpack", {}, std::move(detail));
}

struct ArchiveDeleter {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

vfs::FileType type_of(archive_entry* entry) {
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return vfs::FileType::regular;
    case AE_IFDIR:
      return vfs::FileType::directory;
    case AE_IFLNK:
      return vfs::FileType::symlink;
    case AE_IFIFO:
      return vfs::FileType::fifo;
    case AE_IFSOCK:
      return vfs::FileType::socket;
    case AE_IFBLK:
      return vfs::FileType::block_device;
    default:
      return vfs::FileType::character_device;
  }
}

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

/// The last bytes that went by: a complete tar archive ends in zeros.
class Tail {
 public:
  void add(std::span<const std::byte> bytes) {
    const std::span<const std::byte> end = bytes.last(std::min(bytes.size(), bytes_.size()));
    std::rotate(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(end.size()),
                bytes_.end());
    std::ranges::copy(end, bytes_.end() - static_cast<std::ptrdiff_t>(end.size()));
  }
  [[nodiscard]] bool is_zero() const {
    return std::ranges::all_of(bytes_, [](std::byte byte) { return byte == std::byte{0}; });
  }

 private:
  std::array<std::byte, kTarBlock> bytes_{};
};

}  // namespace

struct ArchiveReader::State {
  Utf8Locale locale;
  int descriptor = -1;
  std::unique_ptr<ByteStream> stream;  ///< null for an uncompressed file
  Tail tail;                           ///< of the stream
  std::optional<Error> stream_error;   ///< what the callback could not tell
  std::unique_ptr<archive, ArchiveDeleter> reader{archive_read_new()};
  ArchiveEntry entry;

  static la_ssize_t read_stream(archive* reader, void* context, const void** data);

  Result<void> start(int file);
  Result<void> drain();
  Result<void> check_tar_end();
  [[nodiscard]] Error failed();
  [[nodiscard]] bool is_tar() const {
    return (archive_format(reader.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
  }
};

la_ssize_t ArchiveReader::State::read_stream(archive* /*reader*/, void* context,
                                             const void** data) {
  State& state = *static_cast<State*>(context);
  auto piece = state.stream->next();
  if (!piece) {
    state.stream_error = std::move(piece).error();
    return -1;
  }
  state.tail.add(*piece);
  *data = piece->data();
  return static_cast<la_ssize_t>(piece->size());
}

Error ArchiveReader::State::failed() {
  if (stream_error) {
    return *stream_error;
  }
  const std::string text = text_or_empty(archive_error_string(reader.get()));
  return damaged((text.empty() ? "it is damaged" : text) + "; get it again");
}

Result<void> ArchiveReader::State::start(int file) {
  descriptor = file;
  if (!reader) {
    return make_error(std::errc::not_enough_memory, "unpack");
  }
  stream = SEABAG_TRY(open_compressed(file));
  archive* const raw = reader.get();
  archive_read_support_filter_none(raw);
  archive_read_support_format_tar(raw);
  archive_read_support_format_cpio(raw);
  if (!stream) {
    // By its table at the end alone: what comes before does not tell everything, and a truncated
    // archive would pass for a complete one.
    archive_read_support_format_zip_seekable(raw);
    archive_read_support_format_7zip(raw);
    archive_read_support_format_iso9660(raw);
    archive_read_support_format_xar(raw);
    archive_read_support_format_cab(raw);
    archive_read_support_format_lha(raw);
    archive_read_support_format_rar(raw);
    archive_read_support_format_rar5(raw);
  }
  const int status = stream ? archive_read_open(raw, this, nullptr, read_stream, nullptr)
                            : archive_read_open_fd(raw, file, kBlockSize);
  return status == ARCHIVE_OK ? Result<void>() : failed();
}

/// What follows the end of the archive is read too: the checksums of the compression come last.
Result<void> ArchiveReader::State::drain() {
  for (std::uint64_t drained = 0; drained < kMostPadding;) {
    const auto piece = SEABAG_TRY(stream->next());
    if (piece.empty()) {
      return {};
    }
    tail.add(piece);
    drained += piece.size();
  }
  return make_failure(Failure::archive_limit, "unpack", {},
                      "more than 64 MiB follow its end; make an archive without them");
}

/// libarchive takes the end of a file between two entries for the end of the archive.
Result<void> ArchiveReader::State::check_tar_end() {
  if (!is_tar()) {
    return {};
  }
  if (!stream) {
    const FileStatus status = SEABAG_TRY(status_of(descriptor, {}));
    std::array<std::byte, kTarBlock> end{};
    const std::uint64_t offset = status.size - std::min<std::uint64_t>(status.size, end.size());
    const std::size_t count = SEABAG_TRY(read_at(descriptor, end, offset, {}));
    tail.add(std::span(end).first(count));
  }
  return tail.is_zero() ? Result<void>()
                        : damaged(
                              "it ends without the mark of its end, so it is truncated; get it "
                              "again");
}

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveReader::~ArchiveReader() = default;
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader& ArchiveReader::operator=(ArchiveReader&&) noexcept = default;

Result<ArchiveReader> ArchiveReader::open(int descriptor) {
  auto state = std::make_unique<State>();
  SEABAG_TRY(state->start(descriptor));
  return ArchiveReader(std::move(state));
}

const ArchiveEntry& ArchiveReader::entry() const { return state_->entry; }

Result<ArchiveReader::Step> ArchiveReader::next() {
  State& state = *state_;
  archive_entry* raw = nullptr;
  const int status = archive_read_next_header(state.reader.get(), &raw);
  if (status == ARCHIVE_EOF) {
    if (state.stream) {
      SEABAG_TRY(state.drain());
    }
    SEABAG_TRY(state.check_tar_end());
    return Step::end;
  }
  if (status < ARCHIVE_WARN || raw == nullptr) {
    return state.failed();
  }
  ArchiveEntry& entry = state.entry;
  const char* path = archive_entry_pathname(raw);
  entry.path = text_or_empty(path != nullptr ? path : archive_entry_pathname_utf8(raw));
  if (entry.path.empty()) {
    return damaged("an entry's name cannot be read: not in the character set that it claims");
  }
  if (archive_entry_is_encrypted(raw) != 0) {
    return damaged("entry '" + entry.path + "' is encrypted; decrypt the archive first");
  }
  entry.type = type_of(raw);
  entry.hard_link = text_or_empty(archive_entry_hardlink(raw));
  entry.link_target = text_or_empty(archive_entry_symlink(raw));
  entry.mode = static_cast<std::uint32_t>(archive_entry_perm(raw)) & 07777U;
  constexpr long kNanoseconds = 1'000'000'000;
  const long nanoseconds = archive_entry_mtime_nsec(raw);
  const bool is_moment = nanoseconds >= 0 && nanoseconds < kNanoseconds;
  entry.modified = {.seconds = archive_entry_mtime(raw),
                    .nanoseconds = is_moment ? static_cast<std::uint32_t>(nanoseconds) : 0};
  entry.has_size = archive_entry_size_is_set(raw) != 0;
  entry.size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(raw), 0));
  return Step::entry;
}

Result<ArchivePiece> ArchiveReader::read() {
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  for (;;) {
    const int status = archive_read_data_block(state_->reader.get(), &data, &size, &offset);
    if (status == ARCHIVE_EOF) {
      // In a tar a sparse file may end in a hole: its end is where the last offset says.
      const la_int64_t end = state_->is_tar() ? std::max<la_int64_t>(offset, 0) : 0;
      return ArchivePiece{.bytes = {}, .offset = static_cast<std::uint64_t>(end)};
    }
    // A checksum that does not fit is but a warning to libarchive.
    if (status < ARCHIVE_OK || offset < 0) {
      return state_->failed();
    }
    if (size > 0) {
      return ArchivePiece{.bytes = std::span(static_cast<const std::byte*>(data), size),
                          .offset = static_cast<std::uint64_t>(offset)};
    }
  }
}

}  // namespace seabag::bundler
