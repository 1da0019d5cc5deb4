#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "array_writer.h"
#include "commands.h"
#include "json.h"
#include "path_glob.h"
#include "seabag/bundle/verify.h"
#include "seabag/bundler/export.h"
#include "seabag/bundler/verify.h"
#include "seabag/console/format.h"
#include "seabag/inspect/contents.h"
#include "seabag/inspect/describe.h"
#include "seabag/inspect/extract.h"
#include "seabag/inspect/list.h"
#include "seabag/inspect/tree_walk.h"
#include "seabag/providers/sqlar.h"
#include "seabag/providers/sqlite.h"

namespace seabag::command {

namespace {

constexpr const char* kSqlarSuffix = ".sqlar";

constexpr std::array<const char*, vfs::kEncodingCount> kEncodingNames = {"identity", "gzip", "br",
                                                                         "zstd"};

// A bundle with the walk over it.
struct OpenedApp {
  std::unique_ptr<bundle::Bundle> bundle;
  std::unique_ptr<inspect::Contents> contents;
};

Result<OpenedApp> open_with_contents(const std::string& path) {
  OpenedApp app;
  app.bundle = SEABAG_TRY(open_app(path));
  app.contents = SEABAG_TRY(inspect::Contents::open(*app.bundle));
  return app;
}

Result<std::string> row_json(vfs::FileSystem& files, std::string_view path, vfs::NodeId node) {
  Row row{.path = path, .attributes = SEABAG_TRY(files.attributes(node))};
  if (row.attributes.type == vfs::FileType::symlink) {
    row.target = SEABAG_TRY(files.read_link(node));
  }
  return to_json(row);
}

Result<void> list_as_json(const inspect::Contents& contents, std::vector<std::string> paths,
                          console::Output& out) {
  if (paths.empty()) {
    paths.emplace_back("/");
  }
  ArrayWriter array(out);
  for (const std::string& path : paths) {
    const auto found = SEABAG_TRY(contents.find(path));
    if (found.attributes.type != vfs::FileType::directory) {
      SEABAG_TRY(
          array.add(SEABAG_TRY(row_json(contents.files(), found.path, found.attributes.node))));
      continue;
    }
    inspect::TreeWalk walk(contents.files(), found.attributes.node, found.path);
    while (const inspect::TreeWalk::Item* item = SEABAG_TRY(walk.next())) {
      SEABAG_TRY(array.add(SEABAG_TRY(row_json(contents.files(), item->path, item->entry.node))));
    }
  }
  return array.finish();
}

void add_line(std::string& text, std::string_view name, std::string_view value) {
  constexpr std::size_t kNameWidth = 12;
  text += "  ";
  text += name;
  text.append(kNameWidth - name.size(), ' ');
  text += value;
  text += '\n';
}

void add_asset_lines(std::string& text, const vfs::Asset& asset) {
  add_line(text, "hash",
           console::format_hex({reinterpret_cast<const char*>(asset.content_hash.data()),
                                asset.content_hash.size()}));
  std::string forms;
  for (std::size_t encoding = 0; encoding < vfs::kEncodingCount; ++encoding) {
    const vfs::Representation& form = asset.representations[encoding];
    if (form.present) {
      forms += forms.empty() ? "" : ", ";
      forms += kEncodingNames[encoding];
      forms += " " + console::format_bytes(form.length);
    }
  }
  add_line(text, "forms", forms);
  std::string_view fields = asset.header_fields;
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    add_line(text, "header", console::printable(fields.substr(0, end)));
    fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 2);
  }
}

Result<std::string> stat_text(const Row& row) {
  const vfs::Attributes& attributes = row.attributes;
  std::string text = console::printable(row.path) + "\n";
  add_line(text, "type", console::format_type(attributes.type));
  add_line(text, "mode", console::format_mode(attributes.type, attributes.mode));
  add_line(text, "size", console::format_count(attributes.size) + " B");
  add_line(text, "modified", console::format_time(attributes.modified) + " UTC");
  add_line(text, "links", console::format_count(attributes.links));
  if (attributes.type == vfs::FileType::symlink) {
    add_line(text, "target", console::printable(row.target));
  }
  if (row.asset != nullptr) {
    add_asset_lines(text, *row.asset);
  }
  return text;
}

// Globs and which of them have matched anything.
struct Selection {
  std::vector<PathGlob> globs;
  std::vector<bool> has_matched;

  explicit Selection(const std::vector<std::string>& patterns)
      : globs(patterns.begin(), patterns.end()), has_matched(patterns.size(), false) {}

  bool wants(std::string_view path) {
    bool is_wanted = false;
    for (std::size_t each = 0; each < globs.size(); ++each) {
      if (globs[each].matches(path)) {
        has_matched[each] = true;
        is_wanted = true;
      }
    }
    return is_wanted;
  }
};

}  // namespace

Result<std::unique_ptr<bundle::Bundle>> open_app(const std::string& path) {
  auto opened = bundle::Bundle::open_executable(path);
  if (!opened) {
    return with_path(std::move(opened).error(), path);
  }
  return opened;
}

Result<void> execute(const List& options, const Surroundings& surroundings) {
  const OpenedApp app = SEABAG_TRY(open_with_contents(options.app));
  if (options.json) {
    return list_as_json(*app.contents, options.paths, surroundings.io.out);
  }
  const inspect::ListOptions style = {
      .style = options.details ? inspect::ListStyle::details : inspect::ListStyle::names,
      .end = options.nul ? inspect::LineEnd::nul : inspect::LineEnd::newline};
  return inspect::list(*app.contents, options.paths, style, surroundings.io.out);
}

