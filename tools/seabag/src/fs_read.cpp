#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "array_writer.h"
#include "fs_commands.h"
#include "fs_place.h"
#include "json.h"
#include "seabag/console/exit_code.h"
#include "seabag/console/format.h"
#include "seabag/inspect/contents.h"
#include "seabag/inspect/list.h"
#include "seabag/inspect/tree_walk.h"
#include "seabag/vfs/glob.h"

namespace seabag::command {

namespace {

constexpr std::size_t kPiece = std::size_t{256} * 1024;
constexpr std::uint64_t kBlockUnit = 512;
constexpr std::size_t kSizeWidth = 10;

std::string padded(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

Result<Row> row_of(vfs::FileSystem& files, std::string_view path, const vfs::Attributes& node) {
  Row row{.path = path, .attributes = node};
  if (node.type == vfs::FileType::symlink) {
    row.target = SEABAG_TRY(files.read_link(node.node));
  }
  return row;
}

std::string details_of(const Row& row) {
  const vfs::Attributes& node = row.attributes;
  return console::format_mode(node.type, node.mode) + "  " +
         padded(console::format_bytes(node.size), kSizeWidth) + "  " +
         console::format_time(node.modified) + "  ";
}

/// A name as it goes to standard output: safe on a terminal, as it is elsewhere.
std::string shown_name(std::string_view name, const console::Output& out) {
  return out.is_terminal() ? console::printable(name) : std::string(name);
}

/// Shows rows in the form that was asked for.
class RowWriter {
 public:
  RowWriter(const Fs& options, console::Output& out) : options_(options), out_(out), array_(out) {}

  Result<void> add(const Row& row) {
    if (options_.json) {
      return array_.add(to_json(row));
    }
    std::string line = options_.details ? details_of(row) : "";
    line += options_.nul ? std::string(row.path) : shown_name(row.path, out_);
    if (row.attributes.type == vfs::FileType::directory && !line.ends_with('/')) {
      line += '/';
    }
    if (options_.details && !row.target.empty()) {
      line += " -> " + shown_name(row.target, out_);
    }
    line += options_.nul ? '\0' : '\n';
    return out_.write(line);
  }
  Result<void> finish() { return options_.json ? array_.finish() : Result<void>(); }

 private:
  const Fs& options_;
  console::Output& out_;
  ArrayWriter array_;
};

/// Every operand in turn.
using EachPlace = std::function<Result<void>(const Place&)>;

Result<void> for_each_place(const Fs& options, const Surroundings& surroundings,
                            const EachPlace& call) {
  Places places(surroundings);
  for (const std::string& operand : options.operands) {
    SEABAG_TRY(call(SEABAG_TRY(places.open(operand, Purpose::read))));
  }
  return {};
}

Result<void> list_place(const Place& place, RowWriter& rows) {
  const auto node = SEABAG_TRY(place.named(place.names().stat(place.path)));
  if (node.type != vfs::FileType::directory) {
    const auto itself = SEABAG_TRY(place.look());
    return rows.add(SEABAG_TRY(row_of(place.files(), place.shown, itself)));
  }
  for (const vfs::DirectoryEntry& entry : SEABAG_TRY(place.named(place.names().list(place.path)))) {
    const auto found = place.files().lookup(node.node, entry.name);
    if (found) {
      SEABAG_TRY(rows.add(SEABAG_TRY(row_of(place.files(), entry.name, *found))));
    } else if (!found.error().is(std::errc::no_such_file_or_directory)) {
      return place.below(entry.name).named(found.error());
    }
  }
  return {};
}

void add_line(std::string& text, std::string_view name, std::string_view value) {
  constexpr std::size_t kNameWidth = 12;
  text.append("  ").append(name).append(kNameWidth - name.size(), ' ').append(value).append("\n");
}

Result<std::string> stat_text(const Place& place, const Row& row) {
  const vfs::Attributes& node = row.attributes;
  std::string text = console::printable(place.shown) + "\n";
  add_line(text, "type", console::format_type(node.type));
  add_line(text, "mode", console::format_mode(node.type, node.mode));
  add_line(text, "owner", std::to_string(node.uid) + ":" + std::to_string(node.gid));
  add_line(text, "size", console::format_count(node.size) + " B");
  add_line(text, "allocated", console::format_count(node.blocks * kBlockUnit) + " B");
  add_line(text, "modified", console::format_time(node.modified) + " UTC");
  add_line(text, "links", console::format_count(node.links));
  add_line(text, "inode", std::to_string(node.inode));
  if (!row.target.empty()) {
    add_line(text, "target", console::printable(row.target));
  }
  const bool may_have_xattrs =
      node.type == vfs::FileType::regular || node.type == vfs::FileType::directory;
  if (may_have_xattrs && place.files().capabilities().extended_attributes) {
    for (const std::string& name : SEABAG_TRY(place.named(place.files().xattrs(node.node)))) {
      add_line(text, "attribute", console::printable(name));
    }
  }
  return text;
}

/// What `find` looks for.
class Filter {
 public:
  static Result<Filter> parse(const Fs& options) {
    Filter filter;
    if (!options.name.empty()) {
      filter.name_ = SEABAG_TRY(vfs::GlobPattern::parse(options.name));
    }
    if (!options.type.empty()) {
      filter.type_ = options.type == "f"   ? vfs::FileType::regular
                     : options.type == "d" ? vfs::FileType::directory
                                           : vfs::FileType::symlink;
    }
    return filter;
  }

  [[nodiscard]] bool wants(const vfs::DirectoryEntry& entry) const {
    return (!type_ || *type_ == entry.type) &&
           (!name_ || name_->matches(entry.name, vfs::Dotfiles::include));
  }

 private:
  std::optional<vfs::GlobPattern> name_;
  std::optional<vfs::FileType> type_;
};

Result<void> find_below(const Place& place, const Filter& filter, RowWriter& rows) {
  const auto top = SEABAG_TRY(place.look());
  if (top.type != vfs::FileType::directory) {
    const std::string name = place.path.substr(place.path.rfind('/') + 1);
    const bool wanted = filter.wants({.name = name, .type = top.type});
    return wanted ? rows.add(SEABAG_TRY(row_of(place.files(), place.shown, top))) : Result<void>();
  }
  std::string start = place.shown;
  while (start.size() > 1 && start.ends_with('/')) {
    start.pop_back();
  }
  inspect::TreeWalk walk(place.files(), top.node, start);
  while (const inspect::TreeWalk::Item* item = SEABAG_TRY(walk.next())) {
    if (!filter.wants(item->entry)) {
      continue;
    }
    auto node = place.files().attributes(item->entry.node);
    if (!node) {
      if (node.error().is(kStaleNode)) {
        continue;  // removed meanwhile
      }
      return with_path(std::move(node).error(), item->path);
    }
    SEABAG_TRY(rows.add(SEABAG_TRY(row_of(place.files(), item->path, *node))));
  }
  return {};
}

/// What a tree takes; a node with several names counts once.
class Tally {
 public:
  void add(const vfs::Attributes& node) {
    const bool has_names = node.type != vfs::FileType::directory && node.links > 1;
    if (has_names && !seen_.insert(node.node).second) {
      return;
    }
    ++nodes_;
    allocated_ += node.blocks * kBlockUnit;
    bytes_ += node.type == vfs::FileType::regular ? node.size : 0;
  }

  [[nodiscard]] Usage usage(std::string_view path) const {
    return {.path = path, .nodes = nodes_, .bytes = bytes_, .allocated = allocated_};
  }

 private:
  std::set<vfs::NodeId> seen_;
  std::uint64_t nodes_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t allocated_ = 0;
};

Result<Tally> tally(const Place& place) {
  Tally total;
  const auto top = SEABAG_TRY(place.look());
  total.add(top);
  if (top.type != vfs::FileType::directory) {
    return total;
  }
  inspect::TreeWalk walk(place.files(), top.node, place.shown);
  while (const inspect::TreeWalk::Item* item = SEABAG_TRY(walk.next())) {
    const auto node = place.files().attributes(item->entry.node);
    if (node) {
      total.add(*node);
    } else if (!node.error().is(kStaleNode)) {
      return with_path(node.error(), item->path);
    }
  }
  return total;
}

}  // namespace

Result<void> fs_list(const Fs& options, const Surroundings& surroundings) {
  RowWriter rows(options, surroundings.io.out);
  SEABAG_TRY(for_each_place(options, surroundings,
                            [&](const Place& place) { return list_place(place, rows); }));
  return rows.finish();
}

Result<void> fs_tree(const Fs& options, const Surroundings& surroundings) {
  return for_each_place(options, surroundings, [&](const Place& place) -> Result<void> {
    const auto contents = SEABAG_TRY(inspect::Contents::open(place.files()));
    return place.named(inspect::draw_tree(*contents, place.path, surroundings.io.out));
  });
}

Result<void> fs_cat(const Fs& options, const Surroundings& surroundings) {
  std::vector<std::byte> buffer(kPiece);
  return for_each_place(options, surroundings, [&](const Place& place) -> Result<void> {
    const auto file = SEABAG_TRY(place.named(place.names().open(place.path)));
    std::uint64_t offset = 0;
    while (const std::size_t count = SEABAG_TRY(place.named(file->read_at(buffer, offset)))) {
      SEABAG_TRY(surroundings.io.out.write({reinterpret_cast<const char*>(buffer.data()), count}));
      offset += count;
    }
    return {};
  });
}

Result<void> fs_stat(const Fs& options, const Surroundings& surroundings) {
  ArrayWriter array(surroundings.io.out);
  SEABAG_TRY(for_each_place(options, surroundings, [&](const Place& place) -> Result<void> {
    const auto node = SEABAG_TRY(place.look());
    const Row row = SEABAG_TRY(row_of(place.files(), place.shown, node));
    return options.json ? array.add(to_json(row))
                        : surroundings.io.out.write(SEABAG_TRY(stat_text(place, row)));
  }));
  return options.json ? array.finish() : Result<void>();
}

Result<void> fs_find(const Fs& options, const Surroundings& surroundings) {
  const Filter filter = SEABAG_TRY(Filter::parse(options));
  RowWriter rows(options, surroundings.io.out);
  SEABAG_TRY(for_each_place(options, surroundings,
                            [&](const Place& place) { return find_below(place, filter, rows); }));
  return rows.finish();
}

Result<void> fs_usage(const Fs& options, const Surroundings& surroundings) {
  console::Output& out = surroundings.io.out;
  ArrayWriter array(out);
  SEABAG_TRY(for_each_place(options, surroundings, [&](const Place& place) -> Result<void> {
    const Usage usage = SEABAG_TRY(tally(place)).usage(place.shown);
    if (options.json) {
      return array.add(to_json(usage));
    }
    return out.write(padded(console::format_bytes(usage.allocated), kSizeWidth) + "  " +
                     shown_name(place.shown, out) + "\n");
  }));
  return options.json ? array.finish() : Result<void>();
}

}  // namespace seabag::command
