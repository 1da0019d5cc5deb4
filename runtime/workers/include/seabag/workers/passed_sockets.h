#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/net/descriptor.h"
#include "seabag/net/listener.h"
#include "seabag/vfs/result.h"

namespace seabag::workers {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// What whoever started this process has opened for it.
struct PassedSockets {
  struct Socket {
    net::Listener listener;
    std::string name;  ///< LISTEN_FDNAMES; empty without
  };
  std::vector<Socket> sockets;
  /// The process that this one replaces waits here to hear that it serves; none: it replaces
  /// nobody.
  net::Descriptor predecessor;

  /// Takes out the listeners of one address, in their order.
  [[nodiscard]] std::vector<Socket> take(const net::Address& address);
  /// The same for those of one name.
  [[nodiscard]] std::vector<Socket> take_named(std::string_view name);
};

/// The name of sockets that the predecessor has opened itself, so that the files of unix sockets
/// are its successor's to remove.
inline constexpr const char* kOwnSocketName = "seabag";
/// The same for those on which operators look.
inline constexpr const char* kAdminSocketName = "seabag-admin";

/// Takes over the sockets that systemd (sd_listen_fds(3): LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES)
/// or a predecessor (the same, and SEABAG_UPGRADE) has passed. Variables that are meant for another
/// process are ignored. To be called once, while no other descriptors have been opened.
///
/// Errors: EINVAL for a number or a list of names that makes no sense; EBADF, ENOTSOCK, EINVAL,
/// EAFNOSUPPORT for a descriptor that is no listening stream socket, with its number.
[[nodiscard]] Result<PassedSockets> take_passed_sockets(const Environment& environment);

}  // namespace seabag::workers
