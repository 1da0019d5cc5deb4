#include "seabag/net/listener.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace seabag::net {
namespace {

/// As many waiting connections as the kernel allows; it caps this at net.core.somaxconn.
constexpr int kBacklog = 65535;

enum class PortSharing { none, reuse_port };

Result<Listener> fail(const char* operation, const Address& address) {
  return errno_error(errno, operation, address.text());
}

/// `sockaddr` is the kernel's own kind of base class.
sockaddr* as_sockaddr(sockaddr_storage& storage) { return reinterpret_cast<sockaddr*>(&storage); }

bool set_option(const Descriptor& socket, int level, int name, int value) {
  return setsockopt(socket.get(), level, name, &value, sizeof value) == 0;
}

Descriptor make_socket(int family) {
  return Descriptor(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

Result<Address> address_of(const Descriptor& socket, const Address& asked) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (getsockname(socket.get(), as_sockaddr(storage), &length) != 0) {
    return errno_error(errno, "getsockname", asked.text());
  }
  const std::uint16_t port = Address::from_socket(storage, length).port();
  return asked.with_port(port);
}

/// Binds, or tells through errno why not.
bool bind_socket(const Descriptor& socket, const Address& address) {
  sockaddr_storage storage{};
  const socklen_t length = address.to_socket(storage);
  return bind(socket.get(), as_sockaddr(storage), length) == 0;
}

/// The plain IPv4 form of "every interface", for kernels without IPv6.
Address any_ipv4(const Address& address) {
  sockaddr_storage storage{};
  storage.ss_family = AF_INET;
  return Address::from_socket(storage, sizeof(sockaddr_in)).with_port(address.port());
}

bool lacks_ipv6(int number) { return number == EAFNOSUPPORT || number == EADDRNOTAVAIL; }

Result<Listener> open_tcp(const Address& address, PortSharing sharing) {
  const bool is_v4 = address.family() == Address::Family::ipv4;
  Descriptor socket = make_socket(is_v4 ? AF_INET : AF_INET6);
  const bool may_fall_back = address.family() == Address::Family::any;
  if (!socket.is_open()) {
    return may_fall_back && lacks_ipv6(errno) ? open_tcp(any_ipv4(address), sharing)
                                              : fail("socket", address);
  }
  const int v6_only = address.family() == Address::Family::ipv6 ? 1 : 0;
  if (!is_v4 && !set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, v6_only)) {
    return fail("setsockopt", address);
  }
  // Accepted sockets inherit TCP_NODELAY, which saves a call for each connection.
  if (!set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1) ||
      !set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1)) {
    return fail("setsockopt", address);
  }
  if (sharing == PortSharing::reuse_port && !set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1)) {
    return fail("setsockopt", address);
  }
  if (!bind_socket(socket, address)) {
    return may_fall_back && lacks_ipv6(errno) ? open_tcp(any_ipv4(address), sharing)
                                              : fail("bind", address);
  }
  Address bound = SEABAG_TRY(address_of(socket, address));
  return Listener(std::move(socket), std::move(bound));
}

/// Whether the path is a socket that nobody listens on: left behind by a process that was killed.
bool is_stale_socket(const Address& address) {
  struct stat status {};
  if (lstat(address.path().c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return false;
  }
  const Descriptor probe = make_socket(AF_UNIX);
  sockaddr_storage storage{};
  const socklen_t length = address.to_socket(storage);
  return probe.is_open() && connect(probe.get(), as_sockaddr(storage), length) != 0 &&
         errno == ECONNREFUSED;
}

Result<Listener> open_unix(const Address& address) {
  Descriptor socket = make_socket(AF_UNIX);
  if (!socket.is_open()) {
    return fail("socket", address);
  }
  bool is_bound = bind_socket(socket, address);
  if (!is_bound && errno == EADDRINUSE) {
    struct stat status {};
    if (lstat(address.path().c_str(), &status) == 0 && !S_ISSOCK(status.st_mode)) {
      return make_error(std::errc::file_exists, "bind", address.text(),
                        "the path holds something that is no socket");
    }
    if (is_stale_socket(address) && unlink(address.path().c_str()) == 0) {
      is_bound = bind_socket(socket, address);
    } else {
      errno = EADDRINUSE;
    }
  }
  if (!is_bound) {
    return fail("bind", address);
  }
  return Listener(std::move(socket), address);
}

/// Errors of accept4(2) that speak of the connection that waited, which is gone, and not of the
/// listener: the next one may be fine.
bool is_lost_connection(int number) {
  switch (number) {
    case ECONNABORTED:
    case EINTR:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENOPROTOOPT:
    case ENONET:
      return true;
    default:
      return false;
  }
}

Result<void> listen_on(const Listener& listener) {
  if (listen(listener.descriptor(), kBacklog) != 0) {
    return errno_error(errno, "listen", listener.address().text());
  }
  return {};
}

}  // namespace

