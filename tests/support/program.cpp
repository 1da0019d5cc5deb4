#include "support/program.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "support/catch.h"

namespace seabag::testing {
namespace {

constexpr int kNotStarted = 127;
constexpr unsigned kNobody = 65534;

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0); }
  std::array<int, 2> ends{};
};

bool enter(const Surroundings& surroundings) {
  if (surroundings.prepare && !surroundings.prepare()) {
    return false;
  }
  if (!surroundings.root.empty() && (chroot(surroundings.root.c_str()) != 0 || chdir("/") != 0)) {
    return false;
  }
  if (surroundings.is_unprivileged &&
      (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)) {
    return false;
  }
  for (const int descriptor : surroundings.closed_descriptors) {
    close(descriptor);
  }
  return true;
}

[[noreturn]] void become(const std::string& path, const std::vector<std::string>& arguments,
                         const Surroundings& surroundings) {
  std::vector<char*> words;
  std::string name = path;
  std::vector<std::string> copies = arguments;
  words.push_back(name.data());
  for (std::string& copy : copies) {
    words.push_back(copy.data());
  }
  words.push_back(nullptr);
  if (enter(surroundings)) {
    execv(path.c_str(), words.data());
  }
  _exit(kNotStarted);
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

Program::Program(const std::string& path, const std::vector<std::string>& arguments,
                 const Surroundings& surroundings) {
  const Pipe input;
  const Pipe output;
  const Pipe errors;
  process_ = fork();
  REQUIRE(process_ >= 0);
  if (process_ == 0) {
    dup2(input.ends[0], 0);
    dup2(output.ends[1], 1);
    dup2(errors.ends[1], 2);
    become(path, arguments, surroundings);
  }
  close(input.ends[0]);
  close(output.ends[1]);
  close(errors.ends[1]);
  input_ = input.ends[1];
  output_ = output.ends[0];
  errors_ = errors.ends[0];
}

Program::~Program() {
  for (const int descriptor : {input_, output_, errors_}) {
    if (descriptor >= 0) {
      close(descriptor);
    }
  }
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
}

void Program::wait_for_line(const std::string& line) {
  std::array<char, 1> next{};
  while (printed_.find(line + '\n') == std::string::npos) {
    REQUIRE(read(output_, next.data(), next.size()) == 1);
    printed_ += next[0];
  }
}

std::string Program::read_line() {
  std::string line;
  std::array<char, 1> next{};
  while (read(output_, next.data(), next.size()) == 1) {
    printed_ += next[0];
    if (next[0] == '\n') {
      return line;
    }
    line += next[0];
  }
  FAIL("the program ended instead of printing a line: " << read_all(errors_));
  return line;
}

void Program::send_signal(int number) const { REQUIRE(kill(process_, number) == 0); }

Ending Program::finish() {
  close(std::exchange(input_, -1));
  Ending ending;
  ending.output = printed_ + read_all(output_);
  ending.errors = read_all(errors_);
  int status = 0;
  REQUIRE(waitpid(std::exchange(process_, -1), &status, 0) > 0);
  ending.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return ending;
}

Ending run(const std::string& path, const std::vector<std::string>& arguments,
           const Surroundings& surroundings) {
  return Program(path, arguments, surroundings).finish();
}

}  // namespace seabag::testing
