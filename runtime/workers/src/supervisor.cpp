#include "seabag/workers/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "crash_trace.h"
#include "main_thread.h"
#include "process_descriptor.h"
#include "seabag/net/descriptor.h"
#include "taken_signals.h"

namespace seabag::workers {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How often heartbeats are looked at.
constexpr milliseconds kLookEvery{250};

std::string describe(const siginfo_t& ending) {
  if (ending.si_code == CLD_EXITED) {
    return "ended with code " + std::to_string(ending.si_status);
  }
  const char* name = sigabbrev_np(ending.si_status);
  return "was ended by SIG" + std::string(name != nullptr ? name : "?");
}

bool has_terminal() {
  return net::Descriptor(open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)).is_open();
}

Clock::time_point moment_of(std::uint64_t heartbeat) {
  return Clock::time_point(milliseconds(static_cast<milliseconds::rep>(heartbeat)));
}

/// The place of one worker.
struct Place {
  net::Descriptor process;  ///< a pidfd; none: there is no worker
  pid_t number = 0;
  Clock::time_point started;
  std::optional<Clock::time_point> restart;  ///< when it is to be replaced
  unsigned failures = 0;                     ///< in a row, each soon after its start
  enum class Warned { no, aborted, killed } warned = Warned::no;
  Clock::time_point aborted_at;
  std::uint64_t quiet_since = 0;       ///< the last heartbeat before a silence
  std::optional<MainThread> at_first;  ///< how the worker was when that was noticed
};

/// Whether a silent worker wants to run and has hardly been let: others have the processors.
bool is_starved(const Place& place, milliseconds patience) {
  const auto now = look_at_main_thread(place.number);
  return now && place.at_first && now->is_runnable &&
         now->spent - place.at_first->spent < patience / 2;
}

class Supervision {
 public:
  Supervision(const SupervisorOptions& options, const WorkerMain& main, const Scoreboard& board,
              const Scoreboard& aide_board)
      : options_(options),
        main_(main),
        board_(board),
        aide_board_(aide_board),
        places_(board_.slots().size() + (options.aide != nullptr ? 1 : 0)),
        had_terminal_(has_terminal()) {}

  Result<int> run();

 private:
  Result<void> start(Place& place);
  [[noreturn]] void be_worker(std::size_t index);
  void wait();
  void restart_due();
  void kill_late();
  void take_signal(int signal);
  void take_announcements();
  void look_at_lifecycle();
  void reap(Place& place);
  void on_ended(Place& place, const siginfo_t& ending);
  void look_at_heartbeats();
  void look_at(std::size_t index, Clock::time_point now);
  void stop(int code);
  void dismiss_aide();
  void send(int signal) const;
  void report(const std::string& line) const;
  [[nodiscard]] std::string name_of(const Place& place) const;
  [[nodiscard]] int time_to_wait() const;
  [[nodiscard]] bool has_workers() const;
  [[nodiscard]] bool has_aide() const;
  [[nodiscard]] std::size_t index_of(const Place& place) const;
  [[nodiscard]] WorkerSlot& slot_of(std::size_t index) const;
  [[nodiscard]] bool is_aide(std::size_t index) const { return index == board_.slots().size(); }

  const SupervisorOptions& options_;
  const WorkerMain& main_;
  const Scoreboard& board_;
  const Scoreboard& aide_board_;
  TakenSignals signals_{SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP};
  net::Descriptor announcements_;
  std::vector<Place> places_;  ///< of workers, and then of the aide
  bool had_terminal_;
  std::optional<Clock::time_point> kill_at_;  ///< set: all are to stop
  Clock::time_point looked_ = Clock::now();   ///< at heartbeats
  Clock::time_point back_ = looked_;          ///< silence before this is not the workers' fault
  int code_ = 0;
  bool is_aide_dismissed_ = false;
};

Result<int> Supervision::run() {
  SEABAG_TRY(signals_.open());
  announcements_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!announcements_.is_open()) {
    return errno_error(errno, "eventfd");
  }
  for (Place& place : places_) {
    if (auto started = start(place); !started) {
      send(SIGKILL);
      dismiss_aide();
      return started.error();
    }
  }
  while (!kill_at_ || has_workers() || has_aide()) {
    if (kill_at_ && !has_workers()) {
      dismiss_aide();
    }
    wait();
    look_at_lifecycle();
    kill_late();
    restart_due();
    look_at_heartbeats();
  }
  return code_;
}

Result<void> Supervision::start(Place& place) {
  const pid_t supervisor = getpid();
  const std::size_t index = index_of(place);
  WorkerSlot& slot = slot_of(index);
  Scoreboard::note_start(slot);
  const pid_t child = fork();
  if (child < 0) {
    return errno_error(errno, "fork");
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != supervisor) {
      _exit(0);
    }
    be_worker(index);
  }
  net::Descriptor process = open_process(child);
  if (!process.is_open()) {
    const int number = errno;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return errno_error(number, "pidfd_open");
  }
  slot.process.store(child, std::memory_order_relaxed);
  place.process = std::move(process);
  place.number = child;
  place.started = Clock::now();
  place.restart.reset();
  place.warned = Place::Warned::no;
  place.quiet_since = 0;
  place.at_first.reset();
  return {};
}

