// Kills tests that use interception, and `seabag run`, at random moments and looks for what they
// leave behind: processes, memory files, files in TMPDIR.
//
//   intercept_kill [KILLS] [SEABAG]   1,000; every second victim is a `SEABAG run` when it is given
//
// Prints one line, and exits with 1 when anything is left.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "seabag/testing/scoped_tree.h"

namespace {

namespace fs = std::filesystem;

// Reads, writes, renames and starts programs in a tree until it is killed.
[[noreturn]] void be_victim() {
  while (true) {
    const seabag::testing::ScopedTree tree{{"/etc/seabag-kill.conf", "debug=true"},
                                           {"/srv/seabag-kill/", ""}};
    for (int round = 0; round < 8; ++round) {
      const std::string path = "/srv/seabag-kill/file" + std::to_string(round);
      std::ofstream(path) << std::string(20000, 'x');
      std::ifstream("/etc/seabag-kill.conf").get();
      fs::rename(path, path + "-moved");
    }
    if (std::system("cat /etc/seabag-kill.conf > /srv/seabag-kill/copy") != 0) {
      std::exit(1);
    }
  }
}

constexpr const char* kLoop =
    "while :; do echo text > /kill/f; cat /kill/f > /kill/g; mv /kill/g /kill/h; done";

pid_t start_victim(const char* seabag) {
  const pid_t victim = fork();
  if (victim != 0) {
    return victim;
  }
  setsid();
  // What the programs of a dead victim complain about.
  dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
  if (seabag != nullptr) {
    execl(seabag, "seabag", "run", "--mount", "memory::/kill", "--", "sh", "-c", kLoop, nullptr);
  } else {
    execl("/proc/self/exe", "intercept_kill", "victim", nullptr);
  }
  _exit(127);
}

void wait_milliseconds(unsigned milliseconds) {
  const timespec time{.tv_sec = 0, .tv_nsec = static_cast<long>(milliseconds) * 1'000'000};
  nanosleep(&time, nullptr);
}

// The living processes of a session, by what /proc/PID/stat says behind the name.
std::vector<std::string> members(pid_t session) {
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/proc", failed)) {
    const std::string number = entry.path().filename();
    if (number.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    std::ifstream file(entry.path() / "stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    char state = 'X';
    int parent = 0;
    int group = 0;
    int owner = 0;
    if (name_end != std::string::npos &&
        std::sscanf(line.c_str() + name_end + 1, " %c %d %d %d", &state, &parent, &group, &owner) ==
            4 &&
        owner == session && state != 'Z' && state != 'X') {
      found.push_back(line.substr(0, name_end + 1));
    }
  }
  return found;
}

// What a program of a killed session was doing comes to its end by itself.
std::vector<std::string> members_in_the_end(pid_t session) {
  constexpr int kTries = 200;
  std::vector<std::string> found = members(session);
  for (int tries = 0; !found.empty() && tries < kTries; ++tries) {
    wait_milliseconds(10);
    found = members(session);
  }
  return found;
}

// A memory file lives as long as somebody has it open.
long memory_files_of(const std::vector<std::string>& processes) {
  long count = 0;
  for (const std::string& process : processes) {
    std::error_code failed;
    const fs::path folder = "/proc/" + process.substr(0, process.find(' ')) + "/fd";
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      count += fs::read_symlink(entry, failed).native().starts_with("/memfd:seabag") ? 1 : 0;
    }
  }
  return count;
}

long entries_of(const char* folder) {
  std::error_code failed;
  return std::distance(fs::directory_iterator(folder, failed), fs::directory_iterator());
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::string(arguments[1]) == "victim") {
    be_victim();
  }
  const int kills = count > 1 ? std::atoi(arguments[1]) : 1000;
  std::array<char, 32> folder{"/tmp/seabag-kill-XXXXXX"};
  if (mkdtemp(folder.data()) == nullptr || setenv("TMPDIR", folder.data(), 1) != 0) {
    std::perror("mkdtemp");
    return 1;
  }
  std::mt19937 random(1);
  std::uniform_int_distribution<unsigned> moment(1, 60);
  std::size_t processes = 0;
  long memory_files = 0;
  int early = 0;
  for (int each = 0; each < kills; ++each) {
    const pid_t victim = start_victim(count > 2 && each % 2 == 1 ? arguments[2] : nullptr);
    wait_milliseconds(moment(random));
    kill(victim, SIGKILL);
    int status = 0;
    waitpid(victim, &status, 0);
    early += WIFSIGNALED(status) ? 0 : 1;
    const auto left = members_in_the_end(victim);
    for (const std::string& process : left) {
      std::fprintf(stderr, "left: %s\n", process.c_str());
    }
    processes += left.size();
    memory_files += memory_files_of(left);
  }
  const long files = entries_of(folder.data());
  std::printf("%d kills: %zu processes, %ld memory files, %ld files left; %d ended before\n", kills,
              processes, memory_files, files, early);
  rmdir(folder.data());
  return processes == 0 && memory_files == 0 && files == 0 && early == 0 ? 0 : 1;
}
