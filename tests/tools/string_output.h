#pragma once

#include <string>
#include <string_view>

#include "seabag/console/output.h"

namespace seabag::testing {

/// An Output that remembers everything. It is a terminal or not, as told.
class StringOutput final : public console::Output {
 public:
  enum class Kind { pipe, terminal };

  explicit StringOutput(Kind kind = Kind::pipe) : kind_(kind) {}

  [[nodiscard]] bool is_terminal() const override { return kind_ == Kind::terminal; }
  [[nodiscard]] std::size_t columns() const override { return 80; }

  /// Everything written so far, flushed or not.
  [[nodiscard]] const std::string& text() {
    const Result<void> flushed = flush();
    assert(flushed.has_value());
    return text_;
  }

 private:
  [[nodiscard]] Result<void> write_through(std::string_view bytes) override {
    text_.append(bytes);
    return {};
  }

  Kind kind_;
  std::string text_;
};

/// An Output that fails like a full disk.
class FullOutput final : public console::Output {
 public:
  [[nodiscard]] bool is_terminal() const override { return false; }
  [[nodiscard]] std::size_t columns() const override { return 80; }

 private:
  [[nodiscard]] Result<void> write_through(std::string_view bytes) override {
    if (bytes.empty()) {
      return {};
    }
    return make_error(std::errc::no_space_on_device, "write", "standard output");
  }
};

}  // namespace seabag::testing
