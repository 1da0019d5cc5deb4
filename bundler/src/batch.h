#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "posix_io.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// What a source has found, in the order of finding.
enum class ItemKind : std::uint8_t {
  directory,
  file,
  symlink,
  hard_link,  ///< archives only: a further name for the item at `target`
};

/// Where the bytes of a file are.
enum class DataPlace : std::uint8_t {
  none,     ///< no bytes: not a file, or a hard link without any of its own
  source,   ///< not read yet: in the file `name` of the item's directory
  batch,    ///< in `Batch::bytes`
  stream,   ///< too large to hold: hashed, and to be copied from `Batch::streams`
  skipped,  ///< the file is the output itself
};

/// One thing to be packed. Text and bytes are in the batch that holds it.
struct Item {
  std::uint32_t name_offset = 0;
  std::uint32_t name_length = 0;
  /// symlink: its target; hard_link: the packed path; file: its name in the source, where that
  /// is another
  std::uint32_t target_offset = 0;
  std::uint32_t target_length = 0;
  std::uint32_t directory = 0;  ///< among `Batch::directories`
  ItemKind kind = ItemKind::file;
  DataPlace place = DataPlace::none;
  std::uint16_t mode = 0;
  vfs::Timestamp modified;
  std::uint64_t size = 0;
  std::uint64_t links = 1;
  FileIdentity identity;   ///< meaningful when `links` is above 1
  std::uint64_t data = 0;  ///< offset in `Batch::bytes`, or index in `Batch::streams`
  bundle::ContentHash hash{};
};

/// A directory that items of a batch are in.
struct BatchDirectory {
  std::string path;    ///< in the packed tree, without a trailing slash; empty for the root
  std::string source;  ///< for messages: as the user would find it
  std::shared_ptr<const Descriptor> handle;  ///< null for archives
};

/// A file that is copied into the output when its turn comes.
struct Stream {
  Descriptor scratch;  ///< unpacked from an archive; closed when the file is read from its source
  FileStatus status;   ///< at the time of hashing
};

/// Room for the small files of a batch. Allocated once, and only the pages in use cost memory.
class ByteArena {
 public:
  static constexpr std::size_t kCapacity = 2U << 20U;

  /// The next `size` bytes, or none when they do not fit. Stays valid until `clear`.
  [[nodiscard]] std::span<std::byte> take(std::size_t size);
  /// Gives back the end of what was taken last.
  void give_back(std::size_t size) { used_ -= size; }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] std::span<const std::byte> view(std::uint64_t offset, std::uint64_t size) const;
  void clear() { used_ = 0; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t used_ = 0;
};

/// A few hundred items that travel together: found by a source, loaded by a worker, stored in
/// order by the thread that packs. Used again and again, so that its buffers stay allocated.
struct Batch {
  std::uint32_t input = 0;  ///< among `PackOptions::inputs`
  std::vector<BatchDirectory> directories;
  std::vector<Item> items;
  std::string names;  ///< every name and target, each followed by a NUL
  ByteArena bytes;
  std::vector<Stream> streams;
  std::vector<std::string> notes;  ///< warnings for the report
  /// Why loading or finding stopped here; the items before `failed_item` are fine.
  std::optional<Error> error;

  [[nodiscard]] std::string_view name(const Item& item) const {
    return std::string_view(names).substr(item.name_offset, item.name_length);
  }
  /// The item's name in its source, ending in NUL.
  [[nodiscard]] const char* source_name(const Item& item) const {
    const bool is_renamed = item.kind == ItemKind::file && item.target_length > 0;
    return names.c_str() + (is_renamed ? item.target_offset : item.name_offset);
  }
  [[nodiscard]] std::string_view target(const Item& item) const {
    return std::string_view(names).substr(item.target_offset, item.target_length);
  }
  [[nodiscard]] const BatchDirectory& directory(const Item& item) const {
    return directories[item.directory];
  }
  /// Where the user finds the item.
  [[nodiscard]] std::string source_path(const Item& item) const;

  std::uint32_t add_text(std::string_view text);
  void clear();
};

/// Takes batches from a source. One thread at a time.
class BatchSink {
 public:
  virtual ~BatchSink() = default;

  /// The batch to fill.
  [[nodiscard]] virtual Batch& current() = 0;
  /// Hands the current batch over and starts the next one; waits while too many are under way.
  /// False when packing has ended and nothing more is wanted.
  [[nodiscard]] virtual bool submit() = 0;
};

/// Something that is packed: a directory, a file, an archive.
class Source {
 public:
  virtual ~Source() = default;

  /// Finds everything and hands it to `sink`; returns early, without an error, when `submit` says
  /// that no more is wanted. The last batch may be left in `sink.current()`.
  [[nodiscard]] virtual Result<void> run(BatchSink& sink) = 0;
};

}  // namespace seabag::bundler
