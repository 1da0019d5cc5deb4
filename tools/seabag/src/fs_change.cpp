#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "copy_meter.h"
#include "descriptor.h"
#include "fs_commands.h"
#include "fs_place.h"
#include "seabag/console/exit_code.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/shortcuts.h"
#include "seabag/vfs/tree.h"

namespace seabag::command {

namespace {

constexpr std::uint32_t kFileMode = 0666;
constexpr std::uint32_t kDirectoryMode = 0777;

/// What this process takes away from the mode of what it makes.
std::uint32_t current_umask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

vfs::CreateOptions creation(std::uint32_t mode) {
  return {.mode = mode & ~current_umask(), .uid = geteuid(), .gid = getegid()};
}

Error usage(const std::string& message) {
  return console::usage_error(message + " (see seabag fs --help)");
}

/// Where a copy or a move goes: into an existing directory, or under a name of its own.
struct Destination {
  Place place;
  Place::Parent parent;
  bool exists = false;
  vfs::Attributes there;  ///< when it exists
};

Result<Destination> destination_for(const Place& to, std::string_view source_path) {
  Destination made{.place = to};
  const auto node = to.names().stat(to.path);
  if (node && node->type == vfs::FileType::directory) {
    while (source_path.ends_with('/')) {
      source_path.remove_suffix(1);
    }
    made.place = to.below(source_path.substr(source_path.rfind('/') + 1));
  } else if (node || node.error().is(std::errc::no_such_file_or_directory)) {
    if (to.path.ends_with('/')) {
      return make_error(node ? std::errc::not_a_directory : std::errc::no_such_file_or_directory,
                        "open", to.shown);
    }
  } else {
    return to.named(node.error());
  }
  made.parent = SEABAG_TRY(made.place.parent());
  const auto found = to.files().lookup(made.parent.directory, made.parent.name);
  if (found) {
    made.exists = true;
    made.there = *found;
  } else if (!found.error().is(std::errc::no_such_file_or_directory)) {
    return made.place.named(found.error());
  }
  return made;
}

/// EEXIST unless what is there may be replaced by `source`.
Result<void> check_replaceable(const Destination& to, const vfs::Attributes& source,
                               const Fs& options) {
  if (!to.exists) {
    return {};
  }
  const bool is_directory = to.there.type == vfs::FileType::directory;
  if (is_directory || source.type == vfs::FileType::directory) {
    return make_error(std::errc::file_exists, "replace", to.place.shown,
                      "directories are not replaced or merged: remove it first");
  }
  if (!options.force) {
    return make_error(std::errc::file_exists, "replace", to.place.shown, "--force replaces files");
  }
  return {};
}

bool is_root(const Place& place) { return place.path.find_first_not_of('/') == std::string::npos; }

/// EINVAL when a directory would be put into itself.
Result<void> check_not_inside(const Place& from, const Place& to) {
  if (from.source != to.source) {
    return {};
  }
  const std::string outer = SEABAG_TRY(from.named(from.names().real_path(from.path)));
  const std::string above = to.path.substr(0, to.path.find_last_of('/') + 1);
  const std::string inner = SEABAG_TRY(to.named(to.names().real_path(above)));
  if (inner == outer || inner.starts_with(outer == "/" ? outer : outer + "/")) {
    return make_error(std::errc::invalid_argument, "copy", from.shown,
                      "a directory does not go into itself");
  }
  return {};
}

/// One run of cp, or of mv across sources.
class Copier {
 public:
  Copier(const Fs& options, const Surroundings& surroundings)
      : options_(options), meter_(surroundings.io.err) {
    copy_.progress = [this](std::uint64_t bytes) { meter_.add(bytes); };
    if (geteuid() != 0) {
      copy_.owners = vfs::CopyOwners::assign;
      copy_.uid = geteuid();
      copy_.gid = getegid();
    }
  }

  Result<void> run(const Place& from, const Place& to) {
    const auto source = SEABAG_TRY(from.look());
    vfs::WritableFileSystem* writable = SEABAG_TRY(to.writable());
    if (source.type == vfs::FileType::directory) {
      if (!options_.recursive) {
        return make_error(std::errc::is_a_directory, "copy", from.shown,
                          "--recursive copies directories");
      }
      if (is_root(from)) {
        return copy_content(from, source.node, to, *writable);
      }
    }
    const Destination target = SEABAG_TRY(destination_for(to, from.path));
    SEABAG_TRY(check_replaceable(target, source, options_));
    if (source.type == vfs::FileType::directory) {
      SEABAG_TRY(check_not_inside(from, target.place));
    } else if (target.exists && from.source == to.source && target.there.node == source.node) {
      return make_error(std::errc::invalid_argument, "copy", from.shown,
                        "source and destination are the same file");
    }
    return copy_aside(from, source.node, target, *writable);
  }

