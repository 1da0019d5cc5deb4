#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// A content of a Writer, by the order of adding.
enum class ContentId : std::uint32_t {};

/// A header template of a Writer.
enum class HeadersId : std::uint16_t {};
/// The template without any fields.
inline constexpr HeadersId kNoHeaders{0};

/// An entry of a Tree, by the order of adding. Not a NodeId: finishing a bundle renumbers.
enum class EntryId : std::uint32_t {};
inline constexpr EntryId kRootEntry{0};

/// What an entry carries beside its name. Owners and extended attributes are not kept.
struct EntryAttributes {
  std::uint32_t mode = 0644;  ///< 07777
  vfs::Timestamp modified;
  HeadersId headers = kNoHeaders;
};

/// The directory tree of a bundle while it is being written: entries may be added in any order
/// (parents first), the result depends on names alone. Takes about 40 bytes an entry plus its name.
///
/// Names follow vfs::check_name. An entry whose name is taken is reported by Writer::finish
/// (EEXIST), all others at once: ENOTDIR when the parent is no directory, EINVAL for an entry that
/// does not exist, EOVERFLOW beyond 2^32 - 2 entries or 4 GiB of names. One thread at a time.
class Tree {
 public:
  explicit Tree(const EntryAttributes& root = {.mode = 0755, .modified = {}});
  ~Tree();
  Tree(Tree&&) noexcept;
  Tree& operator=(Tree&&) noexcept;

  [[nodiscard]] Result<EntryId> add_directory(EntryId parent, std::string_view name,
                                              const EntryAttributes& attributes);
  [[nodiscard]] Result<EntryId> add_file(EntryId parent, std::string_view name,
                                         const EntryAttributes& attributes, ContentId content);
  /// `target` follows vfs::check_link_target. The headers are not used.
  [[nodiscard]] Result<EntryId> add_symlink(EntryId parent, std::string_view name,
                                            const EntryAttributes& attributes,
                                            std::string_view target);
  /// A hard link: one more name for a file or symlink. EPERM for a directory.
  [[nodiscard]] Result<EntryId> add_link(EntryId parent, std::string_view name, EntryId existing);

  /// Replaces the attributes of an entry (a directory's are often known after its children).
  [[nodiscard]] Result<void> set_attributes(EntryId entry, const EntryAttributes& attributes);

  /// Entries, the root counted.
  [[nodiscard]] std::size_t size() const;

  struct State;  ///< private to the writer

 private:
  friend class Writer;
  std::unique_ptr<State> state_;
};

}  // namespace seabag::bundle
