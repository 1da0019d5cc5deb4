#include "namespace_subject.h"

#include <sys/sysmacros.h>

#include <cerrno>
#include <span>
#include <utility>

namespace seabag::testing {
namespace {

using vfs::FileType;

Outcome failed(const Error& error) { return {.error = error.code.value()}; }

template <typename T>
Outcome done(const Result<T>& result) {
  return result ? Outcome{} : failed(result.error());
}

Outcome told(const Result<vfs::Attributes>& attributes) {
  if (!attributes) {
    return failed(attributes.error());
  }
  return {.node = *attributes};
}

Outcome told(Result<std::string> bytes) {
  if (!bytes) {
    return failed(bytes.error());
  }
  return {.bytes = *std::move(bytes)};
}

template <typename T>
Outcome counted(const Result<T>& count) {
  if (!count) {
    return failed(count.error());
  }
  return {.count = *count};
}

}  // namespace

NamespaceSubject::NamespaceSubject(std::shared_ptr<vfs::WritableFileSystem> provider)
    : mount_(files_.mount("/", std::move(provider)).value()) {}

Outcome NamespaceSubject::run(const Operation& operation) {
  return operation.is_on_file() ? run_on_file(operation) : run_on_path(operation);
}

Outcome NamespaceSubject::run_on_path(const Operation& operation) {
  switch (operation.act) {
    case Act::open:
    case Act::open_unnamed:
      return open(operation);
    case Act::make_directory:
    case Act::make_node:
    case Act::make_symlink:
      return make(operation);
    case Act::link:
      return done(files_.create_link(operation.path, operation.other, operation.last_link));
    case Act::unlink:
      return done(files_.remove(operation.path, vfs::RemoveKind::file));
    case Act::remove_directory:
      return done(files_.remove(operation.path, vfs::RemoveKind::directory));
    case Act::rename:
      return done(files_.rename(operation.path, operation.other, operation.rename));
    case Act::set_mode:
    case Act::set_owner:
    case Act::set_size:
    case Act::set_times:
      return set_attributes(operation);
    case Act::set_xattr:
    case Act::get_xattr:
    case Act::list_xattrs:
    case Act::remove_xattr:
      return xattr_call(operation);
    default:
      return ask(operation);
  }
}

Outcome NamespaceSubject::open(const Operation& operation) {
  Slot slot;
  if (operation.act == Act::open_unnamed) {
    auto file = files_.create_unnamed(operation.path, {.mode = operation.mode});
    if (!file) {
      return failed(file.error());
    }
    slot.writing = *std::move(file);
  } else if (operation.is_writing) {
    auto file = files_.open_writable(operation.path, {.create = operation.create,
                                                      .truncate = operation.truncate,
                                                      .last_link = operation.last_link,
                                                      .directory = operation.directory,
                                                      .node = {.mode = operation.mode}});
    if (!file) {
      return failed(file.error());
    }
    slot.writing = *std::move(file);
  } else {
    auto file = files_.open(operation.path,
                            {.last_link = operation.last_link, .directory = operation.directory});
    if (!file) {
      return failed(file.error());
    }
    slot.reading = *std::move(file);
  }
  slots_.at(operation.slot) = std::move(slot);
  return {};
}

Outcome NamespaceSubject::make(const Operation& operation) {
  vfs::NewNode what{.type = operation.type, .mode = operation.mode};
  if (operation.act == Act::make_directory) {
    what.type = FileType::directory;
  } else if (operation.act == Act::make_symlink) {
    what = {.type = FileType::symlink, .mode = 0777, .target = operation.other};
  } else if (operation.type == FileType::character_device ||
             operation.type == FileType::block_device) {
    what.device = makedev(1, 3);
  }
  return done(files_.create(operation.path, what));
}

Outcome NamespaceSubject::set_attributes(const Operation& operation) {
  vfs::AttributeChanges changes;
  if (operation.act == Act::set_mode) {
    changes.mode = operation.mode;
  } else if (operation.act == Act::set_owner) {
    changes = {.uid = operation.uid, .gid = operation.gid, .clear_set_id = true};
  } else if (operation.act == Act::set_size) {
    changes.size = operation.offset;
  } else {
    changes = {.accessed = operation.accessed, .modified = operation.modified};
  }
  return done(files_.set_attributes(operation.path, changes, operation.last_link));
}

Outcome NamespaceSubject::xattr_call(const Operation& operation) {
  switch (operation.act) {
    case Act::set_xattr:
      return done(files_.set_xattr(operation.path, operation.other, content_of(operation),
                                   operation.xattr));
    case Act::remove_xattr:
      return done(files_.remove_xattr(operation.path, operation.other));
    case Act::get_xattr:
      return told(files_.xattr(operation.path, operation.other, operation.last_link));
    default: {
      auto names = files_.xattrs(operation.path, operation.last_link);
      if (!names) {
        return failed(names.error());
      }
      Outcome outcome;
      for (std::string& name : *names) {
        outcome.entries.push_back({.name = std::move(name)});
      }
      return outcome;
    }
  }
}

Outcome NamespaceSubject::ask(const Operation& operation) {
  switch (operation.act) {
    case Act::stat:
      return told(files_.stat(operation.path));
    case Act::lstat:
      return told(files_.lstat(operation.path));
    case Act::read_link:
      return told(files_.read_link(operation.path));
    case Act::list: {
      auto entries = files_.list(operation.path);
      return entries ? Outcome{.entries = *std::move(entries)} : failed(entries.error());
    }
    case Act::real_path: {
      auto path = files_.real_path(operation.path);
      const auto attributes = files_.stat(operation.path);
      // The reference tells the names of directories only.
      return path && attributes && attributes->type != FileType::directory
                 ? Outcome{.error = ENOTDIR}
                 : told(std::move(path));
    }
    default:
      return done(files_.statistics(operation.path));
  }
}

Outcome NamespaceSubject::run_on_file(const Operation& operation) {
  Slot& slot = slots_.at(operation.slot);
  const vfs::File* file = slot.file();
  if (file == nullptr) {
    return {.error = EBADF};
  }
  switch (operation.act) {
    case Act::close:
      slot = {};
      return {};
    case Act::read: {
      Outcome outcome{.bytes = std::string(operation.length, '\0')};
      const auto count =
          file->read_at(std::as_writable_bytes(std::span(outcome.bytes)), operation.offset);
      outcome.error = count ? 0 : count.error().code.value();
      outcome.bytes.resize(count ? *count : 0);
      return outcome;
    }
    case Act::find_extent:
      return counted(file->find_extent(operation.extent, operation.offset));
    case Act::file_attributes:
      return told(file->attributes());
    case Act::name_file:
      return done(files_.create_link(*file, operation.path));
    default:
      return slot.writing ? change_file(operation, *slot.writing) : Outcome{.error = EBADF};
  }
}

Outcome NamespaceSubject::change_file(const Operation& operation, vfs::WritableFile& file) {
  switch (operation.act) {
    case Act::write:
    case Act::append: {
      const std::string bytes = content_of(operation);
      const auto data = std::as_bytes(std::span(bytes));
      return counted(operation.act == Act::append ? file.append(data)
                                                  : file.write_at(data, operation.offset));
    }
    case Act::resize:
      return done(file.resize(operation.offset));
    case Act::allocate:
      return done(file.allocate(operation.allocate, operation.offset, operation.length));
    default:
      return done(file.sync(vfs::SyncScope::all));
  }
}

}  // namespace seabag::testing
