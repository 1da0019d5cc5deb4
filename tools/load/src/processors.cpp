#include "processors.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "seabag/net/descriptor.h"

namespace seabag::load {

namespace {

constexpr double kNanoseconds = 1e-9;

// A file of /proc; empty when it cannot be read.
std::string read_text(const std::string& path) {
  const net::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 16 * 1024> part;  // written before it is read
  while (file.is_open()) {
    const ssize_t count = ::read(file.get(), part.data(), part.size());
    if (count <= 0) {
      break;
    }
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

// The words of a line.
std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) {
      return words;
    }
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

double number(std::string_view word) {
  std::uint64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return static_cast<double>(value);
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

unsigned usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    return 1;
  }
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

// proc_pid_stat(5): the name, in parentheses, may hold anything; utime and stime are the 12th and
// 13th words behind it.
std::optional<double> process_seconds(int process) {
  const std::string text = read_text("/proc/" + std::to_string(process) + "/stat");
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos) {
    return std::nullopt;
  }
  const auto words = split(first_line(std::string_view(text).substr(end + 1)));
  if (words.size() < 13) {
    return std::nullopt;
  }
  return (number(words[11]) + number(words[12])) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// An address as /proc/net/tcp writes it: words of 32 bits in the machine's order.
std::string proc_address(const char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t at = 0; at + 4 <= size; at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + at, sizeof word);
    std::array<char, 9> digits{};
    std::snprintf(digits.data(), digits.size(), "%08X", word);
    text += digits.data();
  }
  return text;
}

// `ADDRESS:PORT` of the endpoint in that form, and the table where such listeners are.
struct Wanted {
  std::string address;
  std::string port;
};

Wanted wanted_of(const Endpoint& endpoint) {
  std::array<char, 5> port{};
  Wanted wanted;
  std::uint16_t number_of_port = 0;
  if (endpoint.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &endpoint.storage, sizeof v4);
    std::array<char, 4> bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    wanted.address = proc_address(bytes.data(), bytes.size());
    number_of_port = ntohs(v4.sin_port);
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &endpoint.storage, sizeof v6);
    std::array<char, 16> bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    wanted.address = proc_address(bytes.data(), bytes.size());
    number_of_port = ntohs(v6.sin6_port);
  }
  std::snprintf(port.data(), port.size(), "%04X", number_of_port);
  wanted.port = port.data();
  return wanted;
}

// The inodes of listening sockets in a table of /proc/net that answer for the endpoint.
void find_listeners(const char* table, const Wanted& wanted, std::set<std::string>& sockets) {
  constexpr std::string_view kListening = "0A";
  constexpr std::size_t kInode = 9;
  const std::string text = read_text(table);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto words = split(first_line(rest));
    rest.remove_prefix(std::min(first_line(rest).size() + 1, rest.size()));
    if (words.size() <= kInode || words[3] != kListening) {
      continue;
    }
    const std::string_view address = words[1].substr(0, words[1].find(':'));
    const bool is_any = address.find_first_not_of('0') == std::string_view::npos;
    if (words[1].ends_with(":" + wanted.port) && (is_any || address.ends_with(wanted.address))) {
      sockets.insert("socket:[" + std::string(words[kInode]) + "]");
    }
  }
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// The names in a directory; none when it cannot be read.
std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  while (directory != nullptr) {
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) {
      break;
    }
    names.emplace_back(entry->d_name);
  }
  return names;
}

bool holds_one_of(const std::string& process, const std::set<std::string>& sockets) {
  const std::string directory = "/proc/" + process + "/fd";
  for (const std::string& name : names_in(directory)) {
    std::array<char, 64> target{};
    const ssize_t size = readlink((directory + "/" + name).c_str(), target.data(), target.size());
    if (size > 0 && sockets.contains(std::string(target.data(), static_cast<std::size_t>(size)))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<int> find_servers(const Endpoint& endpoint) {
  if (!is_local(endpoint)) {
    return {};
  }
  const Wanted wanted = wanted_of(endpoint);
  std::set<std::string> sockets;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    find_listeners(table, wanted, sockets);
  }
  std::vector<int> processes;
  for (const std::string& name : names_in(sockets.empty() ? "" : "/proc")) {
    const bool is_process = name.find_first_not_of("0123456789") == std::string::npos;
    if (is_process && holds_one_of(name, sockets)) {
      processes.push_back(static_cast<int>(number(name)));
    }
  }
  std::erase(processes, getpid());
  std::sort(processes.begin(), processes.end());
  return processes;
}

ThreadTimes ThreadTimes::read() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  ThreadTimes times;
  times.running =
      static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * kNanoseconds;
  const std::string text = read_text("/proc/thread-self/schedstat");
  const auto words = split(first_line(text));
  times.waiting = words.size() > 1 ? number(words[1]) * kNanoseconds : 0;
  return times;
}

ProcessorTimes ProcessorTimes::read(const std::vector<int>& servers) {
  ProcessorTimes times;
  const std::string text = read_text("/proc/stat");
  const auto words = split(first_line(text));
  if (words.size() > 8 && words[0] == "cpu") {
    Machine machine;
    for (std::size_t i = 1; i <= 8; ++i) {  // user, nice, system, idle, iowait, irq, softirq, steal
      machine.all += number(words[i]);
      machine.busy += i == 4 || i == 5 ? 0 : number(words[i]);
    }
    times.machine_ = machine;
  }
  for (const int server : servers) {
    if (const std::optional<double> seconds = process_seconds(server)) {
      times.servers_ = times.servers_.value_or(0) + *seconds;
      times.server_processes_.push_back(server);
    }
  }
  return times;
}

ProcessorUse ProcessorTimes::since(const ProcessorTimes& earlier) const {
  ProcessorUse use;
  use.processors = usable_processors();
  use.machine_processors = static_cast<double>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
  if (machine_ && earlier.machine_ && machine_->all > earlier.machine_->all) {
    use.machine =
        (machine_->busy - earlier.machine_->busy) / (machine_->all - earlier.machine_->all);
  }
  // Workers that were replaced meanwhile would make a difference of nothing.
  if (servers_ && earlier.servers_ && server_processes_ == earlier.server_processes_) {
    use.server_seconds = *servers_ - *earlier.servers_;
    use.server_processes = server_processes_;
  }
  return use;
}

}  // namespace seabag::load
