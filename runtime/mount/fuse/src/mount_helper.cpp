#include "mount_helper.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace seabag::mount {

namespace {

// Where the program finds the socket that it answers on.
constexpr int kSocketInChild = 3;
constexpr const char* kSocketVariable = "_FUSE_COMMFD=3";

struct Pair {
  net::Descriptor ours;
  net::Descriptor theirs;
};

Result<Pair> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_error(errno, "pipe");
  }
  return Pair{.ours = net::Descriptor(ends[0]), .theirs = net::Descriptor(ends[1])};
}

Result<Pair> make_socket_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error(errno, "socketpair");
  }
  return Pair{.ours = net::Descriptor(ends[0]), .theirs = net::Descriptor(ends[1])};
}

// What becomes of descriptors in the child: standard error on a pipe, and perhaps the socket.
class ChildFiles {
 public:
  ChildFiles() { posix_spawn_file_actions_init(&actions_); }
  ChildFiles(const ChildFiles&) = delete;
  ChildFiles& operator=(const ChildFiles&) = delete;
  ~ChildFiles() { posix_spawn_file_actions_destroy(&actions_); }

  void give(const net::Descriptor& descriptor, int number) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor.get(), number);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 512> part{};
  for (ssize_t count = 1; count > 0 || (count < 0 && errno == EINTR);) {
    count = read(descriptor, part.data(), part.size());
    if (count > 0) {
      text.append(part.data(), static_cast<std::size_t>(count));
    }
  }
  return text;
}

// The connection that the program sends with one byte; none when it ends without.
std::optional<net::Descriptor> receive_connection(int socket) {
  char byte = 0;
  iovec part{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t count = 0;
  do {
    count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  const cmsghdr* header = count > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
    return std::nullopt;
  }
  int number = -1;
  std::memcpy(&number, CMSG_DATA(header), sizeof number);
  return net::Descriptor(number);
}

// One line, without the program's name in front.
std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  const std::string name = std::string(kMountHelper) + ": ";
  return text.starts_with(name) ? text.substr(name.size()) : text;
}

struct Ending {
  bool has_succeeded = false;
  std::string errors;
  std::optional<net::Descriptor> connection = std::nullopt;
};

// Runs the program until its end. With a socket it is given one to send the connection on.
Result<Ending> run(std::vector<std::string> arguments, std::optional<Pair> socket,
                   const std::string& directory) {
  Pair errors = SEABAG_TRY(make_pipe());
  ChildFiles files;
  files.give(errors.theirs, STDERR_FILENO);
  if (socket) {
    files.give(socket->theirs, kSocketInChild);
  }
  arguments.insert(arguments.begin(), kMountHelper);
  std::vector<std::string> variables{kSocketVariable, "PATH=/usr/bin:/bin:/usr/local/bin"};
  pid_t child = 0;
  const int failed = posix_spawnp(&child, kMountHelper, files.get(), nullptr,
                                  pointers_to(arguments).data(), pointers_to(variables).data());
  if (failed != 0) {
    return make_error(std::errc::operation_not_permitted, "mount", directory,
                      "only root may, or everybody with fusermount3: apt-get install fuse3");
  }
  errors.theirs.reset();
  Ending ending;
  if (socket) {
    socket->theirs.reset();
    ending.connection = receive_connection(socket->ours.get());
  }
  ending.errors = first_line(read_all(errors.ours.get()));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ending.has_succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return ending;
}

// In fusermount3's option string a comma separates and a backslash quotes.
std::string quoted(const std::string& text) {
  std::string result;
  for (const char character : text) {
    if (character == ',' || character == '\\') {
      result.push_back('\\');
    }
    result.push_back(character);
  }
  return result;
}

}  // namespace

Result<net::Descriptor> mount_by_helper(const HelperRequest& request) {
  const std::string options =
      "default_permissions,subtype=seabag,fsname=" + quoted(request.source) +
      (request.is_read_only ? ",ro" : "");
  auto ending = SEABAG_TRY(run({"-o", options, "--", request.directory},
                               SEABAG_TRY(make_socket_pair()), request.directory));
  if (!ending.connection) {
    return make_error(std::errc::operation_not_permitted, "mount", request.directory,
                      ending.errors.empty() ? "fusermount3 gave no connection" : ending.errors);
  }
  return std::move(*ending.connection);
}

Result<void> unmount_by_helper(const std::string& directory) {
  const auto ending = SEABAG_TRY(run({"-u", "-z", "--", directory}, std::nullopt, directory));
  if (!ending.has_succeeded) {
    return make_error(std::errc::operation_not_permitted, "umount", directory, ending.errors);
  }
  return {};
}

}  // namespace seabag::mount
