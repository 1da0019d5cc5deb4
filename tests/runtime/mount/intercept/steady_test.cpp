// What programs remember of files that can change, while they change.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "programs.h"
#include "steady_board.h"
#include "support/temp_dir.h"

namespace {

namespace intercept = seabag::intercept;
namespace vfs = seabag::vfs;
using seabag::testing::Board;
using seabag::testing::Ending;
using seabag::testing::InterceptedPrograms;
using seabag::testing::Program;
using seabag::testing::Subject;

const intercept::MountOptions kSteady = {.changes = intercept::Changes::by_session};

// Calls of the library in the host's own process.
struct NamespaceCalls {
  vfs::Namespace& files;
  std::string folder;

  std::string path(const char* name) const { return folder + name; }
  void write(const char* name, std::int64_t number) const {
    REQUIRE(vfs::write_file(files, path(name), std::to_string(number) + "\n"));
  }
  void rename(const char* from, const char* to) const {
    REQUIRE(files.rename(path(from), path(to)));
  }
  void remove(const char* name) const { REQUIRE(files.remove(path(name), vfs::RemoveKind::file)); }
  void change_mode(const char* name) const {
    REQUIRE(files.set_attributes(path(name), {.mode = 0640}));
  }
  void link(const char* target, const char* name) const {
    REQUIRE(vfs::create_symlink(files, target, path("folder/link")));
    rename("folder/link", name);
  }
};

std::shared_ptr<vfs::WritableFileSystem> tree_with_number(std::int64_t number) {
  std::shared_ptr<vfs::WritableFileSystem> memory = seabag::providers::make_memory_file_system();
  vfs::Namespace names;
  const auto mount = names.mount("/", memory).value();
  REQUIRE(vfs::write_file(names, "/file", std::to_string(number) + "\n"));
  return memory;
}

void mount_and_unmount(intercept::Session& session, Subject& subject, std::int64_t rounds) {
  for (std::int64_t number = 1; number <= rounds; ++number) {
    std::optional<intercept::Mount> mount;
    const auto tree = tree_with_number(number);
    change(subject, number,
           [&] { mount.emplace(session.mount("/seabag-other", tree, kSteady).value()); });
    change(subject, Subject::kMissing, [&] { mount.reset(); });
  }
}

std::string make_board(const seabag::testing::TempDir& folder) {
  const std::string path = folder.path() / "board";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(ftruncate(file, sizeof(Board)) == 0);
  close(file);
  return path;
}

TEST_CASE("no open finds what was before a change", "[intercept][steady]") {
  constexpr std::int64_t kRounds = 300;
  const InterceptedPrograms programs(kSteady);
  vfs::Namespace& files = programs.session->files();
  for (const char* folder : {"/seabag-app/by-host/folder", "/seabag-app/by-program/folder"}) {
    REQUIRE(vfs::create_directories(files, folder));
  }
  const seabag::testing::TempDir folder;
  const std::string path = make_board(folder);
  Board* board = seabag::testing::map_board(path.c_str());
  REQUIRE(board != nullptr);
  for (Subject& subject : board->subjects) {
    subject.expected.store(Subject::kMissing);
    subject.seen.store(Subject::kMissing);
  }
  const std::string program = SEABAG_TEST_STEADY_PROGRAM;
  std::array<std::unique_ptr<Program>, 2> watchers;
  for (auto& watcher : watchers) {
    watcher = std::make_unique<Program>(program, std::vector<std::string>{"watch", path},
                                        programs.surroundings());
  }
  while (board->watchers.load() < 2 * watchers.size()) {
    std::this_thread::yield();
  }
  Program changer(program, {"change", path, std::to_string(kRounds)}, programs.surroundings());
  const NamespaceCalls calls{.files = files, .folder = "/seabag-app/by-host/"};
  play(board->subjects[0], calls, kRounds);
  mount_and_unmount(*programs.session, board->subjects[2], kRounds);
  const Ending changed = changer.finish();
  board->is_over.store(true);
  for (const auto& watcher : watchers) {
    const Ending ending = watcher->finish();
    CHECK(ending.exit_code == 0);
    CHECK(ending.errors == "");
  }
  CHECK(changed.exit_code == 0);
  CHECK(board->violations.load() == 0);
  CHECK(board->checks.load() > 0);
  munmap(board, sizeof(Board));
}

}  // namespace
