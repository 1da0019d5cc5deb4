// Starting a packed executable: `start_bench [--runs N] [--path /URL] APP...` prints, for each, the
// time from exec to the first byte of a response, the page faults of all its processes until then,
// and the private memory of its largest process once idle. Medians of N runs.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

using Clock = std::chrono::steady_clock;

struct Figures {
  double milliseconds = 0;
  long faults = 0;
  long private_kib = 0;
};

// The process and its children, from /proc.
std::vector<pid_t> family(pid_t parent) {
  std::vector<pid_t> members{parent};
  std::ifstream children("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) +
                         "/children");
  for (pid_t child = 0; children >> child;) {
    members.push_back(child);
  }
  return members;
}

// Minor plus major faults: fields 10 and 12 of /proc/PID/stat, counted behind the command's name.
long faults_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::vector<std::string> words;
  for (std::string word; fields >> word;) {
    words.push_back(word);
  }
  return words.size() > 9 ? std::stol(words[7]) + std::stol(words[9]) : 0;
}

long private_kib_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
  long total = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:")) {
      total += std::stol(line.substr(line.find(':') + 1));
    }
  }
  return total;
}

std::optional<int> connect_to(const std::string& path) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  sockaddr generic{};
  static_assert(sizeof address >= sizeof generic);
  if (connect(descriptor, static_cast<const sockaddr*>(static_cast<const void*>(&address)),
              sizeof address) == 0) {
    return descriptor;
  }
  close(descriptor);
  return std::nullopt;
}

// Sends one GET and waits for the first byte; false when nothing comes within two seconds.
bool first_byte(int connection, const std::string& url) {
  const std::string request = "GET " + url + " HTTP/1.1\r\nHost: bench\r\n\r\n";
  if (send(connection, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return false;
  }
  pollfd readable{.fd = connection, .events = POLLIN, .revents = 0};
  char byte = 0;
  return poll(&readable, 1, 2000) == 1 && recv(connection, &byte, 1, 0) == 1;
}

std::optional<Figures> start_once(const std::string& app, const std::string& url) {
  const std::string socket_path =
      std::filesystem::temp_directory_path() / ("start_bench." + std::to_string(getpid()));
  unlink(socket_path.c_str());
  const std::string listen = "unix:" + socket_path;
  std::array<const char*, 6> arguments{app.c_str(), "--listen", listen.c_str(),
                                       "--workers", "1",        nullptr};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

  const auto begin = Clock::now();
  pid_t process = 0;
  if (posix_spawn(&process, app.c_str(), &actions, nullptr,
                  const_cast<char* const*>(arguments.data()), environ) != 0) {
    return std::nullopt;
  }
  std::optional<int> connection;
  while (!connection && Clock::now() - begin < std::chrono::seconds(5)) {
    connection = connect_to(socket_path);
    if (!connection) {
      sched_yield();
    }
  }
  std::optional<Figures> figures;
  if (connection && first_byte(*connection, url)) {
    figures.emplace();
    const std::chrono::duration<double, std::milli> elapsed = Clock::now() - begin;
    figures->milliseconds = elapsed.count();
    for (const pid_t member : family(process)) {
      figures->faults += faults_of(member);
      figures->private_kib = std::max(figures->private_kib, private_kib_of(member));
    }
  }
  if (connection) {
    close(*connection);
  }
  kill(process, SIGTERM);
  waitpid(process, nullptr, 0);
  posix_spawn_file_actions_destroy(&actions);
  unlink(socket_path.c_str());
  return figures;
}

template <typename Member>
auto median(std::vector<Figures> runs, Member member) {
  std::sort(runs.begin(), runs.end(),
            [&](const Figures& a, const Figures& b) { return a.*member < b.*member; });
  return runs[runs.size() / 2].*member;
}

}  // namespace

int main(int argc, char** argv) {
  int runs = 21;
  std::string url = "/";
  std::vector<std::string> apps;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--runs" && i + 1 < argc) {
      runs = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--path" && i + 1 < argc) {
      url = argv[++i];
    } else {
      apps.emplace_back(word);
    }
  }
  if (apps.empty()) {
    std::fputs("usage: start_bench [--runs N] [--path /URL] APP...\n", stderr);
    return 2;
  }
  std::printf("%-32s %12s %10s %14s\n", "executable", "first byte", "faults", "private");
  for (const std::string& app : apps) {
    std::vector<Figures> figures;
    for (int run = 0; run < runs; ++run) {
      const auto result = start_once(app, url);
      if (!result) {
        std::fprintf(stderr, "start_bench: '%s' gave no response within its time\n", app.c_str());
        return 1;
      }
      figures.push_back(*result);
    }
    std::printf("%-32s %9.2f ms %10ld %10ld KiB\n", std::filesystem::path(app).filename().c_str(),
                median(figures, &Figures::milliseconds), median(figures, &Figures::faults),
                median(figures, &Figures::private_kib));
  }
  return 0;
}