 private:
  /// A root has no name: what is in it goes into the destination.
  Result<void> copy_content(const Place& from, vfs::NodeId source, const Place& to,
                            vfs::WritableFileSystem& writable) {
    if (from.source == to.source) {
      return make_error(std::errc::invalid_argument, "copy", from.shown,
                        "a directory does not go into itself");
    }
    if (!SEABAG_TRY(to.named(vfs::exists(to.names(), to.path)))) {
      (void)SEABAG_TRY(
          to.named(vfs::create_directory(to.names(), to.path, creation(kDirectoryMode))));
    }
    const auto directory = SEABAG_TRY(to.named(to.names().stat(to.path)));
    return to.named(vfs::copy_tree(from.files(), source, writable, directory.node, copy_));
  }

  /// Nobody sees half a copy: it gets its name when it is complete.
  Result<void> copy_aside(const Place& from, vfs::NodeId source, const Destination& to,
                          vfs::WritableFileSystem& writable) {
    const vfs::NodeId directory = to.parent.directory;
    const std::string aside = ".seabag-" + std::to_string(getpid());
    auto done = vfs::copy_node(from.files(), source, writable, {directory, aside}, copy_);
    if (done) {
      done =
          writable.rename(directory, aside, directory, to.parent.name,
                          options_.force ? vfs::RenameMode::replace : vfs::RenameMode::no_replace);
    }
    if (!done) {
      (void)vfs::remove_tree(writable, directory, aside);  // the first error is the one to tell
    }
    return to.place.named(std::move(done));
  }

