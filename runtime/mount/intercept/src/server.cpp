#include "server.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <optional>

#include "host.h"
#include "protocol.h"

namespace seabag::intercept {

namespace {

// The signals of the process are for its own threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

Result<std::string> random_name() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return errno_error(errno, "getrandom");
  }
  constexpr const char* kDigits = "0123456789abcdef";
  std::string name = "seabag-";
  for (const unsigned char byte : bytes) {
    name += kDigits[byte / 16];
    name += kDigits[byte % 16];
  }
  return name;
}

// Only this user and root may ask: whoever may, may write as this process.
std::optional<Asker> find_asker(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  if (peer.uid == 0) {
    return Asker::root;
  }
  return peer.uid == geteuid() ? std::optional(Asker::this_user) : std::nullopt;
}

bool is_whole(const Letter& letter, std::size_t size) {
  if (size < sizeof(Request)) {
    return false;
  }
  const Request& request = letter.request;
  std::size_t expected = request.tail;
  for (const WirePath& path : request.paths) {
    if (path.length > kMostData || path.base > path.length) {
      return false;
    }
    expected += path.length;
  }
  return expected == size - sizeof(Request);
}

// A letter with the descriptor that may come along; false at the end, and for what
// is no letter.
bool receive_letter(int socket, Letter& letter, Descriptor& passed) {
  iovec part{.iov_base = &letter, .iov_len = kMostLetter};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  do {
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message);
      size > 0 && header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(header), sizeof(int));
    passed = Descriptor(number);
  }
  letter.descriptor = passed.get();
  return size > 0 && (message.msg_flags & MSG_TRUNC) == 0 &&
         is_whole(letter, static_cast<std::size_t>(size));
}

bool send_reply(int socket, Reply& reply) {
  iovec part{.iov_base = &reply.answer, .iov_len = sizeof(Answer) + reply.answer.length};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (reply.descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &reply.descriptor, sizeof(int));
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

}  // namespace

static_assert(offsetof(Reply, data) == sizeof(Answer));
static_assert(offsetof(Letter, data) == sizeof(Request));

Result<std::unique_ptr<Server>> Server::start(Host& host) {
  std::unique_ptr<Server> server(new Server(host));
  SEABAG_TRY(server->listen());
  const SignalsBlocked blocked;
  server->acceptor_ = std::thread([raw = server.get()] { raw->accept_all(); });
  return server;
}

Server::~Server() {
  shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (const auto& connection : connections_) {
    shutdown(connection->socket.get(), SHUT_RDWR);
    connection->thread.join();
  }
}

Result<void> Server::listen() {
  name_ = SEABAG_TRY(random_name());
  listener_ = Descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (listener_.get() < 0) {
    return errno_error(errno, "socket");
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name_.data(), name_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
  if (bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(listener_.get(), SOMAXCONN) != 0) {
    return errno_error(errno, "listen");
  }
  return {};
}

void Server::accept_all() {
  host_.start_thread();
  while (true) {
    Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.get() < 0) {
      if (errno == EINVAL) {
        return;  // shut down
      }
      if (errno == EMFILE || errno == ENFILE) {
        reap();
        std::this_thread::yield();
      }
      continue;
    }
    const auto asker = find_asker(socket.get());
    if (!asker) {
      continue;
    }
    reap();
    const std::lock_guard lock(mutex_);
    auto connection = std::make_unique<Connection>();
    connection->socket = std::move(socket);
    connection->asker = *asker;
    Connection* raw = connection.get();
    connection->thread = std::thread([this, raw] { serve(*raw); });
    connections_.push_back(std::move(connection));
  }
}

void Server::serve(Connection& connection) {
  host_.start_thread();
  const auto letter = std::make_unique<Letter>();
  const auto reply = std::make_unique<Reply>();
  const int socket = connection.socket.get();
  while (true) {
    Descriptor brought;
    if (!receive_letter(socket, *letter, brought)) {
      break;
    }
    // The program asks for its own descriptor; the one here is for no other that is started.
    if (letter->request.operation == Operation::open) {
      letter->request.flags |= static_cast<std::uint32_t>(O_CLOEXEC);
    }
    host_.answer(*letter, connection.asker, *reply);
    const Descriptor passed(reply->descriptor);
    if (!send_reply(socket, *reply)) {
      break;
    }
  }
  host_.on_program_end();
  shutdown(socket, SHUT_RDWR);
  connection.is_over = true;
}

// Joins the threads of connections that have ended.
void Server::reap() {
  const std::lock_guard lock(mutex_);
  std::erase_if(connections_, [](const auto& connection) {
    if (!connection->is_over) {
      return false;
    }
    connection->thread.join();
    return true;
  });
}

}  // namespace seabag::intercept
