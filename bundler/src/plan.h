#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// A content, by the order of storing.
enum class ContentNumber : std::uint32_t {};

/// An entry of a Plan, by the order of adding; a parent comes before its children.
enum class PlanId : std::uint32_t {};
inline constexpr PlanId kPlanRoot{0};

enum class PlanKind : std::uint8_t {
  implied,  ///< a directory that only the paths of others have named so far
  directory,
  file,
  symlink,
  link,  ///< a further name of the entry `reference`
};

/// What an entry brings along.
struct PlanAttributes {
  std::uint32_t mode = 0755;  ///< 07777
  vfs::Timestamp modified;
};

/// 32 bytes a name, so that a million of them stay small.
struct PlanEntry {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  std::uint32_t parent = 0;
  std::uint32_t name_offset = 0;
  std::uint32_t reference = 0;  ///< file: content; symlink: offset of its target; link: entry
  std::uint16_t mode = 0;
  std::uint16_t target_length = 0;  ///< symlink
  std::uint16_t input = 0;          ///< which input brought it
  std::uint8_t name_length = 0;
  PlanKind kind = PlanKind::file;
};

/// The merged tree of all inputs. Directories merge; anything else that meets at one path must be
/// the same thing. One thread at a time.
class Plan {
 public:
  /// `inputs` name the inputs in messages.
  explicit Plan(std::vector<std::string> inputs);

  /// Names the input that the following calls work for.
  void set_input(std::uint32_t input) { input_ = static_cast<std::uint16_t>(input); }

  /// The directory at `path` (absolute, without a trailing slash; empty for the root), made as
  /// `implied` together with its parents when missing. Failure conflict, or archive_refused when
  /// one and the same input is at odds with itself: a component is a file or a symlink.
  [[nodiscard]] Result<PlanId> directory(std::string_view path);

  /// Makes an implied directory a real one. What an earlier input said about a directory stays.
  void describe_directory(PlanId directory, const PlanAttributes& attributes);

  /// Each answers the entry that is there afterwards, which may have been there before: the same
  /// content with the same mode, or the same target. Failures as `directory`; ENAMETOOLONG for a
  /// path of more than 4095 bytes.
  [[nodiscard]] Result<PlanId> add_file(PlanId parent, std::string_view name,
                                        const PlanAttributes& attributes, ContentNumber content);
  [[nodiscard]] Result<PlanId> add_symlink(PlanId parent, std::string_view name,
                                           const PlanAttributes& attributes,
                                           std::string_view target);
  /// `existing` is a file or symlink, or a link to one.
  [[nodiscard]] Result<PlanId> add_link(PlanId parent, std::string_view name, PlanId existing);

  /// Gives a file other bytes: a hard link in an archive may bring them along.
  void set_content(PlanId file, ContentNumber content);

  /// Gives directories that nobody described the time of their newest entry.
  void settle_times();

  [[nodiscard]] std::optional<PlanId> find(PlanId parent, std::string_view name) const;
  /// The same for an absolute path; no symlink is followed.
  [[nodiscard]] std::optional<PlanId> find(std::string_view path) const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const PlanEntry& entry(PlanId id) const {
    return entries_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] PlanEntry& entry(PlanId id) { return entries_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] std::string_view name(PlanId id) const;
  [[nodiscard]] std::string_view target(PlanId symlink) const;
  /// The absolute path; `/` for the root.
  [[nodiscard]] std::string path(PlanId id) const;
  /// How messages call an input.
  [[nodiscard]] const std::string& input_text(std::uint32_t input) const { return inputs_[input]; }

 private:
  [[nodiscard]] Result<PlanId> add(PlanId parent, std::string_view name, PlanEntry entry);
  [[nodiscard]] Result<void> check_depth(PlanId parent, std::string_view name) const;
  [[nodiscard]] Error clash(PlanId existing, std::string_view what) const;
  [[nodiscard]] std::size_t home(PlanId parent, std::string_view name) const;
  void index(PlanId id);
  void grow_index();

  std::vector<std::string> inputs_;
  std::uint16_t input_ = 0;
  std::vector<PlanEntry> entries_;
  std::string text_;                  ///< names and targets
  std::vector<std::uint32_t> index_;  ///< by parent and name: entry + 1, 0: empty; a power of two
};

}  // namespace seabag::bundler
