#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "support/catch.h"
#include "support/provider_contract.h"

/// Private to the contract suite: its parts, one file each, and the words they are written in.
namespace seabag::testing {

void check_lookup_contract(const TreeFactory& make_tree);
void check_list_contract(const TreeFactory& make_tree);
void check_file_read_contract(const TreeFactory& make_tree);

void check_create_contract(const WritableFactory& make_empty);
void check_unnamed_contract(const WritableFactory& make_empty);
void check_link_contract(const WritableFactory& make_empty);
void check_remove_contract(const WritableFactory& make_empty);
void check_orphan_contract(const WritableFactory& make_empty);
void check_rename_contract(const WritableFactory& make_empty);
void check_exchange_contract(const WritableFactory& make_empty);
void check_attributes_contract(const WritableFactory& make_empty);
void check_xattr_contract(const WritableFactory& make_empty);
void check_file_write_contract(const WritableFactory& make_empty);
void check_sparse_contract(const WritableFactory& make_empty);
void check_changing_list_contract(const WritableFactory& make_empty);

/// No error: what `error_of` says of a success.
inline constexpr std::errc kSuccess{};

/// Why a call failed. Checks on the way that the error names its operation and no path: that is the
/// Namespace's to add.
template <typename T>
[[nodiscard]] std::errc error_of(const Result<T>& result) {
  if (result) {
    return kSuccess;
  }
  const Error& error = result.error();
  CHECK(std::string_view(error.operation) != "");
  CHECK(error.path.empty());
  CHECK(error.code.category() == std::generic_category());
  return static_cast<std::errc>(error.code.value());
}

/// A moment that no clock shows any more, to see whether a call changes a time.
inline constexpr vfs::Timestamp kLongAgo{1'000'000'000, 5};

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Makes a node; fails the test when that fails.
vfs::NodeId make(vfs::WritableFileSystem& files, vfs::NodeId parent, std::string_view name,
                 const vfs::NewNode& what = {});
vfs::NodeId make_directory(vfs::WritableFileSystem& files, vfs::NodeId parent,
                           std::string_view name);
vfs::NodeId make_symlink(vfs::WritableFileSystem& files, vfs::NodeId parent, std::string_view name,
                         std::string_view target);
/// A file with this content.
vfs::NodeId make_file(vfs::WritableFileSystem& files, vfs::NodeId parent, std::string_view name,
                      std::string_view content);

/// Opens for writing; fails the test when that fails.
[[nodiscard]] std::unique_ptr<vfs::WritableFile> open_file(vfs::WritableFileSystem& files,
                                                           vfs::NodeId node);

/// Writes all of it; fails the test otherwise.
void write_all(vfs::WritableFile& file, std::string_view text, std::uint64_t offset);

/// Sets access and modification time to `kLongAgo`.
void age(vfs::WritableFileSystem& files, vfs::NodeId node);
/// Whether a call changed the modification time since `age`.
[[nodiscard]] bool is_modified(vfs::FileSystem& files, vfs::NodeId node);

/// All names of a directory, sorted, read `limit` at a time.
[[nodiscard]] std::vector<std::string> names_in(vfs::FileSystem& files, vfs::NodeId directory,
                                                std::size_t limit = 100);

/// `read_at` as text: up to `size` bytes; fails the test when that fails.
[[nodiscard]] std::string read_text(const vfs::File& file, std::size_t size, std::uint64_t offset);

}  // namespace seabag::testing
