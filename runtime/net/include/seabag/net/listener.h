#pragma once

#include <cstdint>
#include <span>
#include <utility>
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

  /// Takes over a socket that somebody else has opened. Errors: EBADF, ENOTSOCK; EINVAL for one
  /// that does not listen for connections, EAFNOSUPPORT for one that is neither TCP nor unix.
  [[nodiscard]] static Result<Listener> adopt(Descriptor socket);

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

  /// Whether several workers accept from it, who then should take one connection at a time.
  [[nodiscard]] bool is_shared() const { return is_shared_; }
  void set_shared(bool is_shared) { is_shared_ = is_shared; }

  /// Whether it is what listening on `address` would give; port 0 is every port.
  [[nodiscard]] bool is_at(const Address& address) const;

 private:
  Descriptor socket_;
  Address address_;
  bool is_shared_ = false;
};

/// How the connections to one address are divided between workers. A unix socket is always shared.
enum class Spreading : std::uint8_t {
  /// Each worker has a socket (SO_REUSEPORT), and the kernel chooses by a hash of both addresses:
  /// nobody is woken in vain, but a few connections may all be one worker's.
  hashed,
  /// The same, but the processor that receives a connection chooses (SO_ATTACH_REUSEPORT_CBPF):
  /// for network cards with a queue for each processor, and workers pinned to them.
  by_processor,
  /// All workers wait at one socket, and who has time takes the next connection: a worker that is
  /// busy, stuck or being replaced keeps nobody waiting.
  shared,
};

/// Who removes the file of a unix socket at the end.
enum class FileOwnership : std::uint8_t { ours, others };

/// The listeners of one address, for all workers.
///
/// Made before workers start, so that nothing is lost while one is restarted. A port that somebody
/// else listens on is EADDRINUSE, also when it is another server of the same user (which plain
/// SO_REUSEPORT hides).
///
/// A unix socket that nobody listens on any more is replaced; its file goes with this object, in
/// the process that made it. One thread at a time.
class ListenerGroup {
 public:
  /// Errors: EADDRINUSE, EACCES (a port below 1024), EADDRNOTAVAIL, EAFNOSUPPORT, EEXIST (the path
  /// of a unix socket holds something else), ENOENT (its directory), EMFILE. They name the address.
  [[nodiscard]] static Result<ListenerGroup> open(const Address& address, std::size_t workers,
                                                  Spreading spreading = Spreading::hashed);

  /// Goes on with sockets of one address, at least one, that somebody else has opened; opens more
  /// where workers are to have their own and the kernel allows it, otherwise workers share. Errors:
  /// as `open`.
  [[nodiscard]] static Result<ListenerGroup> adopt(std::vector<Listener> sockets,
                                                   std::size_t workers, Spreading spreading,
                                                   FileOwnership ownership);

  ListenerGroup(ListenerGroup&& other) noexcept;
  ListenerGroup& operator=(ListenerGroup&& other) noexcept;
  ~ListenerGroup();

  /// With the port that the kernel chose.
  [[nodiscard]] const Address& address() const { return address_; }
  /// The workers.
  [[nodiscard]] std::size_t size() const { return workers_; }
  /// All sockets, whoever accepts from them.
  [[nodiscard]] std::span<const Listener> sockets() const { return sockets_; }
  /// The sockets that one worker, 0 .. workers - 1, accepts from: at least one. They live as long
  /// as this object.
  [[nodiscard]] std::vector<const Listener*> of_worker(std::size_t worker) const;
  /// The first of these.
  [[nodiscard]] const Listener& listener(std::size_t worker) const { return *of_worker(worker)[0]; }

  /// Leaves the file of a unix socket to somebody else.
  void leave_file() { owner_process_ = 0; }

 private:
  ListenerGroup(Address address, std::size_t workers, Spreading spreading);
  Result<void> add_sockets();
  void choose_by_processor();
  void mark_shared();
  void own_file();
  void remove_socket_file();

  Address address_;
  std::size_t workers_;
  Spreading spreading_;
  std::vector<Listener> sockets_;
  std::uint64_t socket_file_ = 0;  ///< inode of the file of a unix socket
  int owner_process_ = 0;          ///< who removes the file of a unix socket; 0: nobody
};

}  // namespace seabag::net
