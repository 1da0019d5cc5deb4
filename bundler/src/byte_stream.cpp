#include "byte_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "posix_io.h"
#include "seabag/bundler/failure.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kPieceSize = 256U << 10U;

Error damaged(std::string detail) {
  return make_failure(Failure::archive_damaged, "unpack", {}, std::move(detail));
}

/// gzip by zlib itself, because libarchive does not compare the checksum of gzip data.
class GzipStream final : public ByteStream {
 public:
  explicit GzipStream(int descriptor)
      : descriptor_(descriptor), input_(kPieceSize), output_(kPieceSize) {}
  ~GzipStream() override {
    if (is_open_) {
      inflateEnd(&stream_);
    }
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  Result<void> start() {
    constexpr int kGzipFormat = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipFormat) != Z_OK) {
      return make_error(std::errc::not_enough_memory, "unpack");
    }
    is_open_ = true;
    return {};
  }

  Result<std::span<const std::byte>> next() override {
    stream_.next_out = static_cast<Bytef*>(static_cast<void*>(output_.data()));
    stream_.avail_out = static_cast<uInt>(output_.size());
    while (!is_finished_ && stream_.avail_out == output_.size()) {
      SEABAG_TRY(step());
    }
    return std::span<const std::byte>(output_).first(output_.size() - stream_.avail_out);
  }

 private:
  Result<void> step() {
    if (stream_.avail_in == 0) {
      const std::size_t count = SEABAG_TRY(read_at(descriptor_, input_, offset_, {}));
      offset_ += count;
      stream_.next_in = static_cast<Bytef*>(static_cast<void*>(input_.data()));
      stream_.avail_in = static_cast<uInt>(count);
      if (count == 0) {
        is_finished_ = true;
        return is_between_members_ ? Result<void>()
                                   : damaged("the gzip data ends early; get it again");
      }
    }
    if (is_between_members_ && is_padding()) {
      return {};
    }
    is_between_members_ = false;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      is_between_members_ = true;
      inflateReset(&stream_);
      return {};
    }
    if (status != Z_OK && status != Z_BUF_ERROR) {
      return damaged("the gzip data is damaged; get it again");
    }
    return {};
  }

  /// Zeros behind the last member are padding, as gzip(1) sees it; they are skipped.
  bool is_padding() {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    return stream_.avail_in == 0;
  }

  int descriptor_;
  std::uint64_t offset_ = 0;
  std::vector<std::byte> input_;
  std::vector<std::byte> output_;
  z_stream stream_{};
  bool is_open_ = false;
  bool is_finished_ = false;
  bool is_between_members_ = true;
};

struct ArchiveDeleter {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

/// Everything else by libarchive, as an "archive" of one entry without a format.
class FilterStream final : public ByteStream {
 public:
  FilterStream() : reader_(archive_read_new()) {}

  Result<void> start(int descriptor) {
    archive* const reader = reader_.get();
    if (reader == nullptr) {
      return make_error(std::errc::not_enough_memory, "unpack");
    }
    // One by one: some of libarchive's filters run a program of the system.
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_compress(reader);
    archive_read_support_filter_lz4(reader);
    archive_read_support_filter_lzip(reader);
    archive_read_support_filter_lzma(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_format_raw(reader);
    archive_entry* entry = nullptr;
    if (archive_read_open_fd(reader, descriptor, kPieceSize) != ARCHIVE_OK ||
        archive_read_next_header(reader, &entry) != ARCHIVE_OK) {
      return failed();
    }
    return {};
  }

  Result<std::span<const std::byte>> next() override {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
      const int status = archive_read_data_block(reader_.get(), &data, &size, &offset);
      if (status == ARCHIVE_EOF) {
        return std::span<const std::byte>();
      }
      if (status < ARCHIVE_OK) {
        return failed();
      }
      if (size > 0) {
        return std::span(static_cast<const std::byte*>(data), size);
      }
    }
  }

 private:
  [[nodiscard]] Error failed() const {
    const char* text = archive_error_string(reader_.get());
    return damaged(std::string(text != nullptr ? text : "cannot be decompressed") +
                   "; get it again");
  }

  std::unique_ptr<archive, ArchiveDeleter> reader_;
};

enum class Compression : std::uint8_t { none, gzip, other };

bool starts_with(std::span<const std::byte> bytes, std::initializer_list<unsigned> magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(), [](unsigned left, std::byte right) {
           return left == std::to_integer<unsigned>(right);
         });
}

Compression compression_of(std::span<const std::byte> start) {
  if (starts_with(start, {0x1f, 0x8b})) {
    return Compression::gzip;
  }
  const bool is_known =
      starts_with(start, {'B', 'Z', 'h'}) || starts_with(start, {0xfd, '7', 'z', 'X', 'Z', 0}) ||
      starts_with(start, {0x28, 0xb5, 0x2f, 0xfd}) ||
      starts_with(start, {0x04, 0x22, 0x4d, 0x18}) || starts_with(start, {'L', 'Z', 'I', 'P'}) ||
      starts_with(start, {0x1f, 0x9d}) ||
      starts_with(start, {0x5d, 0, 0}) /* lzma has no magic, only habits */;
  return is_known ? Compression::other : Compression::none;
}

}  // namespace

Result<std::unique_ptr<ByteStream>> open_compressed(int descriptor) {
  std::array<std::byte, 8> start{};
  const std::size_t count = SEABAG_TRY(read_at(descriptor, start, 0, {}));
  switch (compression_of(std::span(start).first(count))) {
    case Compression::gzip: {
      auto stream = std::make_unique<GzipStream>(descriptor);
      SEABAG_TRY(stream->start());
      return std::unique_ptr<ByteStream>(std::move(stream));
    }
    case Compression::other: {
      auto stream = std::make_unique<FilterStream>();
      SEABAG_TRY(stream->start(descriptor));
      return std::unique_ptr<ByteStream>(std::move(stream));
    }
    case Compression::none:
      break;
  }
  return std::unique_ptr<ByteStream>();
}

}  // namespace seabag::bundler