Result<void> execute(const Tree& options, const Surroundings& surroundings) {
  const OpenedApp app = SEABAG_TRY(open_with_contents(options.app));
  return inspect::draw_tree(*app.contents, options.path, surroundings.io.out);
}

Result<void> execute(const Stat& options, const Surroundings& surroundings) {
  const OpenedApp app = SEABAG_TRY(open_with_contents(options.app));
  console::Output& out = surroundings.io.out;
  ArrayWriter array(out);
  for (const std::string& path : options.paths) {
    const auto found = SEABAG_TRY(app.contents->find(path));
    Row row{.path = found.path, .attributes = found.attributes};
    vfs::Asset asset;
    if (row.attributes.type == vfs::FileType::symlink) {
      row.target = SEABAG_TRY(app.bundle->read_link(row.attributes.node));
    } else if (row.attributes.type == vfs::FileType::regular) {
      asset = SEABAG_TRY(app.bundle->find(found.path));
      row.asset = &asset;
    }
    SEABAG_TRY(options.json ? array.add(to_json(row)) : out.write(SEABAG_TRY(stat_text(row))));
  }
  return options.json ? array.finish() : Result<void>();
}

Result<void> execute(const Cat& options, const Surroundings& surroundings) {
  const OpenedApp app = SEABAG_TRY(open_with_contents(options.app));
  constexpr std::size_t kPiece = 256 * 1024;
  std::vector<std::byte> buffer(kPiece);
  for (const std::string& path : options.paths) {
    const auto file = SEABAG_TRY(app.contents->names().open(path));
    std::uint64_t offset = 0;
    while (const std::size_t count = SEABAG_TRY(file->read_at(buffer, offset))) {
      SEABAG_TRY(surroundings.io.out.write({reinterpret_cast<const char*>(buffer.data()), count}));
      offset += count;
    }
  }
  return {};
}

Result<void> execute(const Extract& options, const Surroundings& surroundings) {
  const auto bundle = SEABAG_TRY(open_app(options.app));
  Selection selection(options.globs);
  inspect::ExtractOptions extract_options{.existing = options.force ? inspect::Existing::replace
                                                                    : inspect::Existing::refuse};
  if (!options.globs.empty()) {
    extract_options.is_wanted = [&](std::string_view path) { return selection.wants(path); };
  }
  const auto report = SEABAG_TRY(inspect::extract(*bundle, options.directory, extract_options));
  for (std::size_t each = 0; each < options.globs.size(); ++each) {
    if (!selection.has_matched[each]) {
      return make_error(std::errc::no_such_file_or_directory, "extract", options.globs[each],
                        "no path in " + options.app + " matches");
    }
  }
  if (options.json) {
    return surroundings.io.out.write(to_json(report) + "\n");
  }
  return options.quiet ? Result<void>()
                       : surroundings.io.out.write(inspect::describe(report) + "\n");
}

Result<void> execute(const Verify& options, const Surroundings& surroundings) {
  const auto bundle = SEABAG_TRY(open_app(options.app));
  auto report = bundle::verify(*bundle);
  if (!report) {
    return with_path(std::move(report).error(), options.app);
  }
  SEABAG_TRY(bundler::verify_variants(*bundle));
  if (options.json) {
    return surroundings.io.out.write(to_json(*report) + "\n");
  }
  return options.quiet
             ? Result<void>()
             : surroundings.io.out.write(options.app + ": " + inspect::describe(*report) + "\n");
}

namespace {

/// `seabag export`, where one side is a SQLite archive: from an app or a SQLite file system, or
/// into a SQLite file system.
Result<providers::SqlarReport> export_sqlar(const Export& options) {
  if (options.app.ends_with(kSqlarSuffix)) {
    const auto files = SEABAG_TRY(providers::open_sqlite_file_system(options.output));
    return providers::import_sqlar(options.app, *files);
  }
  if (options.app.ends_with(".db")) {
    const auto files = SEABAG_TRY(providers::open_sqlite_file_system(
        options.app, {.mode = providers::SqliteOpenMode::open_existing}));
    return providers::export_sqlar(*files, options.output);
  }
  return providers::export_sqlar(*SEABAG_TRY(open_app(options.app)), options.output);
}

}  // namespace

Result<void> execute(const Export& options, const Surroundings& surroundings) {
  if (options.output.ends_with(kSqlarSuffix) || options.app.ends_with(kSqlarSuffix)) {
    const auto report = SEABAG_TRY(export_sqlar(options));
    return surroundings.io.out.write(console::printable(options.output) + ": " +
                                     console::format_count(report.files) + " files, " +
                                     console::format_bytes(report.bytes) + "\n");
  }
  const auto bundle = SEABAG_TRY(open_app(options.app));
  const auto report = SEABAG_TRY(bundler::export_archive(*bundle, options.output));
  return surroundings.io.out.write(console::printable(options.output) + ": " +
                                   console::format_count(report.files) + " files, " +
                                   console::format_bytes(report.bytes_out) + "\n");
}

Result<void> execute(const Info& options, const Surroundings& surroundings) {
  const auto bundle = SEABAG_TRY(open_app(options.app));
  const bundle::BundleInfo info = bundle->info();
  return surroundings.io.out.write(options.json ? to_json(info) + "\n" : inspect::describe(info));
}

}  // namespace seabag::command