void Supervision::be_worker(std::size_t index) {
  signal(SIGINT, SIG_IGN);
  sigset_t mask = signals_.previous();
  for (const int taken : {SIGTERM, SIGUSR1, SIGHUP}) {
    sigaddset(&mask, taken);
  }
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  places_.clear();  // descriptors of others are not ours
  trace_crashes();
  const Worker worker(static_cast<unsigned>(index), slot_of(index), announcements_.get());
  // Not exit: what the parent registered to be done at its end is not for us.
  _exit(is_aide(index) ? options_.aide->main(worker) : main_(worker));
}

/// Until something happens or a moment comes.
void Supervision::wait() {
  std::vector<pollfd> waiting{
      {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
      {.fd = announcements_.get(), .events = POLLIN, .revents = 0},
  };
  const std::size_t own = waiting.size();
  for (const Place& place : places_) {
    waiting.push_back({.fd = place.process.get(), .events = POLLIN, .revents = 0});
  }
  if (options_.lifecycle != nullptr) {
    options_.lifecycle->add_to(waiting);
  }
  if (poll(waiting.data(), waiting.size(), time_to_wait()) <= 0) {
    return;
  }
  while (const int signal = signals_.next()) {
    take_signal(signal);
  }
  take_announcements();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (waiting[own + i].revents != 0) {
      reap(places_[i]);
    }
  }
}

void Supervision::kill_late() {
  const Clock::time_point now = Clock::now();
  if (kill_at_ && now >= *kill_at_ && (has_workers() || has_aide())) {
    report("workers that do not stop are killed");
    for (const Place& place : places_) {
      if (place.process.is_open()) {
        send_signal(place.process, SIGKILL);
      }
    }
    code_ = std::max(code_, 1);
    kill_at_ = now + options_.stop_time;
  }
}

void Supervision::restart_due() {
  const Clock::time_point now = Clock::now();
  for (Place& place : places_) {
    if (!kill_at_ && place.restart && now >= *place.restart) {
      if (auto started = start(place); !started) {
        report(started.error().message());
        place.restart = now + options_.longest_pause;
      }
    }
  }
}

void Supervision::take_signal(int signal) {
  if (signal == SIGHUP && had_terminal_ && !has_terminal()) {
    signal = SIGTERM;  // nobody is left who could stop us otherwise
  }
  if (signal == SIGTERM || signal == SIGINT) {
    stop(0);
  } else if (signal == SIGUSR2) {
    if (options_.lifecycle != nullptr && !kill_at_) {
      options_.lifecycle->start_upgrade(signals_.previous());
    }
  } else {
    if (signal == SIGHUP && options_.reload) {
      options_.reload();
    }
    if (signal == SIGUSR1 && options_.reopen) {
      options_.reopen();
    }
    send(signal);
  }
}

void Supervision::take_announcements() {
  eventfd_t count = 0;
  if (eventfd_read(announcements_.get(), &count) != 0 || options_.lifecycle == nullptr) {
    return;
  }
  const auto slots = board_.slots();
  if (std::all_of(slots.begin(), slots.end(), [](const WorkerSlot& slot) {
        return slot.vitals.state.load(std::memory_order_acquire) == server::LoopState::serving;
      })) {
    options_.lifecycle->note_serving();
  }
}

void Supervision::look_at_lifecycle() {
  if (options_.lifecycle == nullptr) {
    return;
  }
  options_.lifecycle->beat();
  if (!kill_at_ && options_.lifecycle->is_replaced()) {
    stop(0);
    dismiss_aide();  // the successor has one that knows more
  }
}

void Supervision::reap(Place& place) {
  siginfo_t ending{};
  const auto process = static_cast<id_t>(place.process.get());
  if (waitid(P_PIDFD, process, &ending, WEXITED | WNOHANG) == 0 && ending.si_pid != 0) {
    on_ended(place, ending);
  }
}

void Supervision::on_ended(Place& place, const siginfo_t& ending) {
  const std::string who = name_of(place);
  const std::size_t index = index_of(place);
  slot_of(index).process.store(0, std::memory_order_relaxed);
  slot_of(index).vitals.restart();
  place.process.reset();
  const bool has_code = ending.si_code == CLD_EXITED;
  if (kill_at_) {
    const bool is_well = is_aide(index) || (has_code && ending.si_status == 0);
    code_ = is_well ? code_ : std::max(code_, 1);
    return;
  }
  if (has_code && ending.si_status == kGiveUp && !is_aide(index)) {
    report(who + "can't work");
    stop(kGiveUp);
    return;
  }
  const Clock::time_point now = Clock::now();
  if (now - place.started >= options_.healthy_after) {
    place.failures = 0;
  }
  // Doubled at most 20 times: by then it is longer than any longest one.
  const milliseconds pause =
      place.failures == 0
          ? milliseconds::zero()
          : std::min(options_.first_pause * (1U << std::min(place.failures - 1, 20U)),
                     options_.longest_pause);
  ++place.failures;
  place.restart = now + pause;
  const bool at_once = pause == milliseconds::zero();
  report(who + describe(ending) + "; the next one starts " +
         (at_once ? "at once" : "in " + std::to_string(pause.count()) + " ms"));
}

