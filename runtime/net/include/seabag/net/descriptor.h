#pragma once

#include <cstddef>
#include <utility>

namespace seabag::net {

/// Owns one kernel file descriptor and closes it. Move-only; one thread at a time.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes over `number`; negative means none.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

  /// Gives the descriptor up without closing it.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

  /// Closes what is held and takes over `number`.
  void reset(int number = -1);

 private:
  int number_ = -1;
};

/// Raises the soft limit of this process (RLIMIT_NOFILE, setrlimit(2)) so that `number` descriptors
/// may be open, as far as the hard limit goes; programs that it starts inherit that. Gives how many
/// may be open then. Safe for concurrent use.
[[nodiscard]] std::size_t allow_descriptors(std::size_t number);

}  // namespace seabag::net
