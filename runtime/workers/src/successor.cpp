#include "successor.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "process_descriptor.h"

namespace seabag::workers {
namespace {

/// SD_LISTEN_FDS_START.
constexpr int kFirst = 3;
/// As many digits as a process number may have.
constexpr std::string_view kDigits = "0000000000";

/// Where this executable was when it was started; not its file now, which may be another.
const char* own_path() {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): so the kernel tells it
  return reinterpret_cast<const char*>(getauxval(AT_EXECFN));
}

bool is_ours(std::string_view assignment) {
  constexpr std::array<std::string_view, 5> kNames = {
      "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "SEABAG_UPGRADE=", "WATCHDOG_PID="};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view name) { return assignment.starts_with(name); });
}

/// Everything that the child needs, made before the fork: after it, in a process that had several
/// threads, no memory may be allocated.
class Start {
 public:
  Start(std::span<const char* const> command, std::span<const SocketToPass> sockets)
      : path_(own_path()) {
    std::string names;
    for (const SocketToPass& socket : sockets) {
      sources_.push_back(socket.descriptor);
      names += (names.empty() && sources_.size() == 1 ? "" : ":") + socket.name;
    }
    bool has_watchdog = false;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
      has_watchdog = has_watchdog || std::string_view(*each).starts_with("WATCHDOG_PID=");
      if (!is_ours(*each)) {
        variables_.emplace_back(*each);
      }
    }
    const std::string count = std::to_string(sockets.size());
    variables_.push_back("LISTEN_FDS=" + count);
    variables_.push_back("LISTEN_FDNAMES=" + names);
    variables_.push_back("SEABAG_UPGRADE=" + std::to_string(kFirst + sockets.size()));
    variables_.push_back("LISTEN_PID=" + std::string(kDigits));
    if (has_watchdog) {
      variables_.push_back("WATCHDOG_PID=" + std::string(kDigits));
    }
    for (std::string& variable : variables_) {
      environment_.push_back(variable.data());
    }
    environment_.push_back(nullptr);
    for (const char* word : command) {
      arguments_.push_back(const_cast<char*>(word));
    }
    arguments_.push_back(nullptr);
  }

  /// In the child; returns only when it fails, with errno.
  void become(int messages, const sigset_t& mask) {
    sources_.push_back(messages);
    const auto count = static_cast<int>(sources_.size());
    for (int& source : sources_) {
      source = fcntl(source, F_DUPFD_CLOEXEC, kFirst + count);  // out of the way of the places
    }
    for (int i = 0; i < count; ++i) {
      if (dup2(sources_[static_cast<std::size_t>(i)], kFirst + i) < 0) {
        return;
      }
    }
    for (std::string& variable : variables_) {
      if (variable.starts_with("LISTEN_PID=") || variable.starts_with("WATCHDOG_PID=")) {
        write_process_number(variable);
      }
    }
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    execve(path_, arguments_.data(), environment_.data());
  }

  /// Where `become` has put it.
  [[nodiscard]] int messages() const { return sources_.back(); }
  void reserve() { sources_.reserve(sources_.size() + 1); }
  [[nodiscard]] const char* path() const { return path_; }

 private:
  static void write_process_number(std::string& variable) {
    char* digits = variable.data() + variable.find('=') + 1;
    *std::to_chars(digits, variable.data() + variable.size(), getpid()).ptr = '\0';
  }

  const char* path_;  ///< as this process was started
  std::vector<int> sources_;
  std::vector<std::string> variables_;
  std::vector<char*> environment_;
  std::vector<char*> arguments_;
};

[[noreturn]] void run_child(Start& start, int messages, const sigset_t& mask) {
  start.become(messages, mask);
  const int number = errno;
  std::array<char, 1 + sizeof(int)> message{kNotStarted};
  std::memcpy(message.data() + 1, &number, sizeof number);
  // Who can't be told hears of it by our end.
  [[maybe_unused]] const ssize_t written =
      send(start.messages(), message.data(), message.size(), MSG_NOSIGNAL);
  _exit(127);
}

}  // namespace

Result<std::unique_ptr<Lifecycle::Successor>> Lifecycle::Successor::start(
    std::span<const char* const> command, std::span<const SocketToPass> sockets,
    const sigset_t& mask) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error(errno, "socketpair");
  }
  auto successor = std::make_unique<Successor>();
  successor->messages_.reset(ends[0]);
  const net::Descriptor messages(ends[1]);
  Start start(command, sockets);
  start.reserve();
  successor->number_ = fork();
  if (successor->number_ < 0) {
    return errno_error(errno, "fork");
  }
  if (successor->number_ == 0) {
    run_child(start, messages.get(), mask);
  }
  successor->process_ = open_process(successor->number_);
  if (!successor->process_.is_open()) {
    const int number = errno;
    ::kill(successor->number_, SIGKILL);
    waitpid(successor->number_, nullptr, 0);
    return errno_error(number, "pidfd_open");
  }
  return successor;
}

Lifecycle::Successor::State Lifecycle::Successor::look() {
  const State told = take_message();
  siginfo_t ending{};
  if (told != State::starting ||
      waitid(P_PIDFD, static_cast<id_t>(process_.get()), &ending, WEXITED | WNOHANG) != 0 ||
      ending.si_pid == 0) {
    return told;
  }
  process_.reset();
  if (take_message() == State::failed) {
    return State::failed;  // told after we had looked
  }
  failure_ = (ending.si_code == CLD_EXITED ? "it ended with code " : "it was ended by signal ") +
             std::to_string(ending.si_status);
  return State::failed;
}

Lifecycle::Successor::State Lifecycle::Successor::take_message() {
  std::array<char, 1 + sizeof(int)> message{};
  const ssize_t count = recv(messages_.get(), message.data(), message.size(), MSG_DONTWAIT);
  if (count < 1) {
    return State::starting;
  }
  if (message[0] == kServes) {
    return State::serves;
  }
  int number = 0;
  std::memcpy(&number, message.data() + 1, sizeof number);
  failure_ = std::string(own_path()) + ": " + std::generic_category().message(number);
  return State::failed;
}

void Lifecycle::Successor::kill() {
  if (process_.is_open()) {
    send_signal(process_, SIGKILL);
    siginfo_t ending{};
    waitid(P_PIDFD, static_cast<id_t>(process_.get()), &ending, WEXITED);
    process_.reset();
  }
}

}  // namespace seabag::workers
