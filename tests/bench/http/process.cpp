#include "process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace seabag::bench {
namespace {

std::vector<char*> to_arguments(std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (std::string& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  return arguments;
}

pid_t start(std::vector<std::string> command, const std::string& log, int processor) {
  const std::vector<char*> arguments = to_arguments(command);
  const pid_t child = fork();
  if (child != 0) {
    return child;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (processor >= 0) {
    pin_to(static_cast<unsigned>(processor));
  }
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

double thread_seconds(const std::filesystem::path& task) {
  std::ifstream file(task / "schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds / 1e9;
}

}  // namespace

void pin_to(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

Process::Process(std::vector<std::string> command, unsigned processor, const std::string& log)
    : process_(start(std::move(command), log, static_cast<int>(processor))) {}

Process::~Process() {
  kill(process_, SIGTERM);
  for (int i = 0; i < 200; ++i) {
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      return;
    }
    usleep(10'000);
  }
  for (const pid_t member : members()) {
    kill(member, SIGKILL);
  }
  waitpid(process_, nullptr, 0);
}

bool Process::is_running() const { return waitpid(process_, nullptr, WNOHANG) == 0; }

std::vector<pid_t> Process::members() const {
  std::vector<pid_t> all{process_};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string id = std::to_string(all[i]);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) {
      all.push_back(child);
    }
  }
  return all;
}

double Process::cpu_seconds() const {
  double seconds = 0;
  for (const pid_t member : members()) {
    std::error_code gone;
    const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(member) + "/task",
                                                    gone);
    for (const auto& task : tasks) {
      seconds += thread_seconds(task.path());
    }
  }
  return seconds;
}

long Process::private_kib() const {
  long largest = 0;
  for (const pid_t member : members()) {
    std::ifstream file("/proc/" + std::to_string(member) + "/smaps_rollup");
    long total = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:")) {
        total += std::atol(line.c_str() + line.find(':') + 1);
      }
    }
    largest = std::max(largest, total);
  }
  return largest;
}

SyscallCount::SyscallCount(const std::vector<pid_t>& processes, std::string file)
    : file_(std::move(file)) {
  const std::string perf = find_program("perf");
  if (perf.empty()) {
    return;
  }
  std::string list;
  for (const pid_t process : processes) {
    list += (list.empty() ? "" : ",") + std::to_string(process);
  }
  perf_ = start({perf, "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", file_, "-p", list},
                "/dev/null", -1);
  usleep(300'000);  // until it has attached
}

std::optional<std::uint64_t> SyscallCount::stop() {
  if (perf_ == 0) {
    return std::nullopt;
  }
  kill(perf_, SIGINT);
  waitpid(perf_, nullptr, 0);
  std::ifstream result(file_);
  for (std::string line; std::getline(result, line);) {
    if (line.find("raw_syscalls") != std::string::npos && line[0] >= '0' && line[0] <= '9') {
      return std::strtoull(line.c_str(), nullptr, 10);
    }
  }
  return std::nullopt;
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path != nullptr ? path : "") + ":/usr/sbin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return {};
}

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    return text;
  }
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), size);
  }
  pclose(pipe);
  return text;
}

}  // namespace seabag::bench
