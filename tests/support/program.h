#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace seabag::testing {

/// How a program ended, and what it printed until then.
struct Ending {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
  std::string output;
  std::string errors;
};

/// What is set up in the child before the program starts.
struct Surroundings {
  std::filesystem::path root = {};           ///< chroot there first (needs root)
  bool is_unprivileged = false;              ///< become nobody (needs root)
  std::vector<int> closed_descriptors = {};  ///< closed in the end
  std::function<bool()> prepare = {};        ///< anything else, before all that
};

/// A program that runs with its standard streams on pipes.
class Program {
 public:
  /// `path` is as the child sees it. Fails the test when it cannot be started.
  Program(const std::string& path, const std::vector<std::string>& arguments,
          const Surroundings& surroundings = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Waits until it has printed this line.
  void wait_for_line(const std::string& line);
  /// Waits for the next line and gives it without its end.
  [[nodiscard]] std::string read_line();
  /// kill(2).
  void send_signal(int number) const;
  [[nodiscard]] int process() const { return process_; }
  /// Closes its standard input and waits for its end.
  [[nodiscard]] Ending finish();

 private:
  int process_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string printed_;
};

[[nodiscard]] Ending run(const std::string& path, const std::vector<std::string>& arguments,
                         const Surroundings& surroundings = {});

}  // namespace seabag::testing
