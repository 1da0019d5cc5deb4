#include "fs_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "seabag/console/exit_code.h"
#include "seabag/providers/directory.h"
#include "seabag/vfs/path.h"

namespace seabag::command {

namespace {

constexpr const char* kHost = "";  // what parse_operand calls it

bool is_there(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

Result<std::string> absolute(const std::string& path) {
  if (path.empty() || path.starts_with('/')) {
    return path;
  }
  std::array<char, PATH_MAX> here{};
  if (getcwd(here.data(), here.size()) == nullptr) {
    return errno_error(errno, "getcwd");
  }
  return std::string(here.data()) + "/" + path;
}

Result<Source> open_host() {
  std::shared_ptr<providers::DirectoryFileSystem> files =
      SEABAG_TRY(providers::DirectoryFileSystem::open_root("/"));
  vfs::WritableFileSystem* writable = files.get();
  return Source{.kind = SourceKind::directory, .files = std::move(files), .writable = writable};
}

/// The part of a path that ends before its last component, and that.
std::pair<std::string, std::string> split(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const std::size_t slash = path.rfind('/');
  const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
  std::string directory(path.substr(0, start));
  return {directory.empty() ? "/" : directory, std::string(path.substr(start))};
}

}  // namespace

Operand parse_operand(const std::string& text) {
  const std::size_t colon = text.find(":/");
  const bool names_source = colon != std::string::npos && colon > 0;
  if (is_there(text) || (!names_source && !(text.size() > 1 && text.ends_with(':')))) {
    return {.source = kHost, .path = text};
  }
  const std::size_t end = names_source ? colon : text.size() - 1;
  const std::string path = text.substr(end + 1);
  return {.source = text.substr(0, end), .path = path.empty() ? "/" : path};
}

Error Place::named(Error error) const {
  error.path = shown;
  return error;
}

Result<vfs::WritableFileSystem*> Place::writable() const {
  if (source->writable == nullptr) {
    return make_error(std::errc::read_only_file_system, "open", shown,
                      "what is packed cannot be changed");
  }
  return source->writable.get();
}

Result<Place::Parent> Place::parent() const {
  auto [directory, name] = split(path);
  if (!vfs::is_valid_name(name)) {
    return make_error(std::errc::invalid_argument, "open", shown, "it has no name of its own");
  }
  const auto attributes = SEABAG_TRY(named(names().stat(directory)));
  if (attributes.type != vfs::FileType::directory) {
    return make_error(std::errc::not_a_directory, "open", shown);
  }
  return Parent{.directory = attributes.node, .name = std::move(name)};
}

Place Place::below(std::string_view name) const {
  const auto join = [&](const std::string& directory) {
    return directory + (directory.ends_with('/') ? "" : "/") + std::string(name);
  };
  return {.source = source, .path = join(path), .shown = join(shown)};
}

Result<Place> Places::open(const std::string& operand, Purpose purpose) {
  if (operand.empty()) {
    return console::usage_error("an empty path names nothing (see seabag fs --help)");
  }
  const Operand parsed = parse_operand(operand);
  Place place{.source = SEABAG_TRY(open_named(parsed.source, purpose)),
              .path = parsed.path,
              .shown = operand};
  if (parsed.source == kHost) {
    place.path = SEABAG_TRY(absolute(parsed.path));
  }
  return place;
}

Result<std::shared_ptr<OpenedSource>> Places::open_named(const std::string& source,
                                                         Purpose purpose) {
  std::shared_ptr<OpenedSource>& opened = opened_[source];
  if (opened != nullptr) {
    return opened;
  }
  const bool is_host = source == kHost;
  Source found = SEABAG_TRY(is_host                    ? open_host()
                            : purpose == Purpose::read ? open_existing_source(source, surroundings_)
                                                       : open_source(source, surroundings_));
  auto made = std::make_shared<OpenedSource>();
  made->files = found.files;
  if (found.writable != nullptr) {
    made->writable = std::shared_ptr<vfs::WritableFileSystem>(found.files, found.writable);
    SEABAG_TRY(made->names.mount("/", made->writable)).keep();
  } else {
    SEABAG_TRY(made->names.mount("/", made->files)).keep();
  }
  opened = std::move(made);
  return opened;
}

}  // namespace seabag::command
