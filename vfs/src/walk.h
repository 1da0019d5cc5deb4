#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mount_table.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/path.h"

namespace seabag::vfs {

/// Symlinks followed in one resolution before it is ELOOP (MAXSYMLINKS of Linux).
inline constexpr int kMaxLinkTraversals = 40;

/// A directory that the walk has entered. Pointers are owned by the tree of mount points.
struct Position {
  const MountState* mount = nullptr;  ///< null in a synthetic directory
  const MountNode* point = nullptr;   ///< null where nothing is mounted at or below
  NodeId node{};                      ///< in `mount`
  std::string_view name;              ///< owned by the caller's path or by a followed link

  [[nodiscard]] bool is_mount_point() const { return point != nullptr && point->top != nullptr; }
};

/// What a name leads to.
struct Target {
  Position place;
  FileType type = FileType::directory;
  /// Where a lookup has told them: owned by the walk, until its next step.
  const Attributes* attributes = nullptr;

  [[nodiscard]] bool is_directory() const { return type == FileType::directory; }
};

/// The directories from the root to where the walk is. Most paths are short, so the first levels
/// cost no allocation, and those that are not reached not even their initialisation.
class PositionStack {
 public:
  PositionStack() {}  // NOLINT(modernize-use-equals-default): a union member has no default

  void push(const Position& position) {
    emplace(position.mount, position.point, position.node, position.name);
  }
  /// Makes a position where it is to be: a copy that reads what was just written waits for it.
  void emplace(const MountState* mount, const MountNode* point, NodeId node,
               std::string_view name) {
    if (size_ < kInlineDepth) {
      ::new (&inline_[size_]) Position{.mount = mount, .point = point, .node = node, .name = name};
    } else {
      spilled_.push_back({.mount = mount, .point = point, .node = node, .name = name});
    }
    ++size_;
  }
  void pop() {
    if (size_ > kInlineDepth) {
      spilled_.pop_back();
    }
    --size_;
  }
  void truncate(std::size_t size) {
    while (size_ > size) {
      pop();
    }
  }
  [[nodiscard]] const Position& operator[](std::size_t index) const {
    return index < kInlineDepth ? inline_[index] : spilled_[index - kInlineDepth];
  }
  [[nodiscard]] const Position& top() const { return (*this)[size_ - 1]; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kInlineDepth = 12;
  static_assert(std::is_trivially_destructible_v<Position>);

  union {
    std::array<Position, kInlineDepth> inline_;  ///< alive up to size_
  };
  std::vector<Position> spilled_;
  std::size_t size_ = 0;
};

/// One resolution of a path: the only place where symlinks, `..`, mounts and limits are handled.
/// One thread at a time.
class Walk {
 public:
  /// How the last component of a path is spelled.
  enum class LastKind : std::uint8_t { name, root, dot, dot_dot };

  /// All three must outlive the walk; errors carry path and operation.
  Walk(const MountNode& mounts, std::string_view path, const char* operation);

  /// Walks to the last component without looking it up; `top` is then the directory that it is in
  /// (or, when it is no name, what it leads to).
  Result<void> to_parent();

  /// The whole walk.
  Result<Target> resolve(LastLink last_link);

  /// The last component after `to_parent`, not followed.
  Result<Target> look_at_last();

  /// Replaces the last component, a symlink, by its target and goes on as `to_parent` does.
  Result<void> follow_last(const Target& link);

  /// Where a file system is mounted whose prefix is this path: like `real_path`, but what does not
  /// exist is taken as it is written.
  Result<std::string> mount_point();

  /// The canonical path of what `resolve` found; ENAMETOOLONG when that is no path any more.
  [[nodiscard]] Result<std::string> real_path() const;

  [[nodiscard]] const Position& top() const { return stack_.top(); }
  [[nodiscard]] std::string_view last() const { return last_; }
  [[nodiscard]] LastKind last_kind() const { return last_kind_; }
  [[nodiscard]] bool has_trailing_slash() const { return components_.has_trailing_slash(); }

  /// EROFS unless the directory or node is in a mount that lets mutations through.
  Result<WritableFileSystem*> writable(const Position& place) const;

  [[nodiscard]] Error fail(std::errc condition, const char* detail = "") const;
  /// A provider's answer, its error under the name of this walk's operation and path.
  template <typename T>
  Result<T> named(Result<T> result) const {
    if (!result) {
      return renamed(std::move(result).error());
    }
    return result;
  }

 private:
  [[nodiscard]] Error renamed(Error error) const;
  Result<void> enter(std::string_view name);
  Result<void> enter_target(const Target& target);
  Result<void> follow(const Target& link, std::string_view rest);
  Result<Target> step(std::string_view name);
  Result<void> extend(std::string_view name);
  /// The path of `top`, or of a name in it.
  [[nodiscard]] std::string canonical_path(std::string_view name = {}) const;

  std::string_view path_;
  const char* operation_;
  PathComponents components_;
  PositionStack stack_;
  std::string_view last_;
  LastKind last_kind_ = LastKind::root;
  int links_ = 0;
  std::optional<Attributes> found_;  ///< what the last lookup told
  /// Texts of followed links, which components and positions point into.
  std::vector<std::unique_ptr<const std::string>> texts_;
};

}  // namespace seabag::vfs
