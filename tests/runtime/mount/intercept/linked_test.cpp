// The process itself, with the hooks linked in: its own calls and those of its libraries.
#include "linked.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
namespace intercept = seabag::intercept;
namespace vfs = seabag::vfs;

using seabag::testing::Linked;

std::string read_stream(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_CASE("an ifstream reads a file of a mount", "[intercept][linked]") {
  Linked linked;
  linked.put("/seabag-app/app.conf", "debug=true");
  CHECK(read_stream("/seabag-app/app.conf") == "debug=true");
  CHECK_FALSE(std::ifstream("/seabag-app/missing"));
}

TEST_CASE("an ofstream writes what the library reads", "[intercept][linked]") {
  Linked linked;
  {
    std::ofstream file("/seabag-app/out");
    file << "one" << std::flush;
    CHECK(linked.text("/seabag-app/out") == "one");
    file << "two";
  }
  std::ofstream("/seabag-app/out", std::ios::app) << "three";
  CHECK(linked.text("/seabag-app/out") == "onetwothree");
  CHECK(fs::file_size("/seabag-app/out") == 11);
}

TEST_CASE("std::filesystem works in a mount", "[intercept][linked]") {
  Linked linked;
  fs::create_directories("/seabag-app/a/b");
  std::ofstream("/seabag-app/a/b/f") << "x";
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator("/seabag-app")) {
    found.push_back(entry.path());
  }
  CHECK(found == std::vector<std::string>{"/seabag-app/a", "/seabag-app/a/b", "/seabag-app/a/b/f"});
  fs::rename("/seabag-app/a/b", "/seabag-app/c");
  fs::create_symlink("c/f", "/seabag-app/link");
  CHECK(fs::canonical("/seabag-app/link") == "/seabag-app/c/f");
  CHECK(fs::read_symlink("/seabag-app/link") == "c/f");
  fs::copy("/seabag-app/c", "/seabag-app/d", fs::copy_options::recursive);
  CHECK(read_stream("/seabag-app/d/f") == "x");
  fs::permissions("/seabag-app/d/f", fs::perms::owner_read);
  CHECK(fs::status("/seabag-app/d/f").permissions() == fs::perms::owner_read);
  fs::resize_file("/seabag-app/d/f", 3);
  CHECK(fs::file_size("/seabag-app/d/f") == 3);
  CHECK(fs::remove_all("/seabag-app/c") == 2);
  CHECK_FALSE(fs::exists("/seabag-app/c"));
  const fs::path before = fs::current_path();
  fs::current_path("/seabag-app/d");
  CHECK(fs::current_path() == "/seabag-app/d");
  CHECK(read_stream("f").size() == 3);
  fs::current_path(before);
  CHECK(fs::current_path() == before);
}

