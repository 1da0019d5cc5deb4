#include "seabag/net/stream.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::net {
namespace {

class Count final : public Watcher {
 public:
  void on_ready(Readiness readiness) override {
    inputs += readiness.input ? 1 : 0;
    outputs += readiness.output ? 1 : 0;
  }
  int inputs = 0;
  int outputs = 0;
};

struct Pair {
  Pair() {
    int sockets[2] = {};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets) == 0);
    ours.reset(sockets[0]);
    theirs.reset(sockets[1]);
  }
  std::string read_all() {
    std::string all;
    std::vector<char> buffer(65536);
    ssize_t count = 0;
    while ((count = read(theirs.get(), buffer.data(), buffer.size())) > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return all;
  }
  Descriptor ours;
  Descriptor theirs;
};

TEST_CASE("a stream tells short input, full input and the end apart", "[net][stream]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  Pair pair;
  Count watcher;
  Stream stream(**loop, std::move(pair.ours), watcher);
  REQUIRE(stream.start());
  char buffer[4];
  CHECK(stream.receive(buffer).state == TransferState::partial);
  REQUIRE(write(pair.theirs.get(), "abcdef", 6) == 6);
  REQUIRE((*loop)->run_turn());
  CHECK(watcher.inputs == 1);
  Transfer transfer = stream.receive(buffer);
  CHECK(transfer.bytes == 4);
  CHECK(transfer.state == TransferState::complete);
  transfer = stream.receive(buffer);
  CHECK(transfer.bytes == 2);
  CHECK(transfer.state == TransferState::partial);
  pair.theirs.reset();
  REQUIRE((*loop)->run_turn());
  CHECK(stream.receive(buffer).state == TransferState::end);
}

TEST_CASE("a stream whose other side is full goes on when there is space", "[net][stream]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  Pair pair;
  Count watcher;
  Stream stream(**loop, std::move(pair.ours), watcher);
  REQUIRE(stream.start());
  const std::string big(4U << 20U, 'x');
  std::size_t sent = 0;
  std::size_t received = 0;
  while (sent < big.size()) {
    const Transfer transfer = stream.send(std::span(big).subspan(sent));
    sent += transfer.bytes;
    if (transfer.state == TransferState::partial) {
      const int before = watcher.outputs;
      received += pair.read_all().size();
      while (watcher.outputs == before) {
        REQUIRE((*loop)->run_turn());
      }
    }
  }
  received += pair.read_all().size();
  CHECK(received == big.size());
  CHECK(watcher.outputs > 0);
}

TEST_CASE("a stream sends parts and files in order", "[net][stream]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  Pair pair;
  Count watcher;
  Stream stream(**loop, std::move(pair.ours), watcher);
  std::string one = "one ";
  std::string two = "two ";
  const iovec parts[] = {{one.data(), one.size()}, {two.data(), two.size()}};
  CHECK(stream.send(std::span(parts), Follows::more).bytes == 8);
  const Descriptor file(memfd_create("file", MFD_CLOEXEC));
  REQUIRE(write(file.get(), "0123456789", 10) == 10);
  const Transfer whole = stream.send_file(file.get(), 3, 4);
  CHECK(whole.bytes == 4);
  CHECK(whole.state == TransferState::complete);
  CHECK(pair.read_all() == "one two 3456");
  const Transfer truncated = stream.send_file(file.get(), 8, 4);
  CHECK(truncated.bytes == 2);
  CHECK(truncated.state == TransferState::file_failed);
}

TEST_CASE("a lost connection is an answer, not a signal", "[net][stream]") {
  auto loop = EventLoop::open();
  REQUIRE(loop);
  Pair pair;
  Count watcher;
  Stream stream(**loop, std::move(pair.ours), watcher);
  pair.theirs.reset();
  CHECK(stream.send(std::span<const char>("x", 1)).state == TransferState::failed);
  stream.close();
  stream.close();
  CHECK_FALSE(stream.is_open());
}

}  // namespace
}  // namespace seabag::net
