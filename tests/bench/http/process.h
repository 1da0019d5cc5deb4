// Programs under measurement.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace seabag::bench {

/// Runs this thread, and what it starts from now on, on one processor.
void pin_to(unsigned processor);

/// A program with the processes it starts; stopped at the end of this object's life.
class Process {
 public:
  /// Starts it on one processor, silent; its errors go to `log`.
  Process(std::vector<std::string> command, unsigned processor, const std::string& log);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] bool is_running() const;
  /// User and system time of all its processes and threads so far.
  [[nodiscard]] double cpu_seconds() const;
  /// The memory of the largest of its processes that is not shared with others.
  [[nodiscard]] long private_kib() const;
  /// It and all its descendants.
  [[nodiscard]] std::vector<pid_t> members() const;

 private:
  pid_t process_ = 0;
};

/// Counts the system calls of some processes from its construction to `stop`, with perf(1).
class SyscallCount {
 public:
  SyscallCount(const std::vector<pid_t>& processes, std::string file);
  /// Nothing when perf is missing or not allowed.
  std::optional<std::uint64_t> stop();

 private:
  pid_t perf_ = 0;
  std::string file_;
};

/// What a command of the shell prints.
std::string output_of(const std::string& command);

/// Where a program is in PATH or the usual places for servers; empty: nowhere.
std::string find_program(const std::string& name);

}  // namespace seabag::bench
