#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include "support/catch.h"
#include "support/kernel_mount.h"

namespace seabag::testing {
namespace {

/// A process that holds a mount until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& directory) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    process_ = fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      const auto mounted = mount::KernelMount::mount(directory, make_own_memory());
      const char byte = mounted ? 'y' : 'n';
      while (write(ends[1], &byte, 1) == 1) {
        pause();
      }
      _exit(1);
    }
    close(ends[1]);
    char byte = 0;
    REQUIRE(read(ends[0], &byte, 1) == 1);
    close(ends[0]);
    CHECK(byte == 'y');
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { end(); }

  void end() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
      process_ = 0;
    }
  }

 private:
  pid_t process_ = 0;
};

TEST_CASE("a killed process leaves no mount", "[mount][lifetime]") {
  if (!can_mount()) {
    return;
  }
  for (int round = 0; round < 5; ++round) {
    const TempDir directory;
    Holder holder(directory.path().string());
    CHECK(is_mount_point(directory.path().string()));
    const int open_inside = open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(open_inside >= 0);
    holder.end();
    wait_until_unmounted(directory.path().string());
    struct stat status {};
    CHECK(stat(directory.path().c_str(), &status) == 0);
    close(open_inside);
  }
}

TEST_CASE("a mount ends with its object, with files open in it too", "[mount][lifetime]") {
  if (!can_mount()) {
    return;
  }
  const TempDir directory;
  const std::string path = directory.path().string();
  int file = -1;
  {
    const auto mounted = mount::KernelMount::mount(path, make_own_memory());
    REQUIRE(mounted);
    CHECK(mounted->directory() == path);
    file = open((path + "/file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
  }
  CHECK_FALSE(is_mount_point(path));
  const char byte = 0;
  CHECK(pwrite(file, &byte, 1, 0) == -1);
  CHECK(errno == ENOTCONN);
  close(file);
}

TEST_CASE("what was open when a mount ended is closed for the file system", "[mount][lifetime]") {
  if (!can_mount()) {
    return;
  }
  const std::shared_ptr<vfs::WritableFileSystem> files = make_own_memory();
  const auto before = files->statistics();
  REQUIRE(before);
  const TempDir directory;
  int file = -1;
  {
    const auto mounted = mount::KernelMount::mount(directory.path().string(), files);
    REQUIRE(mounted);
    const std::string name = (directory / "file").string();
    file = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    CHECK(ftruncate(file, 1) == 0);
    CHECK(unlink(name.c_str()) == 0);
    const auto meanwhile = files->statistics();
    REQUIRE(meanwhile);
    CHECK(meanwhile->nodes_free != before->nodes_free);
  }
  const auto after = files->statistics();
  REQUIRE(after);
  CHECK(after->nodes_free == before->nodes_free);
  close(file);
}

TEST_CASE("a mount can be taken away from outside", "[mount][lifetime]") {
  if (!can_mount()) {
    return;
  }
  const TempDir directory;
  const std::string path = directory.path().string();
  auto mounted = mount::KernelMount::mount(path, make_own_memory());
  REQUIRE(mounted);
  REQUIRE(mount::unmount(path));
  mounted->wait();
  CHECK_FALSE(is_mount_point(path));
  CHECK(mounted->unmount());
  const auto again = mount::unmount(path);
  REQUIRE_FALSE(again);
  CHECK(again.error().is(std::errc::invalid_argument));
}

TEST_CASE("where nothing can be mounted, the reason is told", "[mount][error]") {
  const TempDir directory;
  const auto try_at = [](const std::string& path) {
    const auto mounted = mount::KernelMount::mount(path, make_own_memory());
    REQUIRE_FALSE(mounted);
    CHECK(mounted.error().path == path);
    return mounted.error();
  };
  CHECK(try_at((directory / "missing").string()).is(std::errc::no_such_file_or_directory));
  std::ofstream(directory / "file") << "text";
  CHECK(try_at((directory / "file").string()).is(std::errc::not_a_directory));
  const auto nothing =
      mount::KernelMount::mount(directory.path().string(), std::shared_ptr<vfs::FileSystem>());
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().is(std::errc::invalid_argument));
}

TEST_CASE("what a directory holds is hidden until it is unmounted", "[mount][lifetime]") {
  if (!can_mount()) {
    return;
  }
  const TempDir directory;
  std::ofstream(directory / "below") << "text";
  struct stat status {};
  {
    const auto mounted = mount::KernelMount::mount(directory.path().string(), make_own_memory());
    REQUIRE(mounted);
    CHECK(stat((directory / "below").c_str(), &status) == -1);
  }
  CHECK(stat((directory / "below").c_str(), &status) == 0);
}

}  // namespace
}  // namespace seabag::testing
