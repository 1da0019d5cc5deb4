#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::console {

/// A stream of bytes that a person or a script reads: standard output, standard error, or a string
/// in a test. Buffered; what is left is written by `flush`, not by the destructor, so that a full
/// disk is noticed. One thread at a time.
class Output {
 public:
  virtual ~Output() = default;

  /// Adds bytes. Errors: those of write(2), ENOSPC and EPIPE among them; the rest of the bytes is
  /// lost then.
  [[nodiscard]] Result<void> write(std::string_view bytes);

  /// Passes on everything that `write` has kept back.
  [[nodiscard]] Result<void> flush();

  /// Whether a person looks at it right now: then there may be colours and a progress bar.
  [[nodiscard]] virtual bool is_terminal() const = 0;

  /// Width of the terminal in characters; 80 where there is none.
  [[nodiscard]] virtual std::size_t columns() const = 0;

 private:
  /// Writes all bytes.
  [[nodiscard]] virtual Result<void> write_through(std::string_view bytes) = 0;

  std::string buffer_;
};

/// An Output over a descriptor that stays the caller's.
class DescriptorOutput final : public Output {
 public:
  /// `name` is what errors call it, a string literal such as "standard output".
  DescriptorOutput(int descriptor, const char* name);

  [[nodiscard]] bool is_terminal() const override { return is_terminal_; }
  [[nodiscard]] std::size_t columns() const override;

 private:
  [[nodiscard]] Result<void> write_through(std::string_view bytes) override;

  int descriptor_;
  const char* name_;
  bool is_terminal_;
};

/// Makes sure that descriptors 0, 1 and 2 are open, so that no socket and no file ever becomes
/// somebody's standard output. To be called first in main. Works without /dev.
void open_missing_standard_streams();

}  // namespace seabag::console
