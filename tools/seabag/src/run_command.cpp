#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.h"
#include "seabag/bundler/input.h"
#include "seabag/intercept/session.h"
#include "seabag/vfs/shortcuts.h"
#include "source.h"

namespace seabag::command {

namespace {

// What shells say of a command.
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalled = 128;

// The signals that are waited for instead of being delivered: the program gets what is meant for
// it, and this process stays to answer until the program ends.
class WaitedSignals {
 public:
  WaitedSignals() {
    sigemptyset(&waited_);
    for (const int number : {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT}) {
      sigaddset(&waited_, number);
    }
    sigprocmask(SIG_BLOCK, &waited_, &before_);
  }
  ~WaitedSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  WaitedSignals(const WaitedSignals&) = delete;
  WaitedSignals& operator=(const WaitedSignals&) = delete;

  [[nodiscard]] const sigset_t& before() const { return before_; }

  // A terminal sends its signals to the program too; those sent to this process are passed on.
  int wait_for_end(pid_t program) const {
    while (true) {
      int status = 0;
      if (waitpid(program, &status, WNOHANG) == program) {
        return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
      }
      const int number = sigwaitinfo(&waited_, nullptr);
      if (number == SIGTERM || number == SIGHUP) {
        kill(program, number);
      }
    }
  }

 private:
  sigset_t waited_{};
  sigset_t before_{};
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// This process's variables with those of the session in place of its own.
std::vector<std::string> environment_of(const intercept::Session& session,
                                        const console::Environment& environment) {
  std::vector<std::string> variables =
      session.environment(environment("LD_PRELOAD").value_or(std::string()));
  const std::size_t own = variables.size();
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    bool is_replaced = false;
    for (std::size_t which = 0; which < own; ++which) {
      const auto name =
          std::string_view(variables[which]).substr(0, variables[which].find('=') + 1);
      is_replaced = is_replaced || variable.starts_with(name);
    }
    if (!is_replaced) {
      variables.emplace_back(variable);
    }
  }
  return variables;
}

// In the child: only what is safe after fork(2) in a process with threads. The program ends with
// this process, without which it would see nothing any more.
[[noreturn]] void become(char* const* words, char* const* variables, const sigset_t& mask,
                         int report, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(kNotExecutable);
  }
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  execvpe(words[0], words, variables);
  const int failed = errno;
  const ssize_t told = write(report, &failed, sizeof(failed));
  _exit(told == static_cast<ssize_t>(sizeof(failed)) ? kNotFound : kNotExecutable);
}

// Starts the command; the errno when that does not work.
int start(std::vector<std::string> words, std::vector<std::string> variables, const sigset_t& mask,
          pid_t& program) {
  const std::vector<char*> word_pointers = pointers(words);
  const std::vector<char*> variable_pointers = pointers(variables);
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) {
    return errno;
  }
  const pid_t parent = getpid();
  program = fork();
  if (program == 0) {
    become(word_pointers.data(), variable_pointers.data(), mask, report[1], parent);
  }
  int failed = program < 0 ? errno : 0;
  close(report[1]);
  if (program > 0 && read(report[0], &failed, sizeof(failed)) > 0) {
    waitpid(program, nullptr, 0);
  }
  close(report[0]);
  return failed;
}

Result<intercept::Mount> mount_source(intercept::Session& session, const std::string& argument,
                                      const Run& options, const Surroundings& surroundings) {
  if (argument.find(":/") == std::string::npos) {
    return console::usage_error("--mount " + argument +
                                ": expected SOURCE:/PREFIX (see seabag run --help)");
  }
  const auto parsed = bundler::parse_input(argument);
  if (!parsed) {
    return with_path(parsed.error(), argument);
  }
  const Source source = SEABAG_TRY(open_source(parsed->path, surroundings));
  const bool is_kept = source.kind == SourceKind::directory && !options.is_writable;
  const intercept::MountOptions mount{
      .view = options.is_overlay ? intercept::View::overlay : intercept::View::whole,
      .access = is_kept ? vfs::MountAccess::read_only : vfs::MountAccess::full,
      // A directory and a database have other users.
      .changes = source.kind == SourceKind::memory ? intercept::Changes::by_session
                                                   : intercept::Changes::by_others};
  if (source.writable != nullptr) {
    return session.mount(parsed->prefix,
                         std::shared_ptr<vfs::WritableFileSystem>(source.files, source.writable),
                         mount);
  }
  return session.mount(parsed->prefix, source.files, mount);
}

}  // namespace

Result<console::ExitCode> execute(const Run& options, const Surroundings& surroundings) {
  const WaitedSignals signals;
  const auto session = SEABAG_TRY(intercept::Session::start());
  std::vector<intercept::Mount> mounts;
  for (const std::string& mount : options.mounts) {
    mounts.push_back(SEABAG_TRY(mount_source(*session, mount, options, surroundings)));
  }
  std::vector<std::string> words = options.command;
  // A program from a mount is started by one that sees the mounts.
  if (words[0].starts_with('/') && vfs::exists(session->files(), words[0]).value_or(false)) {
    const std::array<std::string, 3> shell = {"/bin/sh", "-c", "exec \"$0\" \"$@\""};
    words.insert(words.begin(), shell.begin(), shell.end());
  }
  SEABAG_TRY(surroundings.io.out.flush());
  pid_t program = 0;
  const int failed = start(std::move(words), environment_of(*session, surroundings.io.environment),
                           signals.before(), program);
  if (failed != 0) {
    (void)console::report(surroundings.io, "seabag",
                          errno_error(failed, "run", options.command[0]));
    return static_cast<console::ExitCode>(failed == ENOENT ? kNotFound : kNotExecutable);
  }
  const int code = signals.wait_for_end(program);
  SEABAG_TRY(session->flush());
  return static_cast<console::ExitCode>(code);
}

}  // namespace seabag::command
