#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "seabag/bundle/content_hash.h"
#include "seabag/bundle/format.h"
#include "seabag/bundle/tree.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// Bytes that have been written into the payload.
using Blob = Extent;

struct Variant {
  vfs::Encoding encoding = vfs::Encoding::gzip;  ///< anything but identity, each at most once
  Blob blob;
};

/// One distinct file content with its stored forms.
struct Content {
  ContentHash hash{};  ///< of the identity bytes
  Blob identity;
  std::span<const Variant> variants = {};  ///< borrowed for the call
};

/// Whether the output is on the disk when `finish` returns.
enum class Durability : std::uint8_t { synced, cached };

struct WriterOptions {
  /// Told by `Bundle::info` (SOURCE_DATE_EPOCH); 0: none.
  std::int64_t created = 0;
  /// Name and version of the program that packs, up to 63 bytes.
  std::string producer = "seabag";
  /// The bytes of `seabag.toml`, kept outside of the tree.
  std::string config = {};
  Durability durability = Durability::synced;
};

struct WriteReport {
  Totals totals;
  RootHash root_hash{};
  std::uint64_t payload_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t metadata_bytes = 0;  ///< tables without names, config and header text
  std::uint64_t name_bytes = 0;
};

/// `Writer::create` without an executable in front: the output is the payload alone.
inline constexpr int kNoStub = -1;

/// Writes a bundle in one pass: blobs as they come, tables at the end. Memory does not grow with
/// the payload, only by 32 bytes a content (and 16 a variant) plus what the Tree takes.
///
/// The output appears under its name, complete, when `finish` succeeds; until then, and after any
/// failure, nothing is left behind and an earlier file of that name is untouched. A symlink of that
/// name is replaced, not followed. After a failed call only destruction is allowed. One thread at a
/// time.
class Writer {
 public:
  /// Starts a file beside `output_path` and copies the stub's head. `stub_descriptor` is an ELF
  /// executable with a slot, opened for reading, or kNoStub; a bundle that is already in it is
  /// replaced. Errors: those of open(2), EISDIR or EINVAL when the output exists and is no regular
  /// file, EINVAL for a too long producer, not_a_bundle for a stub without a slot.
  [[nodiscard]] static Result<Writer> create(const std::string& output_path, int stub_descriptor,
                                             const WriterOptions& options);
  /// Discards the output unless `finish` succeeded.
  ~Writer();
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;

  /// Writes a whole blob. Errors: ENOSPC and others of write(2), EFBIG beyond 2^48 bytes.
  [[nodiscard]] Result<Blob> add_blob(std::span<const std::byte> bytes);

  /// Starts a blob that is written piece by piece; `expected_length` only decides its alignment.
  [[nodiscard]] Result<void> begin_blob(std::uint64_t expected_length);
  [[nodiscard]] Result<void> append(std::span<const std::byte> bytes);
  /// As `append` with `length` zero bytes, in constant memory; no disk space from 64 KiB on. Zeros
  /// that come by `append` become holes as well.
  [[nodiscard]] Result<void> append_hole(std::uint64_t length);
  [[nodiscard]] Result<Blob> end_blob();

  /// Fills `buffer` from `offset` within a blob that has been written, so that a packer need not
  /// keep or read again what it has stored. EINVAL when the range leaves the blob, or while a blob
  /// is being written. Safe for concurrent use as long as nothing is written.
  [[nodiscard]] Result<void> read_blob(const Blob& blob, std::uint64_t offset,
                                       std::span<std::byte> buffer) const;

  /// The file that is being written, so that a packer which walks over its directory can tell it
  /// apart (fstat(2)). Valid until `finish`.
  [[nodiscard]] int descriptor() const;

  /// Registers a content. The caller sees to it that a hash is added once. Errors: EINVAL for blobs
  /// that were not written or a repeated encoding, EOVERFLOW beyond 2^32 - 2.
  [[nodiscard]] Result<ContentId> add_content(const Content& content);

  /// Registers rendered header fields (see vfs::Asset); the same texts give the same id. EOVERFLOW
  /// beyond 65,535 distinct ones.
  [[nodiscard]] Result<HeadersId> add_headers(std::string_view fields,
                                              std::string_view not_modified_fields);

  /// Writes the tables, the hash tree and the executable's headers, and puts the output in place
  /// with mode 0755 (a bare bundle 0644). Errors: EEXIST for a name that is there twice (with its
  /// path), EINVAL for unknown contents and headers, those of write(2) and rename(2).
  [[nodiscard]] Result<WriteReport> finish(Tree tree);

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seabag::bundle
