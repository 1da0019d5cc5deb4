#include "connection.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>

#include "core.h"
#include "working_directory.h"

namespace seabag::intercept::shim {

namespace {

constexpr std::size_t kMostConnections = 16;
// Out of the way of programs that count on the lowest numbers.
constexpr int kFirstNumber = 700;

// A connection that nobody uses at the moment, with the inode by which it is known again: a program
// may close descriptors that it knows nothing of, and open others in their place.
using Slot = std::uint64_t;

constexpr Slot make_slot(int socket, std::uint32_t inode) {
  return (Slot{inode} << 32) | (static_cast<std::uint32_t>(socket) + 1);
}
constexpr int socket_of(Slot slot) { return static_cast<int>(slot & 0xFFFFFFFF) - 1; }
constexpr std::uint32_t inode_of_slot(Slot slot) { return static_cast<std::uint32_t>(slot >> 32); }

std::array<std::atomic<Slot>, kMostConnections> slots{};
std::array<char, 96> the_name{};
std::atomic<int> the_process{0};
std::atomic<bool> is_fork_watched{false};

std::uint32_t inode_of(int socket) {
  struct stat status {};
  return raw::status(socket, status) == 0 && S_ISSOCK(status.st_mode)
             ? static_cast<std::uint32_t>(status.st_ino)
             : 0;
}

// The connection of a slot, or -1 when it is empty or has become something else.
int take_from(std::atomic<Slot>& slot) {
  const Slot found = slot.exchange(0);
  const int socket = socket_of(found);
  return socket >= 0 && inode_of(socket) == inode_of_slot(found) ? socket : -1;
}

int open_connection() {
  const std::size_t length = std::strlen(the_name.data());
  if (length == 0) {
    return -1;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, the_name.data(), length);
  const long size = static_cast<long>(offsetof(sockaddr_un, sun_path) + 1 + length);
  const int socket =
      static_cast<int>(raw::call(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (socket < 0) {
    return -1;
  }
  long connected = 0;
  do {
    connected = raw::call(SYS_connect, socket, raw::address(&address), size);
  } while (connected == -EINTR);
  if (connected < 0) {
    raw::close(socket);
    return -1;
  }
  const auto high = static_cast<int>(raw::call(SYS_fcntl, socket, F_DUPFD_CLOEXEC, kFirstNumber));
  if (high < 0) {
    return socket;
  }
  raw::close(socket);
  return high;
}

// A child's connections are its own: those that it inherited belong to its parent.
void on_fork() {
  the_process.store(raw::process());
  watch_working_directory();
  for (auto& slot : slots) {
    if (const int socket = take_from(slot); socket >= 0) {
      raw::close(socket);
    }
  }
}

bool send_letter(int socket, const Letter& letter, std::size_t size) {
  iovec part{.iov_base = const_cast<Letter*>(&letter), .iov_len = size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (letter.descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &letter.descriptor, sizeof(int));
  }
  long sent = 0;
  do {
    sent = raw::call(SYS_sendmsg, socket, raw::address(&message), MSG_NOSIGNAL);
  } while (sent == -EINTR);
  return sent == static_cast<long>(size);
}

bool receive_reply(int socket, Reply& reply, bool closes_on_exec) {
  iovec part{.iov_base = &reply.answer, .iov_len = sizeof(Answer) + reply.data.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  long size = 0;
  do {
    size = raw::call(SYS_recvmsg, socket, raw::address(&message),
                     closes_on_exec ? MSG_CMSG_CLOEXEC : 0);
  } while (size == -EINTR);
  if (size < static_cast<long>(sizeof(Answer)) ||
      reply.answer.length > static_cast<std::size_t>(size) - sizeof(Answer)) {
    return false;
  }
  reply.descriptor = -1;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    std::memcpy(&reply.descriptor, CMSG_DATA(header), sizeof(int));
  } else if (reply.answer.descriptor != 0) {
    reply.answer.error = EMFILE;  // there was no room for it
  }
  return true;
}

bool talk(int socket, const Letter& letter, std::size_t size, Reply& reply) {
  // Only open(2) gives descriptors to the program; all others stay here.
  const bool closes_on_exec =
      letter.request.operation != Operation::open || (letter.request.flags & O_CLOEXEC) != 0;
  return send_letter(socket, letter, size) && receive_reply(socket, reply, closes_on_exec);
}

int take_connection() {
  for (auto& slot : slots) {
    if (const int socket = take_from(slot); socket >= 0) {
      return socket;
    }
  }
  return -1;
}

void give_back(int socket) {
  const Slot mine = make_slot(socket, inode_of(socket));
  for (auto& slot : slots) {
    Slot empty = 0;
    if (slot.compare_exchange_strong(empty, mine)) {
      return;
    }
  }
  raw::close(socket);
}

}  // namespace

void connect_to(const char* name) {
  copy_text(the_name, name);
  the_process.store(raw::process());
  if (!is_fork_watched.exchange(true)) {
    pthread_atfork(nullptr, nullptr, on_fork);
  }
}

const char* host_name() { return the_name.data(); }

bool exchange(const Letter& letter, std::size_t size, Reply& reply) {
  // After vfork(2) the memory is the parent's and the descriptors are not: nothing is kept then.
  const bool is_own = the_process.load() == raw::process();
  int socket = is_own ? take_connection() : -1;
  bool is_done = socket >= 0 && talk(socket, letter, size, reply);
  if (!is_done) {
    if (socket >= 0) {
      raw::close(socket);
    }
    socket = open_connection();
    is_done = socket >= 0 && talk(socket, letter, size, reply);
  }
  if (is_done && is_own) {
    give_back(socket);
  } else if (socket >= 0) {
    raw::close(socket);
  }
  return is_done;
}

}  // namespace seabag::intercept::shim
