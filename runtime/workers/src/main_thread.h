#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

namespace seabag::workers {

/// What the kernel tells of a process's first thread (proc_pid_stat(5)).
struct MainThread {
  bool is_runnable = false;            ///< it runs or waits for a processor
  std::chrono::milliseconds spent{0};  ///< on a processor, with the kernel's work for it
};

/// Nothing when the process is gone or /proc is not there.
[[nodiscard]] std::optional<MainThread> look_at_main_thread(pid_t process);

}  // namespace seabag::workers
