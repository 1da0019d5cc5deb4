#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "overlay_ledger.h"
#include "overlay_lock.h"
#include "overlay_numbers.h"
#include "seabag/vfs/overlay.h"

namespace seabag::vfs {

class OverlayReader;

/// The implementation of Overlay. Locks, in this order: `tree_` (shared for reading, exclusive for
/// every change of names and every copy-up), `table_`, those of the layers.
class OverlayFileSystem final : public Overlay {
 public:
  OverlayFileSystem(OverlayOptions options, std::unique_ptr<OverlayLedger> ledger);
  /// Makes the root what it is the first time.
  [[nodiscard]] Result<void> prepare_root();

  // overlay_lookup.cpp
  const Capabilities& capabilities() const override;
  Result<Attributes> lookup(NodeId parent, std::string_view name) override;
  Result<Attributes> attributes(NodeId node) override;
  Result<std::unique_ptr<File>> open(NodeId node) override;
  Result<std::string> read_link(NodeId node) override;
  Result<std::string> xattr(NodeId node, std::string_view name) override;
  Result<std::vector<std::string>> xattrs(NodeId node) override;
  Result<Statistics> statistics() override;
  Result<bool> is_untouched(std::string_view path) override;

  // overlay_list.cpp
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override;

  // overlay_nodes.cpp
  Result<std::unique_ptr<WritableFile>> create_unnamed(NodeId directory,
                                                       const NewNode& what) override;
  Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) override;
  Result<Attributes> set_attributes(NodeId node, const AttributeChanges& changes) override;
  Result<void> set_xattr(NodeId node, std::string_view name, std::string_view value,
                         XattrMode mode) override;
  Result<void> remove_xattr(NodeId node, std::string_view name) override;
  Result<void> sync() override;

  // overlay_names.cpp
  Result<Attributes> create(NodeId parent, std::string_view name, const NewNode& what) override;
  Result<Attributes> link(NodeId node, NodeId parent, std::string_view name) override;
  Result<void> remove(NodeId parent, std::string_view name, RemoveKind kind) override;

