#include "seabag/net/listener.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>
#include <utility>

namespace seabag::net {
namespace {

/// As many waiting connections as the kernel allows; it caps this at net.core.somaxconn.
constexpr int kBacklog = 65535;

enum class PortSharing { none, reuse_port };

/// Marks a listener that connections are chosen for by a program; older headers lack it.
constexpr int kDetachProgram = 68;  // SO_DETACH_REUSEPORT_BPF

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

/// Whether it takes connections to every interface, with IPv6 and IPv4.
bool is_every_interface(const Descriptor& socket, const Address& address) {
  int v6_only = 1;
  socklen_t length = sizeof v6_only;
  return address.with_port(0).text() == "[::]:0" &&
         getsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &length) == 0 &&
         v6_only == 0;
}

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

Result<Listener> Listener::adopt(Descriptor socket) {
  int listens = 0;
  int type = 0;
  socklen_t length = sizeof listens;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 ||
      getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &length) != 0) {
    return errno_error(errno, "listen");
  }
  if (listens == 0 || type != SOCK_STREAM) {
    return make_error(std::errc::invalid_argument, "listen", {},
                      "it is no socket that listens for connections");
  }
  sockaddr_storage storage{};
  length = sizeof storage;
  if (getsockname(socket.get(), as_sockaddr(storage), &length) != 0 ||
      fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK) != 0) {
    return errno_error(errno, "listen");
  }
  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6 &&
      storage.ss_family != AF_UNIX) {
    return make_error(std::errc::address_family_not_supported, "listen");
  }
  Address address = Address::from_socket(storage, length);
  if (!address.is_unix()) {
    // Not fatal without: answers only wait a little longer for each other.
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  }
  if (is_every_interface(socket, address)) {
    address = SEABAG_TRY(Address::parse("*:" + std::to_string(address.port())));
  }
  return Listener(std::move(socket), std::move(address));
}

bool Listener::is_at(const Address& address) const {
  const Address asked = address.port() == 0 ? address.with_port(address_.port()) : address;
  return asked.text() == address_.text() ||
         (asked.family() == Address::Family::any && any_ipv4(asked).text() == address_.text());
}

ListenerGroup::ListenerGroup(Address address, std::size_t workers, Spreading spreading)
    : address_(std::move(address)),
      workers_(std::max<std::size_t>(workers, 1)),
      spreading_(spreading) {}

Result<ListenerGroup> ListenerGroup::open(const Address& address, std::size_t workers,
                                          Spreading spreading) {
  ListenerGroup group(address, workers, spreading);
  if (address.is_unix()) {
    group.sockets_.push_back(SEABAG_TRY(open_unix(address)));
    group.own_file();
    SEABAG_TRY(listen_on(group.sockets_.front()));
    group.mark_shared();
    return group;
  }
  // The first one binds without SO_REUSEPORT, which makes another server on the port show, and
  // gets it before it listens, which is when the kernel forms the group. With one worker too: a
  // successor may want more.
  group.sockets_.push_back(SEABAG_TRY(open_tcp(address, PortSharing::none)));
  group.address_ = group.sockets_.front().address();
  const int on = spreading == Spreading::shared ? 0 : 1;
  setsockopt(group.sockets_.front().descriptor(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  SEABAG_TRY(listen_on(group.sockets_.front()));
  SEABAG_TRY(group.add_sockets());
  group.mark_shared();
  return group;
}

Result<ListenerGroup> ListenerGroup::adopt(std::vector<Listener> sockets, std::size_t workers,
                                           Spreading spreading, FileOwnership ownership) {
  ListenerGroup group(sockets.front().address(), workers, spreading);
  group.sockets_ = std::move(sockets);
  if (group.address_.is_unix() && ownership == FileOwnership::ours) {
    group.own_file();
  } else if (!group.address_.is_unix()) {
    SEABAG_TRY(group.add_sockets());
  }
  group.mark_shared();
  return group;
}

/// Until each worker has its own, where the first one allows that there are more.
Result<void> ListenerGroup::add_sockets() {
  const int first = sockets_.front().descriptor();
  int is_spread = 0;
  socklen_t length = sizeof is_spread;
  getsockopt(first, SOL_SOCKET, SO_REUSEPORT, &is_spread, &length);
  if (is_spread == 0 || spreading_ == Spreading::shared) {
    return {};
  }
  while (sockets_.size() < workers_) {
    sockets_.push_back(SEABAG_TRY(open_tcp(address_, PortSharing::reuse_port)));
    SEABAG_TRY(listen_on(sockets_.back()));
  }
  if (spreading_ == Spreading::by_processor) {
    choose_by_processor();
  } else {
    const int unused = 0;
    setsockopt(first, SOL_SOCKET, kDetachProgram, &unused, sizeof unused);
  }
  return {};
}

/// Has the kernel choose the socket whose place is the number of the processor, modulo the sockets.
/// Where that is not possible its hash goes on choosing.
void ListenerGroup::choose_by_processor() {
  constexpr auto kProcessor = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_CPU);
  sock_filter program[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, kProcessor},
      {BPF_ALU | BPF_MOD | BPF_K, 0, 0, static_cast<std::uint32_t>(sockets_.size())},
      {BPF_RET | BPF_A, 0, 0, 0},
  };
  const sock_fprog whole{.len = std::size(program), .filter = program};
  setsockopt(sockets_.front().descriptor(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &whole,
             sizeof whole);
}

void ListenerGroup::mark_shared() {
  const bool is_shared =
      workers_ > 1 && (spreading_ == Spreading::shared || sockets_.size() < workers_);
  for (Listener& socket : sockets_) {
    socket.set_shared(is_shared);
  }
}

std::vector<const Listener*> ListenerGroup::of_worker(std::size_t worker) const {
  std::vector<const Listener*> own;
  if (spreading_ == Spreading::shared) {
    for (const Listener& socket : sockets_) {
      own.push_back(&socket);
    }
    return own;
  }
  for (std::size_t i = worker; i < sockets_.size(); i += workers_) {
    own.push_back(&sockets_[i]);
  }
  if (own.empty()) {
    own.push_back(&sockets_[worker % sockets_.size()]);
  }
  return own;
}

void ListenerGroup::own_file() {
  struct stat status {};
  if (lstat(address_.path().c_str(), &status) == 0) {
    socket_file_ = status.st_ino;
    owner_process_ = getpid();
  }
}

ListenerGroup::ListenerGroup(ListenerGroup&& other) noexcept
    : address_(std::move(other.address_)),
      workers_(other.workers_),
      spreading_(other.spreading_),
      sockets_(std::move(other.sockets_)),
      socket_file_(other.socket_file_),
      owner_process_(std::exchange(other.owner_process_, 0)) {}

ListenerGroup& ListenerGroup::operator=(ListenerGroup&& other) noexcept {
  if (this != &other) {
    remove_socket_file();
    address_ = std::move(other.address_);
    workers_ = other.workers_;
    spreading_ = other.spreading_;
    sockets_ = std::move(other.sockets_);
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
