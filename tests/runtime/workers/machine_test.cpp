#include "seabag/workers/machine.h"

#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.h"
#include "support/loopback.h"

namespace seabag::workers {
namespace {

/// A root directory with files of cgroup v2.
class FakeRoot {
 public:
  explicit FakeRoot(const std::string& group) { write("/proc/self/cgroup", "0::" + group + "\n"); }
  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root() + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  [[nodiscard]] std::string root() const { return directory_.path(); }

 private:
  test::SocketDirectory directory_;
};

std::uint64_t own_percent() {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  REQUIRE(sched_getaffinity(0, sizeof processors, &processors) == 0);
  return 100 * static_cast<std::uint64_t>(CPU_COUNT(&processors));
}

TEST_CASE("without cgroups the processors of the affinity count", "[workers][machine]") {
  const test::SocketDirectory empty;
  const MachineShare share = machine_share(empty.path());
  CHECK(share.processor_percent == own_percent());
  CHECK(share.memory == 0);
}

TEST_CASE("quotas of the own group and of those above it limit", "[workers][machine]") {
  const FakeRoot fake("/slice/app.service");
  fake.write("/sys/fs/cgroup/slice/app.service/cpu.max", "max 100000\n");
  fake.write("/sys/fs/cgroup/slice/app.service/memory.max", "max\n");
  CHECK(machine_share(fake.root()).processor_percent == own_percent());
  CHECK(machine_share(fake.root()).memory == 0);
  fake.write("/sys/fs/cgroup/slice/cpu.max", "50000 100000\n");
  fake.write("/sys/fs/cgroup/slice/memory.max", "536870912\n");
  CHECK(machine_share(fake.root()).processor_percent == 50);
  CHECK(machine_share(fake.root()).memory == 536'870'912);
  fake.write("/sys/fs/cgroup/slice/app.service/cpu.max", "10000 100000\n");
  fake.write("/sys/fs/cgroup/slice/app.service/memory.max", "33554432\n");
  CHECK(machine_share(fake.root()).processor_percent == 10);
  CHECK(machine_share(fake.root()).memory == 33'554'432);
}

TEST_CASE("a container sees its limits at the root", "[workers][machine]") {
  const FakeRoot fake("/");
  fake.write("/sys/fs/cgroup/cpu.max", "25000 100000\n");
  CHECK(machine_share(fake.root()).processor_percent == 25);
}

TEST_CASE("cgroup v1 and files that make no sense limit nothing", "[workers][machine]") {
  const FakeRoot fake("/");
  fake.write("/proc/self/cgroup", "4:cpu,cpuacct:/app\n1:name=systemd:/app\n");
  for (const char* text : {"", "x y\n", "100000 0\n", "99999999999999999999 1\n", "-5 100\n"}) {
    fake.write("/sys/fs/cgroup/cpu.max", text);
    CHECK(machine_share(fake.root()).processor_percent == own_percent());
  }
}

TEST_CASE("workers follow processors and memory", "[workers][machine]") {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  CHECK(workers_for({.processor_percent = 10}, 1024) == 1);
  CHECK(workers_for({.processor_percent = 100}, 1024) == 1);
  CHECK(workers_for({.processor_percent = 150}, 1024) == 2);
  CHECK(workers_for({.processor_percent = 800}, 1024) == 8);
  CHECK(workers_for({.processor_percent = 800}, 4) == 4);
  CHECK(workers_for({.processor_percent = 800, .memory = 64 * kMiB}, 1024) == 4);
  CHECK(workers_for({.processor_percent = 800, .memory = 8 * kMiB}, 1024) == 1);
}

}  // namespace
}  // namespace seabag::workers
