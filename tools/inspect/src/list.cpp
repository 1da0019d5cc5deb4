#include "seabag/inspect/list.h"

#include <algorithm>
#include <vector>

#include "seabag/console/format.h"
#include "seabag/inspect/tree_walk.h"

namespace seabag::inspect {

namespace {

// A name as this output shows it: escaped for a person, byte for byte for a script.
std::string shown(std::string_view name, const console::Output& out) {
  return out.is_terminal() ? console::printable(name) : std::string(name);
}

class Lister {
 public:
  Lister(const Contents& contents, const ListOptions& options, console::Output& out)
      : contents_(contents), options_(options), out_(out) {}

  Result<void> list_path(std::string_view path) {
    const Contents::Found found = SEABAG_TRY(contents_.find(path));
    if (found.attributes.type != vfs::FileType::directory) {
      return line(found.path, found.attributes.node, found.attributes.type);
    }
    TreeWalk walk(contents_.files(), found.attributes.node, found.path);
    while (const TreeWalk::Item* item = SEABAG_TRY(walk.next())) {
      SEABAG_TRY(line(item->path, item->entry.node, item->entry.type));
    }
    return {};
  }

 private:
  Result<void> line(std::string_view path, vfs::NodeId node, vfs::FileType type) {
    std::string text;
    if (options_.style == ListStyle::details) {
      text = SEABAG_TRY(details(node));
    }
    text += shown(path, out_);
    if (type == vfs::FileType::directory) {
      text += '/';
    }
    if (options_.style == ListStyle::details && type == vfs::FileType::symlink) {
      const std::string target = SEABAG_TRY(contents_.files().read_link(node));
      text += " -> " + shown(target, out_);
    }
    text += options_.end == LineEnd::nul ? '\0' : '\n';
    return out_.write(text);
  }

  Result<std::string> details(vfs::NodeId node) {
    const vfs::Attributes attributes = SEABAG_TRY(contents_.files().attributes(node));
    constexpr std::size_t kSizeWidth = 14;
    std::string size = console::format_count(attributes.size);
    size.insert(0, kSizeWidth - std::min(kSizeWidth, size.size()), ' ');
    return console::format_mode(attributes.type, attributes.mode) + size + "  " +
           console::format_time(attributes.modified) + "  ";
  }

  const Contents& contents_;
  const ListOptions& options_;
  console::Output& out_;
};

}  // namespace

Result<void> list(const Contents& contents, std::span<const std::string> paths,
                  const ListOptions& options, console::Output& out) {
  Lister lister(contents, options, out);
  if (paths.empty()) {
    return lister.list_path("/");
  }
  for (const std::string& path : paths) {
    SEABAG_TRY(lister.list_path(path));
  }
  return {};
}

Result<void> draw_tree(const Contents& contents, std::string_view path, console::Output& out) {
  const Contents::Found found = SEABAG_TRY(contents.find(path));
  if (found.attributes.type != vfs::FileType::directory) {
    return make_error(std::errc::not_a_directory, "tree", path);
  }
  SEABAG_TRY(out.write(shown(found.path, out) + "\n"));
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::vector<bool> is_last_at;  // for each level above: whether its line ends there
  TreeWalk walk(contents.files(), found.attributes.node, found.path);
  while (const TreeWalk::Item* item = SEABAG_TRY(walk.next())) {
    is_last_at.resize(item->depth);
    std::string text;
    for (const bool is_last : is_last_at) {
      text += is_last ? "    " : "│   ";
    }
    text += item->is_last ? "└── " : "├── ";
    text += shown(item->entry.name, out);
    if (item->entry.type == vfs::FileType::directory) {
      text += '/';
      ++directories;
    } else {
      ++files;
    }
    if (item->entry.type == vfs::FileType::symlink) {
      text += " -> " + shown(SEABAG_TRY(contents.files().read_link(item->entry.node)), out);
    }
    is_last_at.push_back(item->is_last);
    SEABAG_TRY(out.write(text + "\n"));
  }
  return out.write("\n" + console::format_count(directories) +
                   (directories == 1 ? " directory, " : " directories, ") +
                   console::format_count(files) + (files == 1 ? " file\n" : " files\n"));
}

}  // namespace seabag::inspect
