#include "seabag/top/fetch.h"

#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "seabag/net/listener.h"
#include "support/catch.h"
#include "support/loopback.h"

namespace seabag::top {
namespace {

/// Says the same to the first who connects, and ends.
class Answer {
 public:
  Answer(const std::string& address, std::string text)
      : listeners_(net::ListenerGroup::open(*net::Address::parse(address), 1).value()),
        thread_([this, text = std::move(text)] { serve(text); }) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { thread_.join(); }

  [[nodiscard]] std::string address() const { return listeners_.address().text(); }

 private:
  void serve(const std::string& text) {
    pollfd waiting{.fd = listeners_.listener(0).descriptor(), .events = POLLIN, .revents = 0};
    poll(&waiting, 1, -1);
    const auto client = listeners_.listener(0).accept();
    waiting.fd = client.socket.get();
    poll(&waiting, 1, -1);
    char request[4096];
    const ssize_t size = recv(client.socket.get(), request, sizeof request, 0);
    request_.assign(request, size > 0 ? static_cast<std::size_t>(size) : 0);
    static_cast<void>(send(client.socket.get(), text.data(), text.size(), MSG_NOSIGNAL));
  }

  net::ListenerGroup listeners_;
  std::string request_;
  std::thread thread_;
};

TEST_CASE("a status is fetched from an address, a URL and a unix socket", "[top]") {
  const test::SocketDirectory directory;
  for (const std::string& at : {std::string("127.0.0.1:0"), "unix:" + directory.path() + "/a"}) {
    Answer answer(at, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    const auto target = parse_target(answer.address());
    REQUIRE(target);
    CHECK(fetch_status(*target).value() == "{}");
  }
  Answer answer("127.0.0.1:0", "HTTP/1.1 200 OK\r\n\r\n{}");
  CHECK(fetch_status(*parse_target("http://" + answer.address() + "/status")).value() == "{}");
}

TEST_CASE("who is no admin listener is told", "[top]") {
  struct Row {
    const char* answer;
    const char* detail;
  };
  for (const Row& row : {Row{"", "speaks no HTTP"}, Row{"SSH-2.0-x\r\n\r\n", "speaks no HTTP"},
                         Row{"HTTP/1.1 404 Not Found\r\n\r\n", "answers 404 to /status.json"}}) {
    Answer answer("127.0.0.1:0", row.answer);
    const auto status = fetch_status(*parse_target(answer.address()));
    REQUIRE_FALSE(status);
    CHECK(status.error().message().find(row.detail) != std::string::npos);
  }
  for (const char* bad : {"", "site", "9000", "http://", "http://user@host:1/", "ftp://x:1/"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_target(bad));
  }
  CHECK_FALSE(fetch_status(*parse_target("unix:/nowhere/at/all")));
}

}  // namespace
}  // namespace seabag::top
