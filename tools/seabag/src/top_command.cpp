#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "commands.h"
#include "seabag/console/exit_code.h"
#include "seabag/top/fetch.h"
#include "seabag/top/screen.h"
#include "seabag/top/snapshot.h"

namespace seabag::command {

namespace {

// Another screen, without a cursor; and back again.
constexpr const char* kEnter = "\x1b[?1049h\x1b[?25l";
constexpr const char* kLeave = "\x1b[?25h\x1b[?1049l";
constexpr const char* kHome = "\x1b[H";
constexpr const char* kClearRest = "\x1b[J";

enum class Wake { time, resized, stop };

// Signals that end it or tell of a new size, taken as they come.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
      sigaddset(&set_, number);
    }
    sigprocmask(SIG_BLOCK, &set_, &previous_);
    descriptor_ = signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    close(descriptor_);
    sigprocmask(SIG_SETMASK, &previous_, nullptr);
  }

  [[nodiscard]] Wake wait(int milliseconds) const {
    pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, milliseconds) <= 0) {
      return Wake::time;
    }
    signalfd_siginfo signal{};
    const bool is_read = read(descriptor_, &signal, sizeof signal) == sizeof signal;
    return is_read && signal.ssi_signo != SIGWINCH ? Wake::stop : Wake::resized;
  }

 private:
  sigset_t set_{};
  sigset_t previous_{};
  int descriptor_;
};

std::size_t terminal_rows() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

class Watching {
 public:
  Watching(const Top& options, const top::Target& target, console::Io& io)
      : options_(options), target_(target), io_(io), is_live_(io.out.is_terminal()) {}

  Result<void> run_once() {
    return options_.json ? show_json(SEABAG_TRY(top::fetch_status(target_))) : look_once();
  }

  // Until a signal.
  Result<void> run() {
    const Signals signals;
    const bool is_screen = is_live_ && !options_.json;
    SEABAG_TRY(io_.out.write(is_screen ? kEnter : ""));
    auto shown = look();
    while (shown) {
      const Wake wake = signals.wait(milliseconds());
      if (wake == Wake::stop) {
        break;
      }
      shown = wake == Wake::resized ? redraw() : look();
    }
    SEABAG_TRY(io_.out.write(is_screen ? kLeave : ""));
    SEABAG_TRY(io_.out.flush());
    return shown;
  }

 private:
  Result<void> look_once() {
    const auto now = SEABAG_TRY(top::read_snapshot(SEABAG_TRY(top::fetch_status(target_))));
    return io_.out.write(top::draw(now, nullptr, plain()));
  }

  // A server that does not answer may come back; one that never did is a mistake.
  Result<void> look() {
    const auto json = top::fetch_status(target_);
    if (!json) {
      trouble_ = json.error().message();
      return now_ ? redraw() : Result<void>(json.error());
    }
    trouble_.clear();
    if (options_.json) {
      return show_json(*json);
    }
    before_ = std::move(now_);
    now_ = SEABAG_TRY(top::read_snapshot(*json));
    return redraw();
  }

  Result<void> show_json(const std::string& json) {
    SEABAG_TRY(io_.out.write(json + "\n"));
    return io_.out.flush();
  }

  Result<void> redraw() {
    if (!trouble_.empty() && !is_live_) {
      SEABAG_TRY(io_.out.write("no answer: " + trouble_ + "\n"));
      return io_.out.flush();
    }
    const admin::Overview* before = before_ ? &*before_ : nullptr;
    if (!is_live_) {
      SEABAG_TRY(io_.out.write(top::draw(*now_, before, plain()) + "\n"));
      return io_.out.flush();
    }
    const std::size_t rows = std::max<std::size_t>(terminal_rows(), 2);
    std::string screen =
        top::draw(*now_, before,
                  {.columns = io_.out.columns(), .rows = rows - 2, .colours = top::Colours::on});
    if (!trouble_.empty()) {
      screen += "no answer: " + trouble_.substr(0, io_.out.columns() - 11) + "\n";
    }
    SEABAG_TRY(io_.out.write(kHome));
    for (std::size_t start = 0; start < screen.size();) {
      const std::size_t end = screen.find('\n', start);
      SEABAG_TRY(io_.out.write(screen.substr(start, end - start) + "\x1b[K\n"));
      start = end + 1;
    }
    SEABAG_TRY(io_.out.write(kClearRest));
    return io_.out.flush();
  }

  // For poll(2).
  [[nodiscard]] int milliseconds() const {
    using std::chrono::milliseconds;
    constexpr milliseconds kLeast{100};
    constexpr milliseconds kMost{24 * 60 * 60 * 1000};
    const auto wanted = std::chrono::duration_cast<milliseconds>(options_.interval);
    return static_cast<int>(std::clamp(wanted, kLeast, kMost).count());
  }

  // For files and pipes: whole lines.
  [[nodiscard]] top::ScreenOptions plain() const {
    constexpr std::size_t kWide = 200;
    return {.columns = is_live_ ? io_.out.columns() : kWide,
            .colours = is_live_ ? top::Colours::on : top::Colours::off};
  }

  const Top& options_;
  const top::Target& target_;
  console::Io& io_;
  bool is_live_;
  std::optional<admin::Overview> now_;
  std::optional<admin::Overview> before_;
  std::string trouble_;
};

}  // namespace

Result<void> execute(const Top& options, const Surroundings& surroundings) {
  struct stat status {};
  if (stat(options.address.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    return console::usage_error(options.address +
                                " is a file: start it with --admin 127.0.0.1:9000, and give that "
                                "address");
  }
  const top::Target target = SEABAG_TRY(top::parse_target(options.address));
  Watching watching(options, target, surroundings.io);
  return options.once ? watching.run_once() : watching.run();
}

}  // namespace seabag::command
