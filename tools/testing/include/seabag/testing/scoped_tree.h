#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/faulty.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// Files for a test, at the paths where the code under test looks for them. That code uses
/// `std::ifstream`, `std::filesystem`, fopen(3), dlopen(3) or what it likes and knows nothing of
/// this; no test framework is needed and none gets in the way.
///
///   TEST_CASE("the debug flag is read") {
///     const seabag::testing::ScopedTree tree{{"/etc/app.conf", "debug=true"}};
///     CHECK(load_settings("/etc/app.conf").debug);
///   }
///
/// No root, no kernel mount, no temporary directory; nothing is left behind however the test ends.
/// Test programs that run at the same time do not see each other's trees.
namespace seabag::testing {

/// One file of a tree. A path that ends in `/` is an empty directory.
struct TreeFile {
  std::string path;  ///< absolute
  std::string content = {};
  std::uint32_t mode = 0644;
};

struct TreeOptions {
  /// What is to go wrong with calls on the tree, writes and reads of the code under test included:
  /// `plan->add({.call = ContractCall::write_at, .error = no_space_on_device, .nth = 3})` fails the
  /// third write, a hook that waits makes the tree slow.
  std::shared_ptr<vfs::FaultPlan> faults = {};
  /// Reads of more bytes come short, as read(2) may. 0: none do. Together with `faults` only.
  std::uint32_t longest_read = 0;
};

/// What a tree holds at one moment: paths, types, modes, contents.
class Snapshot {
 public:
  struct Node {
    vfs::FileType type = vfs::FileType::regular;
    std::uint32_t mode = 0;
    std::string content;  ///< of a file; the target of a symlink

    friend bool operator==(const Node&, const Node&) = default;
  };

  [[nodiscard]] const std::map<std::string, Node>& nodes() const { return nodes_; }

 private:
  friend class ScopedTree;
  std::map<std::string, Node> nodes_;
};

enum class ChangeKind : std::uint8_t { created, modified, removed };

/// One path that is not what it was.
struct Change {
  ChangeKind kind;
  std::string path;

  friend bool operator==(const Change&, const Change&) = default;
};

/// `created '/a', removed '/b'`, or `nothing`: for messages of failed assertions.
[[nodiscard]] std::string describe(const std::vector<Change>& changes);

/// Files that this process, and what it starts, sees at their paths for as long as the object
/// lives. What the tree does not have is the real file system: only files that the tree has, and
/// new names in directories that it has, are virtual; the real files are never touched through
/// them. The first component of a path ("/etc") belongs to one tree at a time: of two trees that
/// have it the later is seen.
///
/// Not while other threads use the environment (getenv(3)) or are inside calls on the tree.
class ScopedTree {
 public:
  /// Ends the process with a line on standard error when that is impossible: a test cannot go on.
  ScopedTree(std::initializer_list<TreeFile> files);
  explicit ScopedTree(const std::vector<TreeFile>& files, const TreeOptions& options = {});

  /// The same with an error to look at: EINVAL for a relative path, EEXIST for one that is there
  /// twice, and those of the system (no /proc, no descriptors).
  [[nodiscard]] static Result<ScopedTree> make(const std::vector<TreeFile>& files,
                                               const TreeOptions& options = {});

  ScopedTree(ScopedTree&&) noexcept;
  ScopedTree& operator=(ScopedTree&&) noexcept;
  ~ScopedTree();

  /// The content of a file of the tree as it is now. ENOENT also for a real file.
  [[nodiscard]] Result<std::string> read(std::string_view path) const;
  /// Makes a file, with its directories, or replaces its content. No faults here.
  Result<void> write(std::string_view path, std::string_view content, std::uint32_t mode = 0644);

  [[nodiscard]] Snapshot snapshot() const;
  /// What differs from `before`, sorted by path. Times alone are no difference.
  [[nodiscard]] std::vector<Change> changes_since(const Snapshot& before) const;

 private:
  struct State;
  explicit ScopedTree(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seabag::testing
