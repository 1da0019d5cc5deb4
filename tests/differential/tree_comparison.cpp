#include <algorithm>

#include "comparison.h"

namespace seabag::testing {
namespace {

constexpr std::uint64_t kReadWhole = std::uint64_t{1} << 21U;
constexpr std::uint64_t kReadOften = std::uint64_t{1} << 16U;
constexpr std::uint64_t kWindow = 65536;

bool changes_something(Act act) {
  switch (act) {
    case Act::stat:
    case Act::lstat:
    case Act::list:
    case Act::read_link:
    case Act::real_path:
    case Act::statistics:
    case Act::get_xattr:
    case Act::list_xattrs:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::string Comparison::compare_inside(const std::string& path, const vfs::Attributes& node) {
  if (!changes_something(act_)) {
    return {};
  }
  std::string difference;
  if (node.type == vfs::FileType::directory) {
    const Operation look{.act = Act::list, .path = path};
    difference = compare_outcomes(look, reference_.run(look), provider_.run(look));
  } else if (node.type == vfs::FileType::regular && node.size <= kReadOften) {
    difference = compare_file(path, node.size);
  } else if (node.type == vfs::FileType::symlink) {
    const Operation look{.act = Act::read_link, .path = path};
    difference = compare_outcomes(look, reference_.run(look), provider_.run(look));
  }
  return difference.empty() ? compare_xattrs(path) : difference;
}

std::string Comparison::compare_trees(std::vector<std::string>& paths) {
  paths.clear();
  std::vector<std::string> pending{"/"};
  while (!pending.empty()) {
    const std::string directory = std::move(pending.back());
    pending.pop_back();
    const Operation look{.act = Act::list, .path = directory};
    const Outcome reference = reference_.run(look);
    const Outcome provider = provider_.run(look);
    std::string difference = compare_outcomes(look, reference, provider);
    for (auto row = reference.entries.begin(); difference.empty() && row != reference.entries.end();
         ++row) {
      const std::string path = directory == "/" ? row->name : directory + "/" + row->name;
      paths.push_back(path);
      const Operation stat{.act = Act::lstat, .path = path};
      const Outcome expected = reference_.run(stat);
      difference = compare_outcomes(stat, expected, provider_.run(stat));
      if (difference.empty() && row->type == vfs::FileType::directory) {
        pending.push_back(path);
      } else if (difference.empty() && row->type == vfs::FileType::regular && expected.node) {
        difference = compare_file(path, expected.node->size);
      } else if (difference.empty() && row->type == vfs::FileType::symlink) {
        const Operation read{.act = Act::read_link, .path = path};
        difference = compare_outcomes(read, reference_.run(read), provider_.run(read));
      }
      difference += difference.empty() ? compare_xattrs(path) : "";
      difference += difference.empty() ? "" : " of '" + path + "'";
    }
    if (!difference.empty()) {
      return "trees: " + difference;
    }
  }
  return {};
}

std::string Comparison::compare_xattrs(const std::string& path) {
  const Operation list{.act = Act::list_xattrs, .path = path, .last_link = vfs::LastLink::keep};
  const Outcome reference = reference_.run(list);
  std::string difference = compare_outcomes(list, reference, provider_.run(list));
  for (auto row = reference.entries.begin(); difference.empty() && row != reference.entries.end();
       ++row) {
    const Operation get{.act = Act::get_xattr, .path = path, .other = row->name};
    difference = compare_outcomes(get, reference_.run(get), provider_.run(get));
  }
  return difference.empty() ? "" : "xattrs: " + difference;
}

std::string Comparison::compare_file(const std::string& path, std::uint64_t size) {
  const Operation open{.act = Act::open, .path = path, .slot = kInspectionSlot};
  std::string difference = compare_outcomes(open, reference_.run(open), provider_.run(open));
  if (!difference.empty()) {
    return "open: " + difference;
  }
  if (size <= kReadWhole) {
    difference = compare_reads(kInspectionSlot, 0, size + 1);
  } else {
    std::uint64_t at = 0;
    while (difference.empty() && at < size) {
      difference = compare_reads(kInspectionSlot, at, kWindow);
      const Outcome data = reference_.run({.act = Act::find_extent,
                                           .slot = kInspectionSlot,
                                           .offset = std::min(at + kWindow, size),
                                           .extent = vfs::ExtentKind::data});
      at = data.error == 0 ? data.count : size;
    }
  }
  const Operation close{.act = Act::close, .slot = kInspectionSlot};
  reference_.run(close);
  provider_.run(close);
  return difference;
}

}  // namespace seabag::testing
