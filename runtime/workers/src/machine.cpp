#include "seabag/workers/machine.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "seabag/net/descriptor.h"

namespace seabag::workers {
namespace {

constexpr std::uint64_t kMemoryOfWorker = 16 * 1024 * 1024;

/// A short file as the kernel makes them; empty when it can't be read.
std::string read_file(const std::string& path) {
  const net::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> text{};
  const ssize_t count = read(file.get(), text.data(), text.size());
  return {text.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

/// The number that the text begins with, which is cut off with the space behind it; nothing for
/// `max`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(text.starts_with(' ') ? 1 : 0);
  return number;
}

/// Where in the hierarchy of cgroup v2 this process is: the line `0::PATH`. The root without one,
/// which is what a container shows anyway.
std::string own_group(const std::string& root) {
  const std::string text = read_file(root + "/proc/self/cgroup");
  constexpr std::string_view kStart = "0::";
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with(kStart)) {
      return std::string(line.substr(kStart.size()));
    }
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return "/";
}

std::uint64_t affine_percent() {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  if (sched_getaffinity(0, sizeof processors, &processors) == 0) {
    return 100 * static_cast<std::uint64_t>(std::max(CPU_COUNT(&processors), 1));
  }
  // More processors than the set has room for.
  return 100 * static_cast<std::uint64_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

/// `cpu.max`: microseconds of processor time, in each period of so many.
void apply_processors(const std::string& text, MachineShare& share) {
  std::string_view rest = text;
  const auto quota = take_number(rest);
  const auto period = take_number(rest);
  if (quota && period && *period > 0 && *quota < UINT64_MAX / 100) {
    const std::uint64_t percent = std::max<std::uint64_t>(*quota * 100 / *period, 1);
    share.processor_percent = std::min(share.processor_percent, percent);
  }
}

void apply_memory(const std::string& text, MachineShare& share) {
  std::string_view rest = text;
  if (const auto bytes = take_number(rest); bytes && *bytes > 0) {
    share.memory = share.memory == 0 ? *bytes : std::min(share.memory, *bytes);
  }
}

}  // namespace

MachineShare machine_share(const std::string& root) {
  MachineShare share{.processor_percent = affine_percent()};
  std::string group = own_group(root);
  while (true) {
    const std::string folder = root + "/sys/fs/cgroup" + group;
    apply_processors(read_file(folder + "/cpu.max"), share);
    apply_memory(read_file(folder + "/memory.max"), share);
    if (group.empty() || group == "/") {
      return share;
    }
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

unsigned workers_for(const MachineShare& share, unsigned most) {
  std::uint64_t workers = (share.processor_percent + 99) / 100;
  if (share.memory != 0) {
    workers = std::min(workers, share.memory / kMemoryOfWorker);
  }
  return static_cast<unsigned>(std::clamp<std::uint64_t>(workers, 1, most));
}

}  // namespace seabag::workers
