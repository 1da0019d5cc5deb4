#include "directory_support.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <future>
#include <iterator>

#include "seabag/vfs/path.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;
using providers::DirectoryFileSystem;
using providers::DirectoryOptions;

namespace {

constexpr unsigned kNobody = 65534;
constexpr long kFchmodat2 = 452;

void make_level(const fs::path& directory, std::string_view text) {
  fs::create_directories(directory / "sub");
  write_host_file(directory / "secret", text);
  write_host_file(directory / "sub" / "secret", text);
}

/// `call` answers `number`; whatever else goes on to the next rule.
void refuse(std::vector<sock_filter>& program, long call, int number) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(number)));
}

/// The same when an argument (0 .. 5) has all bits of `flags`.
void refuse_flags(std::vector<sock_filter>& program, long call, unsigned argument, unsigned flags,
                  int number) {
  const auto offset =
      static_cast<unsigned>(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 4));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(number)));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
}

}  // namespace

std::vector<DirectoryOptions::Resolution> both_resolutions() {
  return {DirectoryOptions::Resolution::automatic, DirectoryOptions::Resolution::walk};
}

Sandbox::Sandbox() : root_(directory_ / "root"), outside_(directory_ / "outside") {
  make_level(outside_, kMarker);
  make_level(directory_ / "root2", kMarker);
  make_level(root_ / "d", "inside");
  fs::permissions(directory_.path(), fs::perms(0755));
}

std::shared_ptr<DirectoryFileSystem> Sandbox::open(const DirectoryOptions& options) const {
  auto files = DirectoryFileSystem::open_root(root_.native(), options);
  REQUIRE(files);
  return std::move(files).take();
}

bool Sandbox::is_outside_untouched() const {
  for (const fs::path& top : {outside_, directory_ / "root2"}) {
    const auto count = std::distance(fs::recursive_directory_iterator(top), {});
    if (count != 3 || read_host_file(top / "secret") != kMarker ||
        read_host_file(top / "sub" / "secret") != kMarker) {
      return false;
    }
  }
  return true;
}

void write_host_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  REQUIRE(file.flush());
}

std::string read_host_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<vfs::Attributes> find(vfs::FileSystem& files, std::string_view path) {
  auto found = files.attributes(vfs::kRootNode);
  vfs::PathComponents components(path);
  for (auto name = components.next(); !name.empty() && found; name = components.next()) {
    found = files.lookup(found->node, name);
  }
  return found;
}

Result<std::string> content(vfs::FileSystem& files, vfs::NodeId node) {
  const auto file = SEABAG_TRY(files.open(node));
  std::string text(4096, '\0');
  text.resize(SEABAG_TRY(file->read_at(std::as_writable_bytes(std::span(text)), 0)));
  return text;
}

void on_own_thread(const std::function<void()>& body) {
  std::async(std::launch::async, body).get();
}

bool isolate_mounts() {
  return ::unshare(CLONE_FS | CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool drop_privileges() {
  // The system calls themselves: the C library would change the whole process.
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
         ::syscall(SYS_setresgid, kNobody, kNobody, kNobody) == 0 &&
         ::syscall(SYS_setresuid, kNobody, kNobody, kNobody) == 0;
}

bool take_away(Missing what) {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  refuse(program, SYS_openat2, what == Missing::openat2_forbidden ? EPERM : ENOSYS);
  if (what == Missing::everything_new) {
    refuse(program, kFchmodat2, ENOSYS);
    refuse_flags(program, SYS_linkat, 4, AT_EMPTY_PATH, ENOENT);
    refuse_flags(program, SYS_utimensat, 3, AT_EMPTY_PATH, EINVAL);
    refuse(program, SYS_pwritev2, EOPNOTSUPP);
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter = {.len = static_cast<unsigned short>(program.size()),
                             .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace seabag::testing
