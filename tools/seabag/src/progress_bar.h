#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "seabag/bundler/pack.h"
#include "seabag/console/io.h"

namespace seabag::command {

/// Shows on a terminal how far a pack is, with rate and remaining time, on one line that is drawn
/// over and gone in the end. Anywhere else it stays silent. One thread at a time.
class ProgressBar final : public bundler::PackObserver {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// `err` must outlive this object. Whether the terminal shows UTF-8 comes from LC_ALL, LC_CTYPE
  /// and LANG.
  ProgressBar(console::Output& err, const console::Environment& environment,
              Now now = &std::chrono::steady_clock::now);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() override { clear(); }

  void on_progress(const bundler::PackProgress& progress) override;

  /// Takes the line away.
  void clear();

 private:
  [[nodiscard]] std::string line(const bundler::PackProgress& progress) const;
  [[nodiscard]] std::string bar(double fraction, std::size_t width) const;
  void show(const std::string& text);

  console::Output& err_;
  Now now_;
  bool is_utf8_;
  bool is_drawn_ = false;
  bundler::PackStage stage_ = bundler::PackStage::reading;
  std::chrono::steady_clock::time_point stage_start_;
};

}  // namespace seabag::command
