#pragma once

#include <memory>
#include <string>

#include "seabag/command/run.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/overlay.h"
#include "seabag/vfs/result.h"

namespace seabag::command {

/// What kind of thing a SOURCE on the command line is.
enum class SourceKind { app, archive, database, directory, memory };

/// By its name, and for the rest by what is there: `memory:`; `.db`, `.sqlite` and `.sqlite3`; the
/// suffixes of archives; a directory; anything else is an app. Errors of stat(2).
[[nodiscard]] Result<SourceKind> source_kind(const std::string& source);

/// A file system that a SOURCE holds.
struct Source {
  SourceKind kind = SourceKind::app;
  std::shared_ptr<vfs::FileSystem> files;
  vfs::WritableFileSystem* writable = nullptr;  ///< owned by `files`; null when it can't be changed
  vfs::Overlay* overlay = nullptr;              ///< `files`, where `open_overlay` made them
  /// Tells, for an overlay that survives, that it is the same; empty: nobody can tell.
  std::string identity = {};
};

/// Opens a SOURCE. A database that is missing is made; an archive becomes a bundle first. The root
/// of what is new belongs to the caller.
[[nodiscard]] Result<Source> open_source(const std::string& source,
                                         const Surroundings& surroundings);

/// The same, but a database that is missing is not made: ENOENT.
[[nodiscard]] Result<Source> open_existing_source(const std::string& source,
                                                  const Surroundings& surroundings);

/// ENOENT and other errors of stat(2); `memory:` always exists.
[[nodiscard]] Result<void> check_source_exists(const std::string& source);

/// What `lower` holds, with every change going to `upper` instead: `memory:`, or a database, made
/// when it is missing, which one overlay at a time has (EBUSY). `kind` stays the lower's. For an
/// ordinary user everything in an app or archive is his own. EINVAL for anything else.
[[nodiscard]] Result<Source> open_overlay(Source lower, const std::string& upper);

}  // namespace seabag::command
