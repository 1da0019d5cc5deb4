#include "progress_bar.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "seabag/console/format.h"

namespace seabag::command {

namespace {

// The first of the variables that is set decides, as for the C library.
bool shows_utf8(const console::Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = environment(name);
    if (value && !value->empty()) {
      return value->find("UTF-8") != std::string::npos || value->find("utf8") != std::string::npos;
    }
  }
  return false;
}

// `0:07`, `12:30`, `1:02:03`.
std::string remaining(double seconds) {
  constexpr long kMinute = 60;
  constexpr long kHour = 60 * kMinute;
  const long whole = std::lround(seconds);
  const auto two_digits = [](long value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  if (whole >= kHour) {
    return std::to_string(whole / kHour) + ":" + two_digits(whole % kHour / kMinute) + ":" +
           two_digits(whole % kMinute);
  }
  return std::to_string(whole / kMinute) + ":" + two_digits(whole % kMinute);
}

std::string_view name_of(bundler::PackStage stage) {
  constexpr std::array<std::string_view, 3> kNames = {"reading", "compressing", "writing"};
  return kNames[static_cast<std::size_t>(stage)];
}

}  // namespace

ProgressBar::ProgressBar(console::Output& err, const console::Environment& environment, Now now)
    : err_(err), now_(std::move(now)), is_utf8_(shows_utf8(environment)), stage_start_(now_()) {}

void ProgressBar::on_progress(const bundler::PackProgress& progress) {
  if (!err_.is_terminal()) {
    return;
  }
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    stage_start_ = now_();
  }
  show(line(progress));
  is_drawn_ = true;
}

void ProgressBar::clear() {
  if (is_drawn_) {
    show("");
    is_drawn_ = false;
  }
}

std::string ProgressBar::line(const bundler::PackProgress& progress) const {
  const std::chrono::duration<double> elapsed = now_() - stage_start_;
  const double rate =
      elapsed.count() > 0 ? static_cast<double>(progress.bytes) / elapsed.count() : 0;
  std::string text(name_of(progress.stage));
  std::string tail = "  " + console::format_count(progress.files);
  if (progress.files_total > 0) {
    tail += "/" + console::format_count(progress.files_total);
  }
  tail += " files  " + console::format_bytes(static_cast<std::uint64_t>(rate)) + "/s";
  if (progress.bytes_total == 0) {
    return text + tail;
  }
  const double fraction = std::min(
      1.0, static_cast<double>(progress.bytes) / static_cast<double>(progress.bytes_total));
  if (rate > 0) {
    tail +=
        "  ETA " + remaining((static_cast<double>(progress.bytes_total) * (1 - fraction)) / rate);
  }
  text += " " + std::to_string(static_cast<int>(fraction * 100)) + "% ";
  // One column stays free: some terminals break the line when the last one is filled.
  const std::size_t used = text.size() + tail.size() + 1;
  const std::size_t width = err_.columns() > used ? err_.columns() - used : 0;
  constexpr std::size_t kNarrowest = 5;
  return width >= kNarrowest ? text + bar(fraction, width) + tail : text + tail;
}

std::string ProgressBar::bar(double fraction, std::size_t width) const {
  const auto done = static_cast<std::size_t>(fraction * static_cast<double>(width));
  std::string text;
  for (std::size_t column = 0; column < width; ++column) {
    if (is_utf8_) {
      text += column < done ? "━" : "─";
    } else {
      text += column < done ? '#' : '.';
    }
  }
  return text;
}

void ProgressBar::show(const std::string& text) {
  // A terminal that is gone must not stop the work.
  (void)err_.write("\r\x1b[K" + text);
  (void)err_.flush();
}

}  // namespace seabag::command