  // overlay_rename.cpp
  Result<void> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name,
                      RenameMode mode) override;

  // overlay_diff.cpp
  Result<std::vector<Difference>> diff() override;
  Result<void> discard() override;

  // For open files (overlay_file.cpp).
  void add_reader(OverlayReader& reader);
  void remove_reader(OverlayReader& reader);
  /// fstat(2) of an open file, from what its own layer says.
  [[nodiscard]] Attributes describe_open(NodeId id, Attributes attributes);

 private:
  using Lowers = std::vector<std::optional<NodeId>>;

  /// A directory, with its part in every layer.
  struct Directory {
    std::optional<NodeId> upper;
    /// By lower; empty when no lower has anything to do with it.
    Lowers lowers;
    /// Where the lowers have it.
    std::string lower_path;
    /// Subdirectories that only lowers have, once counted; `table_` guards it.
    std::optional<std::uint64_t> lower_subdirectories;
  };
  /// How a node came to be known: the name it has. For directories, and for nodes of lowers.
  struct Known {
    NodeId parent{};
    std::string name;
    std::unique_ptr<Directory> directory;
  };
  struct Name {
    NodeId parent{};
    std::string name;
  };
  /// A directory that a call speaks of.
  struct Parent {
    NodeId id{};
    Directory* directory = nullptr;
  };
  /// What a name leads to.
  struct Child {
    Attributes attributes;           ///< as the overlay tells them, but for a directory's links
    Directory* directory = nullptr;  ///< null for others
    bool is_upper = false;
  };
  /// Where a node's own content is.
  struct Place {
    FileSystem* files = nullptr;
    NodeId node{};
    bool is_upper = false;
  };
  struct Move;
  class DiffRun;

  // overlay_lookup.cpp. The tree's lock is held for all that follows.
  [[nodiscard]] Result<NodeId> id_of_upper(NodeId upper) const;
  [[nodiscard]] std::optional<NodeId> upper_of(NodeId id) const;
  [[nodiscard]] Result<Place> locate(NodeId id, const char* operation);
  [[nodiscard]] bool is_orphan(NodeId id);
  [[nodiscard]] Directory* known_directory(NodeId id);
  [[nodiscard]] Result<Parent> directory_for(NodeId id, const char* operation);
  [[nodiscard]] Result<Attributes> outward(NodeId id, Attributes attributes);
  [[nodiscard]] Result<std::uint64_t> count_links(Directory& directory, std::uint64_t own);
  [[nodiscard]] Result<std::optional<Child>> find_child(const Parent& parent,
                                                        std::string_view name);
  [[nodiscard]] Result<std::optional<Child>> find_upper(const Parent& parent,
                                                        std::string_view name);
  [[nodiscard]] Result<std::optional<Child>> find_lower(const Parent& parent,
                                                        std::string_view name);
  /// The topmost that the lowers have at a name, hidden or not: its attributes and its lower.
  struct LowerEntry {
    Attributes attributes;
    std::size_t lower = 0;
  };
  [[nodiscard]] Result<std::optional<LowerEntry>> lower_entry(const Directory& directory,
                                                              std::string_view name) const;
  /// The directories that the lowers have at a name, from the topmost to the first that has
  /// something else there; empty for none.
  [[nodiscard]] Result<Lowers> lower_directories(const Lowers& parents,
                                                 std::string_view name) const;
  [[nodiscard]] Result<Lowers> lowers_at(std::string_view path) const;
  [[nodiscard]] Result<std::unique_ptr<Directory>> make_directory(const Directory& parent,
                                                                  std::string_view name,
                                                                  NodeId upper) const;
  /// Remembers where a node is; an older name of the same node is replaced.
  Directory* know(NodeId id, const Name& name, std::unique_ptr<Directory> directory);
  void learn_name(NodeId id, NodeId parent, std::string_view name);

  // overlay_list.cpp
  struct Listing;
  [[nodiscard]] Result<void> list_upper(Listing& listing, std::uint64_t cookie);
  [[nodiscard]] Result<void> list_lower(Listing& listing, std::size_t lower, std::uint64_t cookie);
  [[nodiscard]] Result<void> add_upper_row(Listing& listing, const DirectoryEntry& row);
  [[nodiscard]] Result<void> add_lower_row(Listing& listing, std::size_t lower,
                                           const DirectoryEntry& row);
  [[nodiscard]] Result<std::vector<DirectoryEntry>> rows(const Parent& parent, std::uint64_t cookie,
                                                         std::size_t limit);
  [[nodiscard]] Result<bool> has_no_entries(const Parent& parent);
  [[nodiscard]] Result<std::uint64_t> count_lower_subdirectories(const Directory& directory) const;

  // overlay_copy_up.cpp. The tree's lock is held exclusively from here on.
  [[nodiscard]] Result<NodeId> copy_up(NodeId id);
  [[nodiscard]] Result<NodeId> copy_up_directory(NodeId id);
  [[nodiscard]] Result<NodeId> copy_up_one_directory(Known& known, NodeId id);
  [[nodiscard]] Result<NodeId> copy_up_file(NodeId id, const Place& place,
                                            const Attributes& source);
  [[nodiscard]] Result<NodeId> copy_up_other(NodeId id, const Place& place,
                                             const Attributes& source);
  [[nodiscard]] Result<std::vector<Name>> names_of(NodeId id, const Attributes& source);
  [[nodiscard]] Result<void> find_linked_names();
  /// Gives a complete copy its names and makes it the node's content.
  [[nodiscard]] Result<void> publish(NodeId id, NodeId made, const std::vector<Name>& names);
  [[nodiscard]] Result<void> switch_readers(NodeId id, NodeId upper);
  void forget_lower_subdirectory(NodeId parent);

  // overlay_nodes.cpp, which takes the lock itself.
  template <typename Check, typename Call>
  auto change_node(NodeId id, const char* operation, Check check, Call call) -> decltype(call(id));

  // overlay_names.cpp
  [[nodiscard]] Result<Parent> parent_for(NodeId id, const char* operation);
  [[nodiscard]] Result<Attributes> adopt(const Parent& parent, std::string_view name,
                                         const Attributes& made);
  [[nodiscard]] Result<void> show(const Directory& directory, std::string_view name);
  [[nodiscard]] Result<void> copy_up_linked(Child& child);
  [[nodiscard]] Result<void> take_away(const Parent& parent, std::string_view name,
                                       const Child& child);
  /// A name is gone, and with it perhaps the node.
  [[nodiscard]] Result<void> forget(const Child& child);

  // overlay_rename.cpp
  [[nodiscard]] bool is_within(NodeId id, NodeId directory);
  [[nodiscard]] Result<void> check_move(const Move& move, RenameMode mode);
  [[nodiscard]] Result<void> pin(const Child& child, const Directory& to, std::string_view name);
  [[nodiscard]] Result<void> replace(const Move& move, RenameMode mode);
  [[nodiscard]] Result<void> exchange(const Move& move);
  void move_known(const Child& child, NodeId parent, std::string_view name);

  const std::shared_ptr<WritableFileSystem> upper_;
  const std::vector<std::shared_ptr<FileSystem>> lowers_;
  const std::unique_ptr<OverlayLedger> ledger_;
  const OverlayNumbers numbers_;
  Capabilities capabilities_;

  OverlayLock tree_;
  std::mutex table_;  ///< guards what is below; directories change under `tree_` alone
  std::unordered_map<NodeId, Known> known_;
  std::unordered_map<NodeId, std::vector<OverlayReader*>> readers_;  ///< of lowers' files
  std::unordered_set<NodeId> orphans_;                               ///< of lowers, open
  /// All names of lowers' files that have several; made when first needed.
  std::optional<std::unordered_map<NodeId, std::vector<Name>>> linked_names_;
};

}  // namespace seabag::vfs
