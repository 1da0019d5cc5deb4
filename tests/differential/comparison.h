#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "subject.h"

namespace seabag::testing {

/// How closely a provider follows tmpfs where SEMANTICS leaves it a choice.
struct Likeness {
  /// Holes begin and end where tmpfs has them, in units of 4 KiB.
  bool has_small_holes = false;
  /// st_blocks is what tmpfs tells.
  bool counts_blocks = false;
  /// Nodes are copied before they change: that moves their ctime, and the atime of directories.
  bool copies_up = false;
  /// Space can be taken behind the end of a file.
  bool keeps_reservations = false;
};

/// Makes the same operation on the reference and on a provider, and looks for differences in the
/// answer and in all that the operation touched. One thread at a time.
class Comparison {
 public:
  /// Both must outlive it and be empty.
  Comparison(Subject& reference, Subject& provider, Likeness likeness);

  /// The first difference, in words for a person; empty when there is none.
  [[nodiscard]] std::string run(const Operation& operation);

  /// Whether the last operation did what it was to do.
  [[nodiscard]] bool has_succeeded() const { return has_succeeded_; }

  /// The provider's nodes have other numbers from now on.
  void forget_inodes();

  /// Compares the whole trees. `paths` becomes all paths below the root.
  [[nodiscard]] std::string compare_trees(std::vector<std::string>& paths);

 private:
  /// A node that an operation may touch, before and after.
  struct Witness {
    Operation look;
    Outcome reference;
    Outcome provider;
  };

  [[nodiscard]] bool finds_every_change_told();
  /// What is made of an operation whose outcome is the provider's choice.
  [[nodiscard]] Operation decided(const Operation& operation);
  [[nodiscard]] std::vector<Witness> witnesses_of(const Operation& operation);
  [[nodiscard]] std::string compare_outcomes(const Operation& operation, const Outcome& reference,
                                             const Outcome& provider);
  [[nodiscard]] std::string compare_extent(const Operation& operation, const Outcome& reference,
                                           const Outcome& provider);
  [[nodiscard]] std::string compare_witness(const Witness& before);
  /// Entries, content, target and attributes of a node that an operation on a path has touched; a
  /// large file is left to compare_trees().
  [[nodiscard]] std::string compare_inside(const std::string& path, const vfs::Attributes& node);
  /// Whether mtime and ctime moved on one side only.
  [[nodiscard]] std::string compare_moves(const Witness& before, const vfs::Attributes& reference,
                                          const vfs::Attributes& provider) const;
  [[nodiscard]] std::string compare_nodes(const vfs::Attributes& reference,
                                          const vfs::Attributes& provider) const;
  [[nodiscard]] std::string compare_time(const char* name, vfs::Timestamp reference,
                                         vfs::Timestamp provider) const;
  [[nodiscard]] std::string compare_content(const Operation& operation);
  [[nodiscard]] std::string compare_file(const std::string& path, std::uint64_t size);
  [[nodiscard]] std::string compare_xattrs(const std::string& path);
  [[nodiscard]] std::string compare_reads(unsigned slot, std::uint64_t offset,
                                          std::uint64_t length);
  [[nodiscard]] std::string compare_entries(const std::vector<vfs::DirectoryEntry>& reference,
                                            const std::vector<vfs::DirectoryEntry>& provider);
  /// Whether these two numbers can belong to one node, from all that was seen so far.
  [[nodiscard]] bool are_same_inode(std::uint64_t reference, std::uint64_t provider);

  Subject& reference_;
  Subject& provider_;
  Likeness likeness_;
  std::int64_t start_;
  Act act_ = Act::stat;    ///< of the last operation
  vfs::Timestamp before_;  ///< when the operation began
  /// The reference gives every change that somebody looked at before a time of its own.
  bool tells_every_change_ = false;
  bool has_succeeded_ = false;
  std::map<std::uint64_t, std::uint64_t> inodes_;
  std::map<std::uint64_t, std::uint64_t> reverse_;
};

}  // namespace seabag::testing
