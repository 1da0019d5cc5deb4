#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seabag/net/address.h"
#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::net {

/// A socket that accepts connections: bound, listening, non-blocking, closed on exec. One thread at
/// a time, but several processes may inherit and use it at once.
class Listener {
 public:
  Listener(Descriptor socket, Address address);

  [[nodiscard]] int descriptor() const { return socket_.get(); }
  /// Where it listens: with the port that the kernel chose.
  [[nodiscard]] const Address& address() const { return address_; }

  /// A connection, if one waits.
  struct Accepted {
    Descriptor socket;  ///< non-blocking, closed on exec; none: see `error_number`
    Peer peer;
    int error_number = 0;  ///< why there is none: EAGAIN, or EMFILE, ENFILE, ENOBUFS, ENOMEM
  };
  /// accept4(2). A connection that died while it waited is skipped.
  [[nodiscard]] Accepted accept() const;

  /// A second owner of the same kernel socket.
  [[nodiscard]] Result<Listener> duplicate() const;

 private:
  Descriptor socket_;
  Address address_;
};

/// The listeners of one address, one for each worker.
///
/// Made before workers start, so that nothing is lost while one is restarted. With several workers
/// a TCP address gets one SO_REUSEPORT socket for each, between which the kernel spreads
/// connections; a unix socket, which it does not spread, is shared. A port that somebody else
/// listens on is EADDRINUSE, also when it is another server of the same user (which plain
/// SO_REUSEPORT hides).
///
/// A unix socket that nobody listens on any more is replaced; its file goes with this object, in
/// the process that made it. One thread at a time.
class ListenerGroup {
 public:
  /// Errors: EADDRINUSE, EACCES (a port below 1024), EADDRNOTAVAIL, EAFNOSUPPORT, EEXIST (the path
  /// of a unix socket holds something else), ENOENT (its directory), EMFILE. They name the address.
  [[nodiscard]] static Result<ListenerGroup> open(const Address& address, std::size_t workers);

  ListenerGroup(ListenerGroup&& other) noexcept;
  ListenerGroup& operator=(ListenerGroup&& other) noexcept;
  ~ListenerGroup();

  /// With the port that the kernel chose.
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] std::size_t size() const { return listeners_.size(); }
  /// The listener of one worker, 0 .. size() - 1. Lives as long as this object.
  [[nodiscard]] const Listener& listener(std::size_t worker) const { return listeners_[worker]; }

 private:
  explicit ListenerGroup(Address address) : address_(std::move(address)) {}
  void remove_socket_file();

  Address address_;
  std::vector<Listener> listeners_;
  std::uint64_t socket_file_ = 0;  ///< inode of the file of a unix socket
  int owner_process_ = 0;          ///< who removes the file of a unix socket; 0: nobody
};

}  // namespace seabag::net
