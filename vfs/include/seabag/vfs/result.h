#pragma once

#include <cassert>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

namespace seabag {

/// Conditions that std::errc has no name for, usable wherever it is.
/// A node that does not exist any more.
inline constexpr std::errc kStaleNode = static_cast<std::errc>(ESTALE);
/// No extended attribute of that name.
inline constexpr std::errc kNoAttribute = static_cast<std::errc>(ENODATA);
inline constexpr std::errc kQuotaExceeded = static_cast<std::errc>(EDQUOT);

/// Why an operation failed, in a form that a caller can branch on (`code`) and a person can read.
///
/// File-system meaning is always a `std::errc` in the generic category, so that
/// `error.is(std::errc::no_such_file_or_directory)` is how callers test. Other domains (a malformed
/// bundle, a malformed request) bring a category of their own.
struct Error {
  std::error_code code;
  /// The call that failed, in the field's words: "open", "rename". Always a string literal.
  const char* operation = "";
  /// The path as the caller gave it, never a backing host path; empty where there is none.
  std::string path = {};
  /// The cause or the remedy in words, where the code alone does not say it.
  std::string detail = {};

  [[nodiscard]] bool is(std::errc condition) const { return code == condition; }

  /// One line for a person: `open '/a/b': No such file or directory (detail)`.
  [[nodiscard]] std::string message() const;
};

/// An Error with file-system meaning.
[[nodiscard]] Error make_error(std::errc condition, const char* operation,
                               std::string_view path = {}, std::string detail = {});

/// An Error from an errno value, as left behind by a system call.
[[nodiscard]] Error errno_error(int number, const char* operation, std::string_view path = {});

/// Gives an error that has none yet the path under which the caller knows the thing.
[[nodiscard]] Error with_path(Error error, std::string_view path);

/// A value or the reason why there is none; named like C++23's `std::expected`.
///
/// Reading the value of a failed result is a broken precondition (assert).
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && { return std::move(value()); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

  template <typename U>
  [[nodiscard]] T value_or(U&& fallback) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
  }

  /// Moves the value out; what SEABAG_TRY evaluates to.
  [[nodiscard]] T take() && { return std::move(value()); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or the reason for failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  // Not defaulted: `return {}` would first clear the room for the error, at 30 cycles a call.
  Result() : error_(std::nullopt) {}
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] const Error& error() const& {
    assert(error_.has_value());
    return *error_;
  }
  [[nodiscard]] Error&& error() && {
    assert(error_.has_value());
    return std::move(*error_);
  }

  void take() && { assert(has_value()); }

 private:
  std::optional<Error> error_;
};

}  // namespace seabag

#define SEABAG_TRY_CONCAT_(a, b) a##b
#define SEABAG_TRY_NAMED_(name, expression)                       \
  __extension__({                                                 \
    auto&& name = (expression);                                   \
    if (!name) return std::forward<decltype(name)>(name).error(); \
    std::move(name).take();                                       \
  })
#define SEABAG_TRY_NUMBERED_(number, expression) \
  SEABAG_TRY_NAMED_(SEABAG_TRY_CONCAT_(seabag_try_, number), expression)

/// Evaluates to the value of a Result, or returns its Error from the enclosing function:
/// `auto file = SEABAG_TRY(fs.open(node));`. A statement expression (GCC, Clang).
#define SEABAG_TRY(expression) SEABAG_TRY_NUMBERED_(__COUNTER__, expression)
