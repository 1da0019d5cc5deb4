#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "posix_io.h"

namespace seabag::bundler {

/// The names in a directory, sorted byte by byte; `.` and `..` are not among them. Used again for
/// one directory after the other. One thread at a time.
class Listing {
 public:
  enum class Kind : std::uint8_t { regular, directory, symlink, other };
  struct Name {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    Kind kind = Kind::other;
  };

  /// Reads the directory from its start. Names whose type the file system does not tell are asked
  /// for. Errors: those of getdents64(2) and stat(2).
  [[nodiscard]] Result<void> read(int directory);

  [[nodiscard]] const std::vector<Name>& names() const { return names_; }
  [[nodiscard]] std::string_view text(const Name& name) const {
    return std::string_view(text_).substr(name.offset, name.length);
  }
  /// The same, ending in NUL.
  [[nodiscard]] const char* c_str(const Name& name) const { return text_.c_str() + name.offset; }

 private:
  [[nodiscard]] Result<void> add(int directory, std::string_view name, unsigned char type);

  std::string text_;
  std::vector<Name> names_;
  std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace seabag::bundler
