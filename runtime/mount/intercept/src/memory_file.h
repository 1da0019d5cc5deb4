#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "descriptor.h"
#include "seabag/vfs/file.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// Files that the kernel keeps in memory (memfd_create(2)), as far as the host needs them.
namespace seabag::intercept {

/// Whether a memory file can be changed once it has its content.
enum class MemorySeal : std::uint8_t { open, sealed };

/// What fstat(2) says of a memory file.
struct MemoryStatus {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t blocks = 0;
  std::uint32_t mode = 0;
  vfs::Timestamp modified;
};

[[nodiscard]] Result<Descriptor> make_memory_file();

/// The same with these bytes, sealed against every change. `mode`: the permission bits.
[[nodiscard]] Result<Descriptor> make_sealed_file(std::string_view bytes, std::uint32_t mode);

[[nodiscard]] Result<void> seal(int file);

/// A new open file description of a memory file: a position and an access mode of its own.
[[nodiscard]] Result<Descriptor> reopen(int file, int flags);

[[nodiscard]] Result<MemoryStatus> status_of(int file);
[[nodiscard]] Result<void> set_mode(int file, std::uint32_t mode);
[[nodiscard]] Result<void> set_modified(int file, vfs::Timestamp when);
[[nodiscard]] Result<void> resize(int file, std::uint64_t size);
[[nodiscard]] Result<std::size_t> read_at(int file, std::span<std::byte> buffer,
                                          std::uint64_t offset);
[[nodiscard]] Result<std::size_t> write_at(int file, std::span<const std::byte> bytes,
                                           std::uint64_t offset);
/// At the end, as one step against all other appends.
[[nodiscard]] Result<std::size_t> append(int file, std::span<const std::byte> bytes);
[[nodiscard]] Result<std::uint64_t> find_extent(int file, vfs::ExtentKind kind,
                                                std::uint64_t offset);
[[nodiscard]] Result<void> allocate(int file, vfs::AllocateMode mode, std::uint64_t offset,
                                    std::uint64_t length);

/// Whether nobody but `file` itself has it open or mapped.
[[nodiscard]] bool is_unshared(int file);

/// Copies the data of `from` and its holes; `to` is empty.
[[nodiscard]] Result<void> fill(int to, const vfs::File& from, std::uint64_t size);
/// Makes `to` what the memory file is.
[[nodiscard]] Result<void> store(int from, vfs::WritableFile& to);

}  // namespace seabag::intercept
