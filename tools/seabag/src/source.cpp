#include "source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "archive_bundle.h"
#include "commands.h"
#include "seabag/bundler/input.h"
#include "seabag/inspect/describe.h"
#include "seabag/providers/directory.h"
#include "seabag/providers/memory.h"
#include "seabag/providers/sqlite.h"
#include "seabag/providers/sqlite_overlay.h"
#include "seabag/vfs/owned.h"

namespace seabag::command {

namespace {

constexpr std::string_view kMemory = "memory:";
constexpr std::array<std::string_view, 3> kDatabaseSuffixes = {".db", ".sqlite", ".sqlite3"};

bool is_database_name(std::string_view name) {
  for (const std::string_view suffix : kDatabaseSuffixes) {
    if (name.ends_with(suffix)) {
      return true;
    }
  }
  return false;
}

Source packed_source(SourceKind kind, const std::shared_ptr<bundle::Bundle>& bundle) {
  return {.kind = kind, .files = bundle, .identity = inspect::format_root_hash(bundle->info())};
}

template <typename T>
Source writable_source(SourceKind kind, T files) {
  auto shared = std::shared_ptr<typename T::element_type>(std::move(files));
  vfs::WritableFileSystem* writable = shared.get();
  return {.kind = kind, .files = std::move(shared), .writable = writable};
}

}  // namespace

Result<SourceKind> source_kind(const std::string& source) {
  if (source == kMemory) {
    return SourceKind::memory;
  }
  struct stat status {};
  const bool is_there = stat(source.c_str(), &status) == 0;
  if (is_there && S_ISDIR(status.st_mode)) {
    return SourceKind::directory;
  }
  if (is_database_name(source)) {
    return SourceKind::database;
  }
  if (!is_there) {
    return errno_error(errno, "open", source);
  }
  return bundler::is_archive_name(source) ? SourceKind::archive : SourceKind::app;
}

Result<Source> open_source(const std::string& source, const Surroundings& surroundings) {
  const SourceKind kind = SEABAG_TRY(source_kind(source));
  switch (kind) {
    case SourceKind::memory:
      return writable_source(
          kind, providers::make_memory_file_system({.root_uid = geteuid(), .root_gid = getegid()}));
    case SourceKind::database:
      return writable_source(kind, SEABAG_TRY(providers::open_sqlite_file_system(
                                       source, {.root_uid = geteuid(), .root_gid = getegid()})));
    case SourceKind::directory:
      return writable_source(kind, SEABAG_TRY(providers::DirectoryFileSystem::open_root(source)));
    case SourceKind::archive:
      return packed_source(
          kind, SEABAG_TRY(open_archive(source, http::SecurityProfile::none, surroundings.io)));
    case SourceKind::app:
      break;
  }
  return packed_source(kind, SEABAG_TRY(open_app(source)));
}

Result<Source> open_existing_source(const std::string& source, const Surroundings& surroundings) {
  SEABAG_TRY(check_source_exists(source));
  return open_source(source, surroundings);
}

Result<void> check_source_exists(const std::string& source) {
  struct stat status {};
  if (source != kMemory && stat(source.c_str(), &status) != 0) {
    return errno_error(errno, "open", source);
  }
  return {};
}

Result<Source> open_overlay(Source lower, const std::string& upper) {
  vfs::OverlayOptions options;
  if (upper == kMemory) {
    options.upper = providers::make_memory_file_system();
  } else if (is_database_name(upper)) {
    providers::SqliteUpper opened =
        SEABAG_TRY(providers::open_sqlite_upper(upper, {.lowers = lower.identity}));
    options.upper = std::move(opened.files);
    options.records = std::move(opened.records);
  } else {
    return console::usage_error(upper + ": changes go to a database (.db) or to memory:");
  }
  // Owners in a package mean nobody here: its files are the caller's to change.
  const bool is_package = lower.kind == SourceKind::app || lower.kind == SourceKind::archive;
  if (is_package && geteuid() != 0) {
    lower.files = vfs::make_owned(std::move(lower.files), geteuid(), getegid());
  }
  options.lowers.push_back(std::move(lower.files));
  const auto overlay = SEABAG_TRY(vfs::make_overlay(std::move(options)));
  Source made = writable_source(lower.kind, overlay);
  made.overlay = overlay.get();
  return made;
}

}  // namespace seabag::command
