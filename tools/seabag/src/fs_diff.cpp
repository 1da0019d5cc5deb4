#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "change_writer.h"
#include "fs_commands.h"
#include "fs_place.h"
#include "seabag/console/exit_code.h"

namespace seabag::command {

namespace {

constexpr std::size_t kPiece = std::size_t{256} * 1024;
constexpr std::size_t kListBatch = 1024;

/// Where two trees are being compared.
struct Pair {
  std::string path;
  vfs::NodeId left{};
  vfs::NodeId right{};
};

Result<std::vector<vfs::DirectoryEntry>> sorted_entries(vfs::FileSystem& files,
                                                        vfs::NodeId directory) {
  std::vector<vfs::DirectoryEntry> entries;
  std::uint64_t cookie = 0;
  while (true) {
    auto batch = SEABAG_TRY(files.list(directory, cookie, kListBatch));
    if (batch.empty()) {
      break;
    }
    cookie = batch.back().cookie;
    std::move(batch.begin(), batch.end(), std::back_inserter(entries));
  }
  std::ranges::sort(entries, {}, &vfs::DirectoryEntry::name);
  return entries;
}

/// One comparison of two trees: names, types, permission bits, contents and targets.
class Comparison {
 public:
  Comparison(vfs::FileSystem& left, vfs::FileSystem& right, ChangeWriter& changes)
      : left_(left), right_(right), changes_(changes) {}

  Result<void> run(vfs::NodeId left, vfs::NodeId right) {
    SEABAG_TRY(compare("/", left, right));
    while (!pending_.empty()) {
      const Pair next = std::move(pending_.back());
      pending_.pop_back();
      SEABAG_TRY(compare_entries(next));
    }
    return {};
  }

 private:
  Result<void> compare_entries(const Pair& pair) {
    const auto left = SEABAG_TRY(named(sorted_entries(left_, pair.left), pair.path));
    const auto right = SEABAG_TRY(named(sorted_entries(right_, pair.right), pair.path));
    const std::string prefix = pair.path == "/" ? pair.path : pair.path + "/";
    auto l = left.begin();
    auto r = right.begin();
    while (l != left.end() || r != right.end()) {
      if (r == right.end() || (l != left.end() && l->name < r->name)) {
        SEABAG_TRY(changes_.add('-', prefix + l->name));
        ++l;
      } else if (l == left.end() || r->name < l->name) {
        SEABAG_TRY(changes_.add('+', prefix + r->name));
        ++r;
      } else {
        SEABAG_TRY(compare(prefix + l->name, l->node, r->node));
        ++l;
        ++r;
      }
    }
    return {};
  }

  Result<void> compare(const std::string& path, vfs::NodeId left, vfs::NodeId right) {
    const auto one = SEABAG_TRY(named(left_.attributes(left), path));
    const auto other = SEABAG_TRY(named(right_.attributes(right), path));
    bool is_same = one.type == other.type;
    if (is_same && one.type == vfs::FileType::symlink) {
      is_same = SEABAG_TRY(named(left_.read_link(left), path)) ==
                SEABAG_TRY(named(right_.read_link(right), path));
    } else if (is_same) {
      is_same = one.mode == other.mode;
    }
    if (is_same && one.type == vfs::FileType::regular) {
      is_same = one.size == other.size && SEABAG_TRY(named(has_same_content(left, right), path));
    }
    if (one.type == vfs::FileType::directory && other.type == one.type) {
      pending_.push_back({path, left, right});
    }
    return is_same ? Result<void>() : changes_.add('M', path);
  }

  Result<bool> has_same_content(vfs::NodeId left, vfs::NodeId right) {
    const auto one = SEABAG_TRY(left_.open(left));
    const auto other = SEABAG_TRY(right_.open(right));
    std::uint64_t offset = 0;
    while (true) {
      const std::size_t count = SEABAG_TRY(one->read_at(one_, offset));
      const std::size_t other_count = SEABAG_TRY(other->read_at(other_, offset));
      if (count != other_count || std::memcmp(one_.data(), other_.data(), count) != 0) {
        return false;
      }
      if (count == 0) {
        return true;
      }
      offset += count;
    }
  }

  template <typename T>
  static Result<T> named(Result<T> result, const std::string& path) {
    if (!result) {
      return with_path(std::move(result).error(), path);
    }
    return result;
  }

  vfs::FileSystem& left_;
  vfs::FileSystem& right_;
  ChangeWriter& changes_;
  std::vector<Pair> pending_;
  std::vector<std::byte> one_ = std::vector<std::byte>(kPiece);
  std::vector<std::byte> other_ = std::vector<std::byte>(kPiece);
};

}  // namespace

Result<void> fs_diff(const Fs& options, const Surroundings& surroundings, ChangeWriter& changes) {
  Places places(surroundings);
  const Place left = SEABAG_TRY(places.open(options.operands.front(), Purpose::read));
  const Place right = SEABAG_TRY(places.open(options.operands.back(), Purpose::read));
  const auto one = SEABAG_TRY(left.named(left.names().stat(left.path)));
  const auto other = SEABAG_TRY(right.named(right.names().stat(right.path)));
  return Comparison(left.files(), right.files(), changes).run(one.node, other.node);
}

}  // namespace seabag::command
