#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "posix_listing.h"
#include "seabag/bundler/failure.h"
#include "seabag/bundler/ignore.h"
#include "seabag/vfs/path.h"
#include "walk.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kItemsPerBatch = 256;
/// Each keeps a descriptor open while its batch is under way.
constexpr std::size_t kDirectoriesPerBatch = 16;
constexpr std::uint64_t kMaxIgnoreFileSize = 1U << 20U;

using ScopePointer = std::shared_ptr<const IgnoreScope>;

/// A directory that is still to be listed.
struct Pending {
  std::string path;  ///< relative to the input; empty for the input itself
  ScopePointer scope;
};

std::string joined(std::string_view parent, std::string_view name) {
  std::string path(parent);
  if (!path.empty() && !path.ends_with('/')) {
    path += '/';
  }
  path += name;
  return path;
}

/// Opens a directory below `root` without following a symlink anywhere on the way: one may have
/// taken the place of a directory since that was listed.
Result<Descriptor> open_below(int root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const long number = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
  if (number >= 0) {
    return Descriptor(static_cast<int>(number));
  }
  if (errno != ENOSYS && errno != EPERM && errno != EAGAIN) {
    return errno_error(errno, "open");
  }
  // An old kernel or a system call filter: one component after the other.
  Descriptor current = SEABAG_TRY(open_at(root, ".", O_RDONLY | O_DIRECTORY, {}));
  vfs::PathComponents components(path);
  while (!components.is_at_end()) {
    const std::string name(components.next());
    current =
        SEABAG_TRY(open_at(current.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, {}));
  }
  return current;
}

/// The file that a path means: a symlink among the inputs stands for what it points to.
Result<std::string> without_symlinks(const std::string& path) {
  const FileStatus status = SEABAG_TRY(status_at(AT_FDCWD, path.c_str(), path));
  if (status.type != vfs::FileType::symlink) {
    return path;
  }
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  if (!real) {
    return errno_error(errno, "open", path);
  }
  return std::string(real.get());
}

Error explained(Error error) {
  if (error.is(std::errc::permission_denied)) {
    error.detail = "make it readable, or leave it out by a line in .seabagignore";
  } else if (error.is(std::errc::no_such_file_or_directory) ||
             error.is(std::errc::not_a_directory) ||
             error.is(std::errc::too_many_symbolic_link_levels)) {
    return make_failure(Failure::changed_while_read, "list", error.path,
                        "nothing may write to the inputs while they are packed; run it again");
  }
  return error;
}

/// One run over a directory tree.
class Walk {
 public:
  Walk(const SourcePlace& place, const std::vector<FileIdentity>& own_directories, BatchSink& sink)
      : place_(place), own_directories_(own_directories), sink_(sink) {}

  Result<void> run() {
    root_ = SEABAG_TRY(
        open_at(AT_FDCWD, place_.what.path.c_str(), O_RDONLY | O_DIRECTORY, place_.what.path));
    prefix_ = place_.what.prefix;
    while (prefix_.ends_with('/')) {
      prefix_.pop_back();
    }
    sink_.current().input = place_.input;
    pending_.push_back({});
    while (!pending_.empty() && is_wanted_) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      const auto visited = visit(next);
      if (!visited) {
        return explained(with_path(visited.error(), source_path(next.path)));
      }
    }
    return {};
  }

 private:
  [[nodiscard]] std::string source_path(std::string_view path) const {
    return path.empty() ? place_.what.path : joined(place_.what.path, path);
  }
  [[nodiscard]] std::string packed_path(std::string_view path) const {
    return path.empty() ? prefix_ : prefix_ + "/" + std::string(path);
  }

  Result<void> visit(const Pending& directory);
  Result<ScopePointer> scope_of(const Pending& directory, int descriptor) const;
  Result<void> add_names(const Pending& directory, const ScopePointer& scope);
  void begin_directory(const Pending& directory, const FileStatus& status,
                       const std::shared_ptr<const Descriptor>& handle);
  void add_item(Item item, std::string_view name);
  void submit();

  const SourcePlace& place_;
  const std::vector<FileIdentity>& own_directories_;
  BatchSink& sink_;
  Descriptor root_;
  std::string prefix_;
  std::vector<Pending> pending_;  ///< a stack: the next one is at the back
  Listing listing_;
  BatchDirectory here_;
  bool is_wanted_ = true;
};

Result<void> Walk::visit(const Pending& directory) {
  if (packed_path(directory.path).size() >= vfs::kMaxPathLength) {
    return make_error(std::errc::filename_too_long, "pack", packed_path(directory.path),
                      "a path in the packed tree has at most 4095 bytes");
  }
  const auto handle = std::make_shared<const Descriptor>(
      directory.path.empty() ? SEABAG_TRY(open_at(root_.get(), ".", O_RDONLY | O_DIRECTORY, {}))
                             : SEABAG_TRY(open_below(root_.get(), directory.path)));
  const FileStatus status = SEABAG_TRY(status_of(handle->get(), {}));
  if (std::ranges::find(own_directories_, status.identity) != own_directories_.end()) {
    sink_.current().notes.push_back("'" + source_path(directory.path) + "' is the cache: left out");
    return {};
  }
  SEABAG_TRY(listing_.read(handle->get()));
  const ScopePointer scope = SEABAG_TRY(scope_of(directory, handle->get()));
  begin_directory(directory, status, handle);
  return add_names(directory, scope);
}

