#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "commands.h"
#include "descriptor.h"
#include "seabag/app/hold_mount.h"
#include "seabag/console/exit_code.h"
#include "seabag/mount/kernel_mount.h"
#include "source.h"

namespace seabag::command {

namespace {

// Told once the mount works.
using Ready = std::function<Result<void>(const mount::KernelMount&)>;

Result<Source> mountable_source(const Mount& options, const Surroundings& surroundings) {
  Source source = SEABAG_TRY(open_source(options.source, surroundings));
  if (!options.overlay.empty()) {
    return open_overlay(std::move(source), options.overlay);
  }
  if (source.writable == nullptr && options.is_writable) {
    return console::usage_error(options.source +
                                ": what is packed can't be changed (see seabag mount --help)");
  }
  // A directory has other users: it is changed on request only.
  if (source.kind == SourceKind::directory && !options.is_writable) {
    source.writable = nullptr;
  }
  return source;
}

// Other processes may change a directory and a database while they are mounted.
bool has_other_users(SourceKind kind) {
  return kind == SourceKind::directory || kind == SourceKind::database;
}

// `mount` takes what can be written by type.
Result<mount::KernelMount> mount_source(Source source, const Mount& options) {
  const mount::KernelMountOptions how = {.source = options.source,
                                         .changes = has_other_users(source.kind)
                                                        ? mount::Changes::by_others
                                                        : mount::Changes::by_mount};
  if (source.writable == nullptr) {
    return mount::KernelMount::mount(options.directory, std::move(source.files), how);
  }
  const std::shared_ptr<vfs::WritableFileSystem> writable(std::move(source.files), source.writable);
  return mount::KernelMount::mount(options.directory, writable, how);
}

Result<void> hold(const Mount& options, const Surroundings& surroundings, const Ready& ready) {
  const app::HeldSignals signals;
  Source source = SEABAG_TRY(mountable_source(options, surroundings));
  auto mounted = SEABAG_TRY(mount_source(std::move(source), options));
  SEABAG_TRY(ready(mounted));
  return signals.wait_and_unmount(mounted);
}

// How a mount in the background tells the one who asked for it what came of it: one byte, the exit
// code, and after a failure the line to show.
class Report {
 public:
  static Result<Report> make() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      return errno_error(errno, "pipe");
    }
    return Report(Descriptor(ends[0]), Descriptor(ends[1]));
  }

  void close_reader() { reader_ = Descriptor(-1); }
  void close_writer() { writer_ = Descriptor(-1); }

  void send(console::ExitCode code, const std::string& line) const {
    const std::string text = static_cast<char>(code) + line;
    // The one who asked may be gone: then nobody wants to know.
    [[maybe_unused]] const ssize_t written = write(writer_.get(), text.data(), text.size());
  }

  [[nodiscard]] std::string receive() const {
    std::string text;
    std::array<char, 1024> part{};
    for (ssize_t count = 1; count != 0;) {
      count = read(reader_.get(), part.data(), part.size());
      if (count > 0) {
        text.append(part.data(), static_cast<std::size_t>(count));
      } else if (count < 0 && errno != EINTR) {
        break;
      }
    }
    return text;
  }

 private:
  Report(Descriptor reader, Descriptor writer)
      : reader_(std::move(reader)), writer_(std::move(writer)) {}

  Descriptor reader_;
  Descriptor writer_;
};

// The standard streams belong to the one who asked and must not be held open.
void leave_terminal() {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0) {
    return;
  }
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(nothing, stream);
  }
  close(nothing);
}

[[noreturn]] void hold_in_background(const Mount& options, const Surroundings& surroundings,
                                     Report report) {
  setsid();
  report.close_reader();
  const auto held = hold(options, surroundings, [&](const mount::KernelMount&) -> Result<void> {
    report.send(console::ExitCode::success, "");
    report.close_writer();
    leave_terminal();
    return {};
  });
  if (!held) {
    report.send(console::exit_code_of(held.error()), held.error().message());
  }
  // Not exit: what the one who asked registered to be done at its end is not for us.
  _exit(held ? 0 : 1);
}

Result<console::ExitCode> mount_in_background(const Mount& options,
                                              const Surroundings& surroundings) {
  Report report = SEABAG_TRY(Report::make());
  const pid_t child = fork();
  if (child < 0) {
    return errno_error(errno, "fork");
  }
  if (child == 0) {
    hold_in_background(options, surroundings, std::move(report));
  }
  report.close_writer();
  const std::string text = report.receive();
  if (text.empty()) {
    return make_error(std::errc::io_error, "mount", options.directory,
                      "the process that was to hold it has died");
  }
  const auto code = static_cast<console::ExitCode>(text.front());
  if (code != console::ExitCode::success) {
    SEABAG_TRY(surroundings.io.err.write("seabag: " + text.substr(1) + "\n"));
  }
  return code;
}

}  // namespace

Result<console::ExitCode> execute(const Mount& options, const Surroundings& surroundings) {
  if (!options.is_foreground) {
    return mount_in_background(options, surroundings);
  }
  SEABAG_TRY(hold(options, surroundings, [&](const mount::KernelMount& mounted) {
    auto told = surroundings.io.out.write("mounted " + options.source + " at " +
                                          mounted.directory() + "\n");
    return told ? surroundings.io.out.flush() : told;
  }));
  return console::ExitCode::success;
}

Result<void> execute(const Unmount& options, const Surroundings& /*surroundings*/) {
  return mount::unmount(options.directory);
}

}  // namespace seabag::command