void Supervision::look_at_heartbeats() {
  const Clock::time_point now = Clock::now();
  if (now - looked_ < kLookEvery) {
    return;
  }
  if (now - looked_ > 4 * kLookEvery) {
    back_ = now;  // this machine stood still, or all of us were kept from running
  }
  looked_ = now;
  for (std::size_t index = 0; index < places_.size(); ++index) {
    if (places_[index].process.is_open()) {
      look_at(index, now);
    }
  }
}

void Supervision::look_at(std::size_t index, Clock::time_point now) {
  Place& place = places_[index];
  WorkerSlot& slot = slot_of(index);
  const std::uint64_t heartbeat = slot.vitals.heartbeat.load(std::memory_order_acquire);
  const bool is_starting = heartbeat == 0;
  const Clock::time_point alive = is_starting ? place.started : moment_of(heartbeat);
  const auto silence = std::chrono::duration_cast<milliseconds>(now - std::max(alive, back_));
  const milliseconds patience = is_starting ? options_.start_time : options_.stall_time;
  if (silence >= patience / 4 && place.quiet_since != heartbeat) {
    place.quiet_since = heartbeat;
    place.at_first = look_at_main_thread(place.number);
  }
  if (silence >= patience && place.warned == Place::Warned::no && !is_starved(place, patience)) {
    report(name_of(place) + "has not answered for " + std::to_string(silence.count()) +
           " ms: it gets SIGABRT");
    place.warned = Place::Warned::aborted;
    place.aborted_at = now;
    slot.stalls.fetch_add(1, std::memory_order_relaxed);
    send_signal(place.process, SIGABRT);
  } else if (place.warned == Place::Warned::aborted &&
             now - std::max(place.aborted_at, back_) >= options_.kill_time - options_.stall_time) {
    report(name_of(place) + "does not end: it is killed");
    place.warned = Place::Warned::killed;
    send_signal(place.process, SIGKILL);
  }
}

void Supervision::stop(int code) {
  if (options_.lifecycle != nullptr) {
    options_.lifecycle->note_stopping();
  }
  code_ = std::max(code_, code);
  kill_at_ = kill_at_.value_or(Clock::now() + options_.stop_time);
  send(SIGTERM);
}

void Supervision::dismiss_aide() {
  if (has_aide() && !std::exchange(is_aide_dismissed_, true)) {
    send_signal(places_.back().process, SIGTERM);
  }
}

/// To all workers.
void Supervision::send(int signal) const {
  for (const Place& place : places_) {
    if (place.process.is_open() && !is_aide(index_of(place))) {
      send_signal(place.process, signal);
    }
  }
}

void Supervision::report(const std::string& line) const {
  if (options_.report) {
    options_.report(line);
  }
}

std::string Supervision::name_of(const Place& place) const {
  const std::size_t index = index_of(place);
  return (is_aide(index) ? options_.aide->name : "worker " + std::to_string(index)) + " (process " +
         std::to_string(place.number) + ") ";
}

std::size_t Supervision::index_of(const Place& place) const {
  return static_cast<std::size_t>(&place - places_.data());
}

WorkerSlot& Supervision::slot_of(std::size_t index) const {
  return is_aide(index) ? aide_board_.slots()[0] : board_.slots()[index];
}

/// In milliseconds, for poll(2).
int Supervision::time_to_wait() const {
  Clock::time_point next = looked_ + kLookEvery;
  if (kill_at_) {
    next = std::min(next, *kill_at_);
  }
  for (const Place& place : places_) {
    if (!kill_at_ && place.restart) {
      next = std::min(next, *place.restart);
    }
  }
  if (options_.lifecycle != nullptr) {
    next = std::min(next, options_.lifecycle->next_moment());
  }
  const auto left = std::chrono::ceil<milliseconds>(next - Clock::now());
  return static_cast<int>(std::max(left, milliseconds::zero()).count());
}

bool Supervision::has_workers() const {
  return std::any_of(places_.begin(), places_.end(), [this](const Place& place) {
    return place.process.is_open() && !is_aide(index_of(place));
  });
}

bool Supervision::has_aide() const {
  return options_.aide != nullptr && places_.back().process.is_open();
}

}  // namespace

void Worker::announce() const {
  slot_->vitals.state.store(server::LoopState::serving, std::memory_order_release);
  eventfd_write(announcements_, 1);
}

Result<int> supervise(const SupervisorOptions& options, const WorkerMain& main) {
  const Scoreboard aide_board = SEABAG_TRY(Scoreboard::create(1));
  if (options.board != nullptr) {
    return Supervision(options, main, *options.board, aide_board).run();
  }
  const Scoreboard board = SEABAG_TRY(Scoreboard::create(std::max(options.workers, 1U)));
  return Supervision(options, main, board, aide_board).run();
}

}  // namespace seabag::workers