Result<ScopePointer> Walk::scope_of(const Pending& directory, int descriptor) const {
  const auto& names = listing_.names();
  const auto found = std::ranges::find_if(names, [&](const Listing::Name& name) {
    return name.kind == Listing::Kind::regular && listing_.text(name) == kIgnoreFileName;
  });
  if (found == names.end()) {
    return directory.scope;
  }
  const std::string path = source_path(joined(directory.path, kIgnoreFileName));
  const Descriptor file =
      SEABAG_TRY(open_at(descriptor, listing_.c_str(*found), O_RDONLY | O_NOFOLLOW, path));
  const FileStatus status = SEABAG_TRY(status_of(file.get(), path));
  if (status.size > kMaxIgnoreFileSize) {
    return make_error(std::errc::file_too_large, "read", path, "a rule file has at most 1 MiB");
  }
  std::string text(static_cast<std::size_t>(status.size), '\0');
  const std::size_t count =
      SEABAG_TRY(read_at(file.get(), std::as_writable_bytes(std::span(text)), 0, path));
  text.resize(count);
  return ScopePointer(std::make_shared<const IgnoreScope>(directory.scope, directory.path,
                                                          IgnoreRules::parse(text)));
}

void Walk::begin_directory(const Pending& directory, const FileStatus& status,
                           const std::shared_ptr<const Descriptor>& handle) {
  here_ = {
      .path = packed_path(directory.path), .source = source_path(directory.path), .handle = handle};
  if (sink_.current().directories.size() >= kDirectoriesPerBatch) {
    submit();
  }
  sink_.current().directories.push_back(here_);
  // The directory itself, as an item without a name.
  add_item({.kind = ItemKind::directory,
            .mode = static_cast<std::uint16_t>(status.mode),
            .modified = status.modified},
           {});
}

Result<void> Walk::add_names(const Pending& directory, const ScopePointer& scope) {
  const std::size_t first_child = pending_.size();
  for (const Listing::Name& name : listing_.names()) {
    const std::string_view text = listing_.text(name);
    if (text == kIgnoreFileName) {
      continue;
    }
    const bool is_directory = name.kind == Listing::Kind::directory;
    if (scope && scope->is_ignored(joined(directory.path, text),
                                   is_directory ? IgnoreSubject::directory : IgnoreSubject::file)) {
      continue;
    }
    switch (name.kind) {
      case Listing::Kind::directory:
        pending_.push_back({.path = joined(directory.path, text), .scope = scope});
        break;
      case Listing::Kind::regular:
        add_item({.kind = ItemKind::file, .place = DataPlace::source}, text);
        break;
      case Listing::Kind::symlink:
        add_item({.kind = ItemKind::symlink}, text);
        break;
      case Listing::Kind::other:
        return make_failure(Failure::special_file, "pack",
                            source_path(joined(directory.path, text)),
                            "a fifo, socket or device cannot be packed; leave it out by a line in "
                            ".seabagignore");
    }
    if (!is_wanted_) {
      return {};
    }
  }
  std::reverse(pending_.begin() + static_cast<std::ptrdiff_t>(first_child), pending_.end());
  return {};
}

void Walk::add_item(Item item, std::string_view name) {
  if (sink_.current().items.size() >= kItemsPerBatch) {
    submit();
    sink_.current().directories.push_back(here_);
  }
  Batch& batch = sink_.current();
  item.directory = static_cast<std::uint32_t>(batch.directories.size() - 1);
  item.name_offset = batch.add_text(name);
  item.name_length = static_cast<std::uint32_t>(name.size());
  batch.items.push_back(item);
}

void Walk::submit() {
  is_wanted_ = sink_.submit() && is_wanted_;
  sink_.current().input = place_.input;
}

}  // namespace

Result<void> DirectorySource::run(BatchSink& sink) {
  return Walk(place_, own_directories_, sink).run();
}

Result<void> FileSource::run(BatchSink& sink) {
  const std::string path = SEABAG_TRY(without_symlinks(place_.what.path));
  const std::string source = directory_of(path);
  const std::string name = path.substr(path.rfind('/') + 1);
  std::string packed = place_.what.prefix;
  if (packed.ends_with('/')) {
    packed += name;
  }
  const std::size_t slash = packed.rfind('/');

  Batch& batch = sink.current();
  batch.input = place_.input;
  auto handle = SEABAG_TRY(open_at(AT_FDCWD, source.c_str(), O_RDONLY | O_DIRECTORY, source));
  batch.directories.push_back({.path = packed.substr(0, slash),
                               .source = path.starts_with(source) ? source : std::string(),
                               .handle = std::make_shared<const Descriptor>(std::move(handle))});
  Item item{.kind = ItemKind::file, .place = DataPlace::source};
  item.name_offset = batch.add_text(std::string_view(packed).substr(slash + 1));
  item.name_length = static_cast<std::uint32_t>(packed.size() - slash - 1);
  item.target_offset = batch.add_text(name);
  item.target_length = static_cast<std::uint32_t>(name.size());
  batch.items.push_back(item);
  return {};
}

}  // namespace seabag::bundler