  const Fs& options_;
  CopyMeter meter_;
  vfs::CopyOptions copy_;
};

/// The last operand is the destination of all others: with several it must be a directory.
using Transfer = std::function<Result<void>(const Place& from, const Place& to)>;

Result<void> transfer_all(const Fs& options, const Surroundings& surroundings,
                          Purpose source_purpose, const Transfer& transfer) {
  if (options.operands.size() < 2) {
    return usage("a source and a destination are needed");
  }
  Places places(surroundings);
  const std::span<const std::string> sources(options.operands.data(), options.operands.size() - 1);
  std::vector<Place> from;
  for (const std::string& source : sources) {
    from.push_back(SEABAG_TRY(places.open(source, source_purpose)));
  }
  const Place to = SEABAG_TRY(places.open(options.operands.back(), Purpose::change));
  if (sources.size() > 1) {
    const auto node = SEABAG_TRY(to.named(to.names().stat(to.path)));
    if (node.type != vfs::FileType::directory) {
      return make_error(std::errc::not_a_directory, "open", to.shown,
                        "several sources need a directory");
    }
  }
  for (const Place& source : from) {
    SEABAG_TRY(transfer(source, to));
  }
  return {};
}

/// Reads standard input, or a file of the host that need not be one that can be sought.
Result<void> pour(int input, vfs::WritableFile& output, CopyMeter& meter) {
  std::vector<std::byte> buffer(std::size_t{256} * 1024);
  while (true) {
    const ssize_t count = read(input, buffer.data(), buffer.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno_error(errno, "read", "standard input");
    }
    if (count == 0) {
      return {};
    }
    const std::span<const std::byte> bytes(buffer.data(), static_cast<std::size_t>(count));
    if (SEABAG_TRY(output.append(bytes)) < bytes.size()) {
      return make_error(std::errc::no_space_on_device, "write");
    }
    meter.add(bytes.size());
  }
}

Result<void> for_each_changed(const Fs& options, const Surroundings& surroundings,
                              const std::function<Result<void>(const Place&)>& call) {
  Places places(surroundings);
  for (const std::string& operand : options.operands) {
    const Place place = SEABAG_TRY(places.open(operand, Purpose::change));
    (void)SEABAG_TRY(place.writable());
    SEABAG_TRY(place.named(call(place)));
  }
  return {};
}

}  // namespace

Result<void> fs_put(const Fs& options, const Surroundings& surroundings) {
  Places places(surroundings);
  const Place to = SEABAG_TRY(places.open(options.operands.front(), Purpose::change));
  (void)SEABAG_TRY(to.writable());
  const auto create = options.force ? vfs::CreateMode::if_missing : vfs::CreateMode::exclusive;
  auto file = to.names().open_writable(
      to.path, {.create = create, .truncate = true, .node = creation(kFileMode)});
  if (!file && file.error().is(std::errc::file_exists)) {
    return make_error(std::errc::file_exists, "put", to.shown, "--force replaces files");
  }
  const auto opened = SEABAG_TRY(to.named(std::move(file)));
  CopyMeter meter(surroundings.io.err);
  return to.named(pour(surroundings.input, *opened, meter));
}

Result<void> fs_copy(const Fs& options, const Surroundings& surroundings) {
  Copier copier(options, surroundings);
  return transfer_all(options, surroundings, Purpose::read,
                      [&](const Place& from, const Place& to) { return copier.run(from, to); });
}

Result<void> fs_move(const Fs& options, const Surroundings& surroundings) {
  Fs recursive = options;
  recursive.recursive = true;
  Copier copier(recursive, surroundings);
  const auto move = [&](const Place& from, const Place& to) -> Result<void> {
    if (is_root(from)) {
      return make_error(std::errc::device_or_resource_busy, "move", from.shown,
                        "a root stays where it is");
    }
    (void)SEABAG_TRY(from.writable());
    if (from.source != to.source) {
      SEABAG_TRY(copier.run(from, to));
      return from.named(from.names().remove_all(from.path));
    }
    const auto source = SEABAG_TRY(from.look());
    const Destination target = SEABAG_TRY(destination_for(to, from.path));
    SEABAG_TRY(check_replaceable(target, source, options));
    auto moved =
        from.names().rename(from.path, target.place.path,
                            options.force ? vfs::RenameMode::replace : vfs::RenameMode::no_replace);
    if (!moved && moved.error().is(std::errc::cross_device_link)) {
      SEABAG_TRY(copier.run(from, to));  // two mounts of the host
      return from.named(from.names().remove_all(from.path));
    }
    return from.named(std::move(moved));
  };
  return transfer_all(options, surroundings, Purpose::change, move);
}

Result<void> fs_remove(const Fs& options, const Surroundings& surroundings) {
  return for_each_changed(options, surroundings, [&](const Place& place) -> Result<void> {
    const auto node = place.names().lstat(place.path);
    if (!node) {
      const bool is_missing = node.error().is(std::errc::no_such_file_or_directory);
      return options.force && is_missing ? Result<void>() : node.error();
    }
    if (node->type == vfs::FileType::directory && !options.recursive) {
      return make_error(std::errc::is_a_directory, "remove", place.shown,
                        "--recursive removes directories");
    }
    return place.names().remove_all(place.path);
  });
}

Result<void> fs_make_directory(const Fs& options, const Surroundings& surroundings) {
  return for_each_changed(options, surroundings, [&](const Place& place) -> Result<void> {
    if (options.parents) {
      return vfs::create_directories(place.names(), place.path, creation(kDirectoryMode));
    }
    (void)SEABAG_TRY(vfs::create_directory(place.names(), place.path, creation(kDirectoryMode)));
    return {};
  });
}

Result<void> fs_link(const Fs& options, const Surroundings& surroundings) {
  const std::string& target = options.operands.front();
  Places places(surroundings);
  const Place made = SEABAG_TRY(places.open(options.operands.back(), Purpose::change));
  (void)SEABAG_TRY(made.writable());
  if (options.symbolic) {
    const auto owner = creation(0);
    (void)SEABAG_TRY(made.named(made.names().create(made.path, {.type = vfs::FileType::symlink,
                                                                .mode = 0777,
                                                                .uid = owner.uid,
                                                                .gid = owner.gid,
                                                                .target = target})));
    return {};
  }
  const Place existing = SEABAG_TRY(places.open(target, Purpose::change));
  if (existing.source != made.source) {
    return make_error(std::errc::cross_device_link, "link", made.shown,
                      "a hard link stays in its source; --symbolic makes a symlink");
  }
  (void)SEABAG_TRY(made.named(made.names().create_link(existing.path, made.path)));
  return {};
}

}  // namespace seabag::command
