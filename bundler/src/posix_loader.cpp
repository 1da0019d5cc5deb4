#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "loader.h"
#include "seabag/bundler/failure.h"
#include "seabag/vfs/path.h"

namespace seabag::bundler {
namespace {

constexpr const char* kHowToLeaveOut = "leave it out by a line in .seabagignore";

// Paths are put together in one place, `Loader::load`, and only when something has gone wrong.

Error changed(std::string_view path = {}) {
  return make_failure(Failure::changed_while_read, "read", path,
                      "nothing may write to the inputs while they are packed; run it again");
}

/// An error that the user can mend by permission or by ignoring the file.
Error with_remedy(Error error) {
  if (error.is(std::errc::permission_denied) || error.is(std::errc::operation_not_permitted)) {
    error.detail = std::string("make it readable, or ") + kHowToLeaveOut;
  }
  if (error.is(std::errc::no_such_file_or_directory) ||
      error.is(std::errc::too_many_symbolic_link_levels)) {
    return changed(error.path);
  }
  return error;
}

class HashingSink final : public PieceSink {
 public:
  Result<void> bytes(std::span<const std::byte> piece) override {
    hasher_.update(piece);
    return {};
  }
  Result<void> hole(std::uint64_t length) override {
    hasher_.update_zeros(length);
    return {};
  }
  [[nodiscard]] bundle::ContentHash finish() { return hasher_.finish(); }

 private:
  bundle::ContentHasher hasher_;
};

Result<void> load_symlink(Batch& batch, Item& item) {
  const int directory = batch.directory(item).handle->get();
  const FileStatus status = SEABAG_TRY(status_at(directory, batch.source_name(item), {}));
  std::array<char, vfs::kMaxPathLength> target{};
  const ssize_t length =
      ::readlinkat(directory, batch.source_name(item), target.data(), target.size());
  if (length < 0) {
    return errno == EINVAL ? changed() : errno_error(errno, "readlink");
  }
  const std::string_view text(target.data(), static_cast<std::size_t>(length));
  SEABAG_TRY(vfs::check_link_target(text, "readlink"));
  item.target_offset = batch.add_text(text);
  item.target_length = static_cast<std::uint32_t>(length);
  item.modified = status.modified;
  item.mode = 0777;
  item.links = status.links;
  item.identity = status.identity;
  return {};
}

/// Small enough, and there is room: the bytes stay in the batch.
Result<bool> hold_in_memory(Batch& batch, Item& item, int descriptor) {
  if (item.size > kInlineFileSize) {
    return false;
  }
  const auto size = static_cast<std::size_t>(item.size);
  const std::span<std::byte> room = batch.bytes.take(size + 1);
  if (room.empty()) {
    return false;
  }
  // One byte more than the file should have: a full count would show that it has grown.
  const std::size_t count =
      SEABAG_TRY(read_next(descriptor, room, std::max<std::size_t>(size, 1), {}));
  if (count != size) {
    return changed();
  }
  batch.bytes.give_back(1);
  item.data = batch.bytes.used() - size;
  item.hash = bundle::content_hash(room.first(size));
  item.place = DataPlace::batch;
  return true;
}

}  // namespace

Result<void> read_pieces(int descriptor, const FileStatus& status, std::string_view path,
                         PieceSink& sink) {
  constexpr std::size_t kPiece = 256U << 10U;
  const auto room = std::make_unique_for_overwrite<std::byte[]>(kPiece);
  const bool is_sparse = status.allocated < status.size;
  DataRun run{.begin = 0, .end = status.size};
  std::uint64_t offset = 0;
  while (offset < status.size) {
    if (is_sparse && (offset == 0 || offset >= run.end)) {
      run = SEABAG_TRY(next_data(descriptor, offset, status.size, path));
    }
    if (run.begin > offset) {
      SEABAG_TRY(sink.hole(run.begin - offset));
      offset = run.begin;
      continue;
    }
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, run.end - offset));
    const std::span<std::byte> buffer(room.get(), wanted);
    const std::size_t count = SEABAG_TRY(read_at(descriptor, buffer, offset, path));
    if (count < wanted) {
      return changed(path);
    }
    SEABAG_TRY(sink.bytes(buffer));
    offset += count;
  }
  return {};
}

Result<void> check_unchanged(int descriptor, const FileStatus& expected, std::string_view path) {
  const FileStatus now = SEABAG_TRY(status_of(descriptor, path));
  if (!now.is_same_state(expected)) {
    return changed(path);
  }
  return {};
}

Result<OpenStream> open_stream(const Batch& batch, const Item& item) {
  const Stream& stream = batch.streams[item.data];
  if (stream.scratch.is_open()) {
    return OpenStream{.own = {}, .descriptor = stream.scratch.get()};
  }
  const std::string path = batch.source_path(item);
  auto opened = open_at(batch.directory(item).handle->get(), batch.source_name(item),
                        O_RDONLY | O_NOFOLLOW, path);
  if (!opened) {
    return with_remedy(std::move(opened).error());
  }
  OpenStream result{.own = std::move(*opened), .descriptor = -1};
  result.descriptor = result.own.get();
  SEABAG_TRY(check_unchanged(result.descriptor, stream.status, path));
  return result;
}

Result<void> Loader::load_file(Batch& batch, Item& item) const {
  const Descriptor opened = SEABAG_TRY(open_at(batch.directory(item).handle->get(),
                                               batch.source_name(item), O_RDONLY | O_NOFOLLOW, {}));
  const int descriptor = opened.get();
  const FileStatus status = SEABAG_TRY(status_of(descriptor, {}));
  if (status.type != vfs::FileType::regular) {
    return changed();
  }
  if (std::ranges::find(own_files_, status.identity) != own_files_.end()) {
    item.place = DataPlace::skipped;
    return {};
  }
  item.mode = static_cast<std::uint16_t>(status.mode);
  item.modified = status.modified;
  item.size = status.size;
  item.links = status.links;
  item.identity = status.identity;
  if (SEABAG_TRY(hold_in_memory(batch, item, descriptor))) {
    return {};
  }
  HashingSink hashing;
  SEABAG_TRY(read_pieces(descriptor, status, {}, hashing));
  SEABAG_TRY(check_unchanged(descriptor, status, {}));
  item.hash = hashing.finish();
  item.place = DataPlace::stream;
  item.data = batch.streams.size();
  batch.streams.push_back({.scratch = {}, .status = status});
  return {};
}

Result<void> Loader::load_item(Batch& batch, Item& item) const {
  if (item.kind == ItemKind::symlink && item.target_length == 0) {
    return load_symlink(batch, item);
  }
  if (item.place == DataPlace::source) {
    return load_file(batch, item);
  }
  if (item.place == DataPlace::batch) {
    item.hash = bundle::content_hash(batch.bytes.view(item.data, item.size));
  }
  return {};
}

void Loader::load(Batch& batch) const {
  for (std::size_t index = 0; index < batch.items.size(); ++index) {
    auto loaded = load_item(batch, batch.items[index]);
    if (!loaded) {
      batch.error =
          with_remedy(with_path(std::move(loaded).error(), batch.source_path(batch.items[index])));
      batch.items.resize(index);
      return;
    }
  }
}

}  // namespace seabag::bundler
