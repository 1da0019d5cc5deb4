#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "seabag/net/descriptor.h"
#include "seabag/server/log_file.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Served;
using test::SocketDirectory;

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

FixedAssets make_assets() {
  FixedAssets assets;
  assets.add("/a.txt", "alpha\n");
  return assets;
}

TEST_CASE("every answered request is a line of JSON", "[server][log]") {
  const FixedAssets assets = make_assets();
  const SocketDirectory directory;
  const std::string path = directory.path() + "/access.log";
  auto log = LogFile::open(path);
  REQUIRE(log);
  {
    Served served({.assets = &assets, .log = &*log});
    Loopback client(served.address());
    client.ask(
        "GET /a.txt?q=\"1\" HTTP/1.1\r\nHost: x\r\nUser-Agent: test\\1\r\nReferer: "
        "http://r/\xff\xc3\xb6\r\n\r\n");
    client.ask("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    client.ask("bad\r\n\r\n");
  }
  const std::string lines = read_file(path);
  CAPTURE(lines);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 3);
  std::istringstream stream(lines);
  std::string line;
  std::getline(stream, line);
  CHECK(line.starts_with("{\"time\":\"20"));
  CHECK(contains(
      line, "Z\",\"client\":\"127.0.0.1\",\"method\":\"GET\",\"target\":\"/a.txt?q=\\\"1\\\"\""));
  CHECK(contains(line, ",\"status\":200,\"bytes\":6,\"duration_us\":"));
  CHECK(contains(line, "\"user_agent\":\"test\\\\1\""));
  CHECK(contains(line, "\"referer\":\"http://r/\\u00ff\xc3\xb6\""));
  CHECK_FALSE(contains(line, "error"));
  CHECK(line.ends_with("}"));
  std::getline(stream, line);
  CHECK(contains(line, "\"status\":404"));
  std::getline(stream, line);
  CHECK(contains(line, "\"status\":400"));
  CHECK(contains(line, "\"error\":\""));
  CHECK_FALSE(contains(line, "\"method\""));
}

TEST_CASE("a long and hostile request makes one short line", "[server][log]") {
  const FixedAssets assets = make_assets();
  const SocketDirectory directory;
  const std::string path = directory.path() + "/access.log";
  auto log = LogFile::open(path);
  REQUIRE(log);
  {
    Served served({.assets = &assets, .log = &*log});
    Loopback client(served.address());
    client.ask("GET /" + std::string(7'000, '"') +
               " HTTP/1.1\r\nHost: x\r\nUser-Agent: " + std::string(9'000, '\xff') +
               "\r\nReferer: " + std::string(9'000, '\\') + "\r\n\r\n");
  }
  const std::string lines = read_file(path);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
  CHECK(lines.size() > 2'000);
  CHECK(lines.size() <= 4096);
  CHECK(lines.ends_with("\"}\n"));
}

TEST_CASE("many requests are all logged, in whole lines", "[server][log]") {
  const FixedAssets assets = make_assets();
  const SocketDirectory directory;
  const std::string path = directory.path() + "/access.log";
  auto log = LogFile::open(path);
  REQUIRE(log);
  {
    Served served({.assets = &assets, .log = &*log});
    Loopback client(served.address());
    std::string batch;
    for (int i = 0; i < 100; ++i) {
      batch += "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    for (int round = 0; round < 20; ++round) {
      client.send(batch);
      for (int i = 0; i < 100; ++i) {
        REQUIRE(client.receive_reply().status == 200);
      }
    }
  }
  std::ifstream file(path);
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    REQUIRE(line.starts_with("{\"time\":"));
    REQUIRE(line.ends_with("}"));
  }
  CHECK(count == 2'000);
}

TEST_CASE("a log is written after a while without being asked", "[server][log]") {
  const FixedAssets assets = make_assets();
  int ends[2] = {};
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const net::Descriptor reading(ends[0]);
  const net::Descriptor writing(ends[1]);
  auto log = LogFile::open("/proc/self/fd/" + std::to_string(writing.get()));
  REQUIRE(log);
  Served served({.assets = &assets, .log = &*log});
  Loopback client(served.address());
  client.ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  char buffer[4096];
  const ssize_t count = read(reading.get(), buffer, sizeof buffer);
  REQUIRE(count > 0);
  CHECK(contains(std::string(buffer, static_cast<std::size_t>(count)), "\"target\":\"/a.txt\""));
}

TEST_CASE("a reader that does not read loses lines, and the server goes on", "[server][log]") {
  const FixedAssets assets = make_assets();
  const SocketDirectory directory;
  const std::string path = directory.path() + "/fifo";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const net::Descriptor reading(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(reading.is_open());
  auto log = LogFile::open(path);
  REQUIRE(log);
  std::string lines;
  {
    Served served({.assets = &assets, .log = &*log});
    Loopback client(served.address());
    const std::string agent(400, 'u');
    for (int i = 0; i < 1'000; ++i) {
      REQUIRE(client.ask("GET /a.txt HTTP/1.1\r\nHost: x\r\nUser-Agent: " + agent + "\r\n\r\n")
                  .status == 200);
    }
    // Once there is space again, it is told how many lines are missing.
    char buffer[65536];
    while (!contains(lines, "lines dropped")) {
      const ssize_t count = read(reading.get(), buffer, sizeof buffer);
      if (count > 0) {
        lines.append(buffer, static_cast<std::size_t>(count));
      }
      client.ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
    }
  }
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line) && !stream.eof();) {
    CHECK(line.starts_with("{\"time\":"));
    CHECK(line.ends_with("}"));
  }
}

TEST_CASE("a log can be opened again", "[server][log]") {
  const FixedAssets assets = make_assets();
  const SocketDirectory directory;
  const std::string path = directory.path() + "/access.log";
  auto log = LogFile::open(path);
  REQUIRE(log);
  {
    Served served({.assets = &assets, .log = &*log});
    Loopback client(served.address());
    client.ask("GET /a.txt?before HTTP/1.1\r\nHost: x\r\n\r\n");
    std::filesystem::rename(path, path + ".1");
    served.server().reopen_log();
    while (!std::filesystem::exists(path)) {
      client.ask("GET /a.txt?between HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    client.ask("GET /a.txt?after HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  CHECK(contains(read_file(path + ".1"), "?before"));
  CHECK(contains(read_file(path), "?after"));
}

TEST_CASE("a log that can't be opened is told with its path", "[server][log]") {
  const SocketDirectory directory;
  const auto missing = LogFile::open(directory.path() + "/none/access.log");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().is(std::errc::no_such_file_or_directory));
  CHECK(missing.error().path == directory.path() + "/none/access.log");
  CHECK_FALSE(LogFile::open(directory.path()));
  CHECK(LogFile::open("-"));
}

}  // namespace
}  // namespace seabag::server
