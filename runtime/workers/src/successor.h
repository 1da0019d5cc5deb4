#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>
#include <span>
#include <string>

#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"
#include "seabag/workers/lifecycle.h"

namespace seabag::workers {

/// The process that is to replace this one, while it starts. One thread.
class Lifecycle::Successor {
 public:
  /// Starts the executable that is at this one's path now. Safe in a process with several threads.
  /// Errors: EMFILE, EAGAIN, ENOMEM; what goes wrong later is told by `look`.
  [[nodiscard]] static Result<std::unique_ptr<Successor>> start(
      std::span<const char* const> command, std::span<const SocketToPass> sockets,
      const sigset_t& mask);

  enum class State { starting, serves, failed };
  [[nodiscard]] State look();
  /// Why it has failed.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// Ends it, and waits for that.
  void kill();

  [[nodiscard]] pid_t number() const { return number_; }
  [[nodiscard]] int process() const { return process_.get(); }
  [[nodiscard]] int messages() const { return messages_.get(); }

 private:
  State take_message();

  pid_t number_ = 0;
  net::Descriptor process_;   ///< a pidfd
  net::Descriptor messages_;  ///< our end of a pair of sockets
  std::string failure_;
};

/// What a process that serves tells the one that it replaces.
inline constexpr char kServes = 'S';
/// What one that could not become the new executable tells; errno follows.
inline constexpr char kNotStarted = 'E';

}  // namespace seabag::workers