TEST_CASE("descriptors are the kernel's", "[intercept][linked]") {
  Linked linked;
  const int file = open("/seabag-app/f", O_RDWR | O_CREAT, 0644);
  REQUIRE(file >= 0);
  REQUIRE(write(file, "hello", 5) == 5);
  const int copy = dup(file);
  CHECK(lseek(copy, 0, SEEK_CUR) == 5);
  auto* map = static_cast<char*>(mmap(nullptr, 5, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
  REQUIRE(map != MAP_FAILED);
  map[0] = 'J';
  munmap(map, 5);
  CHECK(linked.text("/seabag-app/f") == "Jello");
  struct stat by_path {};
  struct stat by_number {};
  REQUIRE(stat("/seabag-app/f", &by_path) == 0);
  REQUIRE(fstat(copy, &by_number) == 0);
  CHECK(by_path.st_ino == by_number.st_ino);
  CHECK(by_path.st_dev == by_number.st_dev);
  CHECK(by_path.st_mtim.tv_nsec == by_number.st_mtim.tv_nsec);
  REQUIRE(unlink("/seabag-app/f") == 0);
  REQUIRE(fstat(file, &by_number) == 0);
  CHECK(by_number.st_nlink == 0);
  CHECK(pread(file, std::array<char, 5>{}.data(), 5, 0) == 5);
  CHECK(fsync(file) == 0);
  close(file);
  close(copy);
}

TEST_CASE("directories are read by descriptor", "[intercept][linked]") {
  Linked linked;
  linked.put("/seabag-app/d/f", "text");
  const int directory = open("/seabag-app/d", O_RDONLY | O_DIRECTORY);
  REQUIRE(directory >= 0);
  struct stat status {};
  REQUIRE(fstat(directory, &status) == 0);
  CHECK(S_ISDIR(status.st_mode));
  const int file = openat(directory, "f", O_RDONLY);
  CHECK(file >= 0);
  close(file);
  CHECK(openat(directory, "missing", O_RDONLY) == -1);
  CHECK(faccessat(directory, "f", R_OK, 0) == 0);
  std::array<char, 1> byte{};
  CHECK((read(directory, byte.data(), 1) == -1 && errno == EISDIR));
  DIR* stream = fdopendir(directory);
  REQUIRE(stream != nullptr);
  CHECK(dirfd(stream) == directory);
  int count = 0;
  while (readdir(stream) != nullptr) {
    ++count;
  }
  CHECK(count == 3);
  closedir(stream);
  dirent** entries = nullptr;
  REQUIRE(scandir("/seabag-app/d", &entries, nullptr, alphasort) == 3);
  CHECK(std::string(entries[2]->d_name) == "f");
  for (int each = 0; each < 3; ++each) {
    std::free(entries[each]);
  }
  std::free(entries);
}

std::vector<std::string> walked;

int note(const char* path, const struct stat*, int, FTW*) {
  walked.emplace_back(path);
  return 0;
}

TEST_CASE("nftw and glob walk a mount", "[intercept][linked]") {
  Linked linked;
  linked.put("/seabag-app/a/f1", "");
  linked.put("/seabag-app/a/f2", "");
  walked.clear();
  REQUIRE(nftw("/seabag-app", note, 8, FTW_PHYS | FTW_DEPTH) == 0);
  CHECK(walked == std::vector<std::string>{"/seabag-app/a/f1", "/seabag-app/a/f2", "/seabag-app/a",
                                           "/seabag-app"});
  glob_t found{};
  REQUIRE(glob("/seabag-app/*/f?", 0, nullptr, &found) == 0);
  CHECK(found.gl_pathc == 2);
  CHECK(std::string(found.gl_pathv[1]) == "/seabag-app/a/f2");
  globfree(&found);
}

TEST_CASE("freopen replaces a stream's file", "[intercept][linked]") {
  Linked linked;
  linked.put("/seabag-app/f", "text");
  FILE* stream = std::fopen("/dev/null", "r");
  stream = std::freopen("/seabag-app/f", "r", stream);
  REQUIRE(stream != nullptr);
  std::array<char, 8> line{};
  CHECK(std::string(std::fgets(line.data(), line.size(), stream)) == "text");
  std::fclose(stream);
}

TEST_CASE("a forked child and what it starts see the mounts", "[intercept][linked]") {
  Linked linked;
  linked.put("/seabag-app/f", "text\n");
  const pid_t child = fork();
  if (child == 0) {
    const bool is_right = read_stream("/seabag-app/f") == "text\n";
    std::ofstream("/seabag-app/from-child") << "written";
    _exit(is_right ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(read_stream("/seabag-app/from-child") == "written");
  CHECK(std::system("test \"$(cat /seabag-app/f)\" = text && echo more >> /seabag-app/f") == 0);
  CHECK(read_stream("/seabag-app/f") == "text\nmore\n");
}

TEST_CASE("threads use a mount at the same time", "[intercept][linked][threads]") {
  Linked linked;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&failures, number] {
      const std::string path = "/seabag-app/thread" + std::to_string(number);
      for (int round = 0; round < 100; ++round) {
        const std::string text = std::to_string(round);
        std::ofstream(path) << text;
        failures += read_stream(path) == text ? 0 : 1;
        fs::rename(path, path + "-moved");
        failures += fs::exists(path) ? 1 : 0;
        fs::remove(path + "-moved");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
  CHECK(fs::is_empty("/seabag-app"));
}

TEST_CASE("a library is loaded from a mount, with the one that it needs", "[intercept][dlopen]") {
  Linked linked;
  for (const auto& [from, to] :
       {std::pair(SEABAG_TEST_PLUGIN, "/seabag-app/lib/plugin.so"),
        std::pair(SEABAG_TEST_SIBLING, "/seabag-app/lib/libseabag_test_sibling.so")}) {
    std::ifstream file(from, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    REQUIRE_FALSE(bytes.empty());
    linked.put(to, bytes);
  }
  void* plugin = dlopen("/seabag-app/lib/plugin.so", RTLD_NOW);
  INFO((plugin == nullptr ? dlerror() : ""));
  REQUIRE(plugin != nullptr);
  const auto answer = reinterpret_cast<int (*)()>(dlsym(plugin, "seabag_test_answer"));
  REQUIRE(answer != nullptr);
  CHECK(answer() == 42);
  void* again = dlopen("/seabag-app/lib/plugin.so", RTLD_NOW);
  CHECK(again == plugin);
  CHECK(dlopen("/seabag-app/lib/missing.so", RTLD_NOW) == nullptr);
  dlclose(again);
  dlclose(plugin);
}

TEST_CASE("faults of a plan reach the program's reads and writes", "[intercept][faults]") {
  const auto plan = std::make_shared<vfs::FaultPlan>();
  Linked linked({.faults = plan, .longest_read = 3});
  linked.put("/seabag-app/f", "12345");
  const int file = open("/seabag-app/f", O_RDWR);
  REQUIRE(file >= 0);
  std::array<char, 8> buffer{};
  CHECK(read(file, buffer.data(), buffer.size()) == 3);
  CHECK(read(file, buffer.data(), buffer.size()) == 2);
  plan->add(
      {.call = vfs::ContractCall::write_at, .error = std::errc::no_space_on_device, .nth = 3});
  CHECK(write(file, "a", 1) == 1);
  CHECK(write(file, "b", 1) == 1);
  CHECK((write(file, "c", 1) == -1 && errno == ENOSPC));
  CHECK(write(file, "d", 1) == 1);
  close(file);
  CHECK(read_stream("/seabag-app/f") == "12345abd");
  FILE* stream = std::fopen("/seabag-app/f", "w");
  REQUIRE(stream != nullptr);
  plan->add({.call = vfs::ContractCall::write_at, .error = std::errc::no_space_on_device});
  std::fputs("text", stream);
  CHECK(std::fclose(stream) != 0);
}

TEST_CASE("only one session is attached at a time", "[intercept][linked]") {
  {
    const Linked linked;
    const auto other = intercept::Session::start().value();
    CHECK(intercept::attach(*other).error().is(std::errc::device_or_resource_busy));
  }
  CHECK_FALSE(fs::exists("/seabag-app"));
}

}  // namespace
