#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "seabag/command/run.h"
#include "seabag/vfs/namespace.h"
#include "source.h"

/// The operands of `seabag fs`: SOURCE:PATH, or a path of the host.
namespace seabag::command {

/// An operand taken apart: `app:/docs` is the path `/docs` in the source `app`, `app:` its root. A
/// path of the host has no source: everything without a colon, and everything that exists.
struct Operand {
  std::string source;  ///< empty for the host
  std::string path;
};

[[nodiscard]] Operand parse_operand(const std::string& text);

/// A source that is open, with the walk over its paths.
struct OpenedSource {
  std::shared_ptr<vfs::FileSystem> files;
  /// Null when it cannot be changed.
  std::shared_ptr<vfs::WritableFileSystem> writable;
  vfs::Namespace names;
};

/// Where an operand leads. Safe to copy.
struct Place {
  std::shared_ptr<OpenedSource> source;
  std::string path;   ///< absolute
  std::string shown;  ///< as the user gave it

  [[nodiscard]] vfs::Namespace& names() const { return source->names; }
  [[nodiscard]] vfs::FileSystem& files() const { return *source->files; }

  /// An error under the name that the user knows.
  [[nodiscard]] Error named(Error error) const;
  template <typename T>
  [[nodiscard]] Result<T> named(Result<T> result) const {
    if (!result) {
      return named(std::move(result).error());
    }
    return result;
  }

  /// EROFS for a source that cannot be changed.
  [[nodiscard]] Result<vfs::WritableFileSystem*> writable() const;

  /// What is there; a symlink is it itself.
  [[nodiscard]] Result<vfs::Attributes> look() const { return named(names().lstat(path)); }

  /// The directory that it is in, and its name there. EINVAL for a root, `.` and `..`.
  struct Parent {
    vfs::NodeId directory{};
    std::string name;
  };
  [[nodiscard]] Result<Parent> parent() const;

  /// Something in the directory that this is.
  [[nodiscard]] Place below(std::string_view name) const;
};

/// What is wanted of a place.
enum class Purpose { read, change };

/// Opens each source once. One thread at a time.
class Places {
 public:
  explicit Places(const Surroundings& surroundings) : surroundings_(surroundings) {}

  /// A database that is missing is made for a change only. Errors: those of opening the source.
  [[nodiscard]] Result<Place> open(const std::string& operand, Purpose purpose);

 private:
  [[nodiscard]] Result<std::shared_ptr<OpenedSource>> open_named(const std::string& source,
                                                                 Purpose purpose);

  const Surroundings& surroundings_;
  std::map<std::string, std::shared_ptr<OpenedSource>> opened_;
};

}  // namespace seabag::command
