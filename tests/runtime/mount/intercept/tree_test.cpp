// The walks that the C library makes by itself: fts(3), and nftw(3) with working directories.
#include <fts.h>
#include <ftw.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "linked.h"

namespace {

using seabag::testing::Linked;

int by_name(const FTSENT** left, const FTSENT** right) {
  return std::string((*left)->fts_name).compare((*right)->fts_name);
}

struct CloseTree {
  void operator()(FTS* tree) const { fts_close(tree); }
};
using Tree = std::unique_ptr<FTS, CloseTree>;

Tree open_tree(std::string path, int options) {
  std::array<char*, 2> paths = {path.data(), nullptr};
  return Tree(fts_open(paths.data(), options, by_name));
}

std::vector<std::string> walk(FTS& tree) {
  std::vector<std::string> seen;
  while (const FTSENT* entry = fts_read(&tree)) {
    seen.push_back(std::to_string(entry->fts_info) + " " + entry->fts_path);
  }
  return seen;
}

std::string line(int info, const std::string& path) { return std::to_string(info) + " " + path; }

TEST_CASE("fts walks a mount in order, directories before and after", "[intercept][fts]") {
  Linked linked;
  linked.put("/seabag-app/b/f", "12345");
  linked.put("/seabag-app/a", "");
  linked.link("missing", "/seabag-app/c");
  const Tree tree = open_tree("/seabag-app", FTS_PHYSICAL);
  REQUIRE(tree);
  CHECK(walk(*tree) ==
        std::vector<std::string>{line(FTS_D, "/seabag-app"), line(FTS_F, "/seabag-app/a"),
                                 line(FTS_D, "/seabag-app/b"), line(FTS_F, "/seabag-app/b/f"),
                                 line(FTS_DP, "/seabag-app/b"), line(FTS_SL, "/seabag-app/c"),
                                 line(FTS_DP, "/seabag-app")});
  const Tree logical = open_tree("/seabag-app/c", FTS_LOGICAL);
  CHECK(walk(*logical) == std::vector<std::string>{line(FTS_SLNONE, "/seabag-app/c")});
  const Tree missing = open_tree("/seabag-app/missing", FTS_PHYSICAL);
  CHECK(walk(*missing) == std::vector<std::string>{line(FTS_NS, "/seabag-app/missing")});
}

TEST_CASE("fts tells children and leaves out what it is told to", "[intercept][fts]") {
  Linked linked;
  linked.put("/seabag-app/a/inside", "");
  linked.put("/seabag-app/b", "123");
  const Tree tree = open_tree("/seabag-app", FTS_PHYSICAL | FTS_NOCHDIR);
  REQUIRE(fts_read(tree.get()) != nullptr);
  FTSENT* child = fts_children(tree.get(), 0);
  REQUIRE(child != nullptr);
  CHECK(std::string(child->fts_name) == "a");
  REQUIRE(child->fts_link != nullptr);
  CHECK(child->fts_link->fts_statp->st_size == 3);
  FTSENT* entry = fts_read(tree.get());
  CHECK(std::string(entry->fts_name) == "a");
  CHECK(fts_set(tree.get(), entry, FTS_SKIP) == 0);
  CHECK(walk(*tree) == std::vector<std::string>{line(FTS_DP, "/seabag-app/a"),
                                                line(FTS_F, "/seabag-app/b"),
                                                line(FTS_DP, "/seabag-app")});
}

TEST_CASE("fts of a real directory is the C library's", "[intercept][fts]") {
  const Linked linked;
  const Tree tree = open_tree("/proc/self/fdinfo", FTS_PHYSICAL);
  REQUIRE(tree);
  CHECK(fts_read(tree.get())->fts_info == FTS_D);
  CHECK(fts_children(tree.get(), FTS_NAMEONLY) != nullptr);
}

std::vector<std::string> walked;

int note_directory(const char* path, const struct stat*, int, FTW* place) {
  std::array<char, 256> here{};
  walked.push_back(std::string(getcwd(here.data(), here.size())) + " " + (path + place->base));
  return access(path + place->base, F_OK);
}

TEST_CASE("nftw works in the directory of each entry when asked to", "[intercept][nftw]") {
  Linked linked;
  linked.put("/seabag-app/a/f", "");
  walked.clear();
  std::array<char, 256> before{};
  std::array<char, 256> after{};
  REQUIRE(getcwd(before.data(), before.size()) != nullptr);
  REQUIRE(nftw("/seabag-app/a", note_directory, 8, FTW_PHYS | FTW_CHDIR) == 0);
  CHECK(walked == std::vector<std::string>{"/seabag-app a", "/seabag-app/a f"});
  REQUIRE(getcwd(after.data(), after.size()) != nullptr);
  CHECK(before == after);
}

}  // namespace