Listener::Listener(Descriptor socket, Address address)
    : socket_(std::move(socket)), address_(std::move(address)) {}

Listener::Accepted Listener::accept() const {
  while (true) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    Descriptor socket(
        accept4(socket_.get(), as_sockaddr(storage), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.is_open()) {
      return {.socket = std::move(socket), .peer = Peer::from_socket(storage)};
    }
    if (!is_lost_connection(errno)) {
      return {.socket = {}, .peer = {}, .error_number = errno};
    }
  }
}

Result<Listener> Listener::duplicate() const {
  Descriptor copy(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3));
  if (!copy.is_open()) {
    return fail("dup", address_);
  }
  return Listener(std::move(copy), address_);
}

Result<ListenerGroup> ListenerGroup::open(const Address& address, std::size_t workers) {
  ListenerGroup group(address);
  if (address.is_unix()) {
    group.listeners_.push_back(SEABAG_TRY(open_unix(address)));
    struct stat status {};
    if (lstat(address.path().c_str(), &status) == 0) {
      group.socket_file_ = status.st_ino;
      group.owner_process_ = getpid();
    }
  } else {
    // The first one binds without SO_REUSEPORT, which makes another server on the port show, and
    // gets it before it listens, which is when the kernel forms the group.
    group.listeners_.push_back(SEABAG_TRY(open_tcp(address, PortSharing::none)));
  }
  group.address_ = group.listeners_.front().address();
  const int on = 1;
  const bool is_spread =
      !address.is_unix() && workers > 1 &&
      setsockopt(group.listener(0).descriptor(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
  SEABAG_TRY(listen_on(group.listener(0)));
  while (group.listeners_.size() < std::max<std::size_t>(workers, 1)) {
    if (!is_spread) {
      group.listeners_.push_back(SEABAG_TRY(group.listener(0).duplicate()));
      continue;
    }
    group.listeners_.push_back(SEABAG_TRY(open_tcp(group.address_, PortSharing::reuse_port)));
    SEABAG_TRY(listen_on(group.listeners_.back()));
  }
  return group;
}

ListenerGroup::ListenerGroup(ListenerGroup&& other) noexcept
    : address_(std::move(other.address_)),
      listeners_(std::move(other.listeners_)),
      socket_file_(other.socket_file_),
      owner_process_(std::exchange(other.owner_process_, 0)) {}

ListenerGroup& ListenerGroup::operator=(ListenerGroup&& other) noexcept {
  if (this != &other) {
    remove_socket_file();
    address_ = std::move(other.address_);
    listeners_ = std::move(other.listeners_);
    socket_file_ = other.socket_file_;
    owner_process_ = std::exchange(other.owner_process_, 0);
  }
  return *this;
}

ListenerGroup::~ListenerGroup() { remove_socket_file(); }

void ListenerGroup::remove_socket_file() {
  struct stat status {};
  // Somebody may have put a socket of theirs in its place.
  if (owner_process_ != 0 && owner_process_ == getpid() &&
      lstat(address_.path().c_str(), &status) == 0 && status.st_ino == socket_file_) {
    unlink(address_.path().c_str());
  }
  owner_process_ = 0;
}

}  // namespace seabag::net
