#include "seabag/vfs/stream.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

namespace seabag::vfs {
namespace {

constexpr std::size_t kBufferSize = std::size_t{16} * 1024;
const std::streambuf::pos_type kNoPosition{std::streambuf::off_type{-1}};

/// Where a seek goes; nothing when that is before the start or cannot be known.
std::optional<std::uint64_t> target_of(std::streambuf::off_type offset,
                                       std::ios_base::seekdir direction, std::uint64_t here,
                                       const File& file) {
  std::uint64_t base = 0;
  if (direction == std::ios_base::cur) {
    base = here;
  } else if (direction == std::ios_base::end) {
    const auto attributes = file.attributes();
    if (!attributes) {
      return std::nullopt;
    }
    base = attributes->size;
  }
  std::streambuf::off_type to = 0;
  if (__builtin_add_overflow(offset, base, &to) || to < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(to);
}

std::streambuf::pos_type position(std::uint64_t offset) {
  return {static_cast<std::streambuf::off_type>(offset)};
}

}  // namespace

class FileInput::Buffer final : public std::streambuf {
 public:
  Buffer(std::unique_ptr<File> file, std::ios& stream)
      : file_(std::move(file)), stream_(stream), bytes_(kBufferSize) {}

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  int_type underflow() override {
    const std::size_t count = read(bytes_.data(), bytes_.size());
    if (count == 0) {
      return traits_type::eof();
    }
    setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
    return traits_type::to_int_type(*gptr());
  }

  /// Large reads go past the buffer.
  std::streamsize xsgetn(char* to, std::streamsize wanted) override {
    std::streamsize done = std::min<std::streamsize>(wanted, egptr() - gptr());
    if (done > 0) {
      std::memcpy(to, gptr(), static_cast<std::size_t>(done));
      setg(eback(), gptr() + done, egptr());
    }
    while (done < wanted) {
      const auto rest = static_cast<std::size_t>(wanted - done);
      if (rest < bytes_.size()) {
        if (traits_type::eq_int_type(underflow(), traits_type::eof())) {
          break;
        }
        return done + xsgetn(to + done, wanted - done);
      }
      const std::size_t count = read(to + done, rest);
      if (count == 0) {
        break;
      }
      done += static_cast<std::streamsize>(count);
    }
    return done;
  }

  pos_type seekoff(off_type offset, std::ios_base::seekdir direction,
                   std::ios_base::openmode) override {
    const std::uint64_t here = next_ - static_cast<std::uint64_t>(egptr() - gptr());
    const auto to = target_of(offset, direction, here, *file_);
    if (!to) {
      return kNoPosition;
    }
    if (*to != here) {
      setg(nullptr, nullptr, nullptr);
      next_ = *to;
    }
    return position(*to);
  }
  pos_type seekpos(pos_type to, std::ios_base::openmode which) override {
    return seekoff(off_type(to), std::ios_base::beg, which);
  }

  std::size_t read(char* to, std::size_t size) {
    setg(nullptr, nullptr, nullptr);
    auto count = file_->read_at(std::as_writable_bytes(std::span(to, size)), next_);
    if (!count) {
      failure_ = std::move(count).error();
      stream_.setstate(std::ios_base::badbit);
      return 0;
    }
    next_ += *count;
    return *count;
  }

  std::unique_ptr<File> file_;
  std::ios& stream_;  ///< owns this
  std::vector<char> bytes_;
  std::uint64_t next_ = 0;  ///< offset behind what is buffered
  std::optional<Error> failure_;
};

FileInput::FileInput(std::unique_ptr<File> file)
    : std::istream(nullptr), buffer_(std::make_unique<Buffer>(std::move(file), *this)) {
  rdbuf(buffer_.get());
}

FileInput::~FileInput() = default;

const std::optional<Error>& FileInput::failure() const { return buffer_->failure(); }

class FileOutput::Buffer final : public std::streambuf {
 public:
  Buffer(std::unique_ptr<WritableFile> file, OutputMode mode)
      : file_(std::move(file)), mode_(mode), bytes_(kBufferSize) {
    reset();
  }

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  /// False when not all that was buffered could be written.
  bool flush() {
    const bool written = write(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    reset();
    return written;
  }

 private:
  int_type overflow(int_type byte) override {
    if (!flush()) {
      return traits_type::eof();
    }
    if (!traits_type::eq_int_type(byte, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(byte);
      pbump(1);
    }
    return traits_type::not_eof(byte);
  }

  std::streamsize xsputn(const char* from, std::streamsize count) override {
    const auto size = static_cast<std::size_t>(count);
    if (size >= bytes_.size()) {
      return flush() && write(from, size) ? count : 0;
    }
    if (count > epptr() - pptr() && !flush()) {
      return 0;
    }
    std::memcpy(pptr(), from, size);
    pbump(static_cast<int>(size));
    return count;
  }

  int sync() override { return flush() ? 0 : -1; }

  pos_type seekoff(off_type offset, std::ios_base::seekdir direction,
                   std::ios_base::openmode) override {
    if (mode_ == OutputMode::append || !flush()) {
      return kNoPosition;
    }
    const auto to = target_of(offset, direction, next_, *file_);
    if (!to) {
      return kNoPosition;
    }
    next_ = *to;
    return position(*to);
  }
  pos_type seekpos(pos_type to, std::ios_base::openmode which) override {
    return seekoff(off_type(to), std::ios_base::beg, which);
  }

  void reset() { setp(bytes_.data(), bytes_.data() + bytes_.size()); }

  bool write(const char* from, std::size_t size) {
    if (size == 0) {
      return true;
    }
    const auto bytes = std::as_bytes(std::span(from, size));
    auto count = mode_ == OutputMode::append ? file_->append(bytes) : file_->write_at(bytes, next_);
    if (count && *count == size) {
      next_ += size;
      return true;
    }
    if (!failure_) {
      failure_ =
          count ? make_error(std::errc::no_space_on_device, "write") : std::move(count).error();
    }
    return false;
  }

  std::unique_ptr<WritableFile> file_;
  OutputMode mode_;
  std::vector<char> bytes_;
  std::uint64_t next_ = 0;  ///< offset of what is buffered
  std::optional<Error> failure_;
};

FileOutput::FileOutput(std::unique_ptr<WritableFile> file, OutputMode mode)
    : std::ostream(nullptr), buffer_(std::make_unique<Buffer>(std::move(file), mode)) {
  rdbuf(buffer_.get());
}

FileOutput::~FileOutput() { buffer_->flush(); }

Result<void> FileOutput::finish() {
  flush();
  if (failure()) {
    return *failure();
  }
  return {};
}

const std::optional<Error>& FileOutput::failure() const { return buffer_->failure(); }

Result<std::unique_ptr<FileInput>> open_input(const Namespace& files, std::string_view path) {
  return std::make_unique<FileInput>(SEABAG_TRY(files.open(path)));
}

Result<std::unique_ptr<FileOutput>> open_output(Namespace& files, std::string_view path,
                                                WriteOptions options) {
  return std::make_unique<FileOutput>(SEABAG_TRY(files.open_writable(path, options)));
}

Result<std::unique_ptr<FileOutput>> open_append(Namespace& files, std::string_view path) {
  return std::make_unique<FileOutput>(
      SEABAG_TRY(files.open_writable(path, {.create = CreateMode::if_missing})),
      OutputMode::append);
}

}  // namespace seabag::vfs
