#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include "seabag/net/descriptor.h"

/// Processes by descriptor: the number of one that has ended is never mistaken for another's.
/// glibc 2.36 declares these calls for C only. Linux 5.4 has all of them.
namespace seabag::workers {

/// pidfd_open(2): readable when the process has ended. None: errno says why.
[[nodiscard]] inline net::Descriptor open_process(pid_t number) {
  return net::Descriptor(static_cast<int>(syscall(SYS_pidfd_open, number, 0)));
}

/// pidfd_send_signal(2). One that has ended gets nothing.
inline void send_signal(const net::Descriptor& process, int signal) {
  syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

}  // namespace seabag::workers
