#include "copy_meter.h"

#include <string>

#include "seabag/console/format.h"

namespace seabag::command {

namespace {

constexpr std::chrono::milliseconds kFirst{500};
constexpr std::chrono::milliseconds kEvery{100};
constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

CopyMeter::CopyMeter(console::Output& err)
    : err_(err), start_(Clock::now()), next_(start_ + kFirst) {}

CopyMeter::~CopyMeter() {
  if (is_drawn_) {
    (void)err_.write(kClearLine);  // progress that cannot be shown is no failure of the copy
    (void)err_.flush();            // as above
  }
}

void CopyMeter::add(std::uint64_t bytes) {
  bytes_ += bytes;
  nodes_ += bytes == 0 ? 1 : 0;
  if (!err_.is_terminal()) {
    return;
  }
  if (const auto now = Clock::now(); now >= next_) {
    draw(now);
  }
}

void CopyMeter::draw(Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(bytes_) / seconds);
  (void)err_.write(std::string(kClearLine) + "copied " + console::format_count(nodes_) +
                   " entries, " + console::format_bytes(bytes_) + ", " +
                   console::format_bytes(rate) + "/s");  // as in the destructor
  (void)err_.flush();                                    // as above
  is_drawn_ = true;
  next_ = now + kEvery;
}

}  // namespace seabag::command
