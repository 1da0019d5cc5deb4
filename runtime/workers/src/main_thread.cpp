#include "main_thread.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/net/descriptor.h"

namespace seabag::workers {
namespace {

/// Of the fields behind the program's name.
constexpr std::size_t kStateField = 0;
constexpr std::size_t kUserField = 11;
constexpr std::size_t kSystemField = 12;

/// The field with this number, counted from 0; empty when there are fewer.
std::string_view field_of(std::string_view line, std::size_t number) {
  for (; number > 0 && !line.empty(); --number) {
    const std::size_t space = line.find(' ');
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  return line.substr(0, line.find(' '));
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::optional<MainThread> look_at_main_thread(pid_t process) {
  const std::string number = std::to_string(process);
  const std::string path = "/proc/" + number + "/task/" + number + "/stat";
  const net::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> bytes;
  const ssize_t size = file.is_open() ? read(file.get(), bytes.data(), bytes.size()) : 0;
  const std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t name_end = text.rfind(") ");  // a name may hold anything
  if (name_end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(name_end + 2);
  const std::uint64_t ticks =
      number_of(field_of(line, kUserField)) + number_of(field_of(line, kSystemField));
  const auto per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return MainThread{.is_runnable = field_of(line, kStateField) == "R",
                    .spent = std::chrono::milliseconds(ticks * 1000 / per_second)};
}

}  // namespace seabag::workers
