#pragma once

#include <optional>
#include <vector>

#include "seabag/load/report.h"
#include "seabag/load/url.h"

namespace seabag::load {

/// The processes of this machine, other than this one, that hold the listening socket behind an
/// endpoint; empty when there are none, or they are somebody else's and cannot be looked into.
[[nodiscard]] std::vector<int> find_servers(const Endpoint& endpoint);

/// How long the thread that asks has used a processor, and how long it has waited for one, in
/// seconds; 0 for waiting where the kernel does not tell.
struct ThreadTimes {
  double running = 0;
  double waiting = 0;

  static ThreadTimes read();
};

/// How long the whole machine and a server's processes have used processors, read from /proc. What
/// cannot be read is left out. A value.
class ProcessorTimes {
 public:
  /// Until now, of these processes.
  static ProcessorTimes read(const std::vector<int>& servers);

  /// What happened since `earlier`, which was read for the same ones; nothing of the loader.
  [[nodiscard]] ProcessorUse since(const ProcessorTimes& earlier) const;

 private:
  struct Machine {
    double busy = 0;
    double all = 0;
  };

  std::optional<Machine> machine_;
  std::optional<double> servers_;
  std::vector<int> server_processes_;
};

}  // namespace seabag::load
