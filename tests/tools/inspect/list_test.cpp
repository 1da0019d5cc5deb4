#include "seabag/inspect/list.h"

#include <memory>
#include <string>
#include <vector>

#include "seabag/inspect/tree_walk.h"
#include "seabag/providers/memory.h"
#include "support/catch.h"
#include "support/tree.h"
#include "tools/string_output.h"

namespace seabag::inspect {

namespace {

struct Opened {
  explicit Opened(const testing::Tree& tree) : files(providers::make_memory_file_system()) {
    testing::build_tree(tree, *files);
    auto opened = Contents::open(*files);
    REQUIRE(opened);
    contents = std::move(opened).value();
  }

  std::unique_ptr<vfs::WritableFileSystem> files;
  std::unique_ptr<Contents> contents;
};

testing::Tree small_tree() {
  testing::Tree tree;
  tree.file("a.txt", "hello").modified = vfs::Timestamp{.seconds = 1'000'000'000};
  tree.file("b/c.txt", "");
  tree.directory("b/d");
  tree.symlink("e", "b/c.txt");
  return tree;
}

std::string listed(const Contents& contents, const std::vector<std::string>& paths,
                   const ListOptions& options = {},
                   testing::StringOutput::Kind kind = testing::StringOutput::Kind::pipe) {
  testing::StringOutput out(kind);
  const auto result = list(contents, paths, options, out);
  return result ? out.text() : "error: " + result.error().message();
}

}  // namespace

TEST_CASE("list writes a path a line", "[inspect][list]") {
  const Opened opened(small_tree());
  CHECK(listed(*opened.contents, {}) == "/a.txt\n/b/\n/b/c.txt\n/b/d/\n/e\n");
  CHECK(listed(*opened.contents, {"b", "/e"}) == "/b/c.txt\n/b/d/\n/e\n");
  CHECK(listed(*opened.contents, {"/b/./c.txt"}) == "/b/c.txt\n");
  CHECK(listed(*opened.contents, {"/b/../a.txt"}) == "/a.txt\n");
}

TEST_CASE("list names the path that is missing", "[inspect][list]") {
  const Opened opened(small_tree());
  const std::string text = listed(*opened.contents, {"/nothing"});
  CHECK(text.find("'/nothing': No such file or directory") != std::string::npos);
}

TEST_CASE("list tells details", "[inspect][list]") {
  const Opened opened(small_tree());
  const std::string text = listed(*opened.contents, {"a.txt"}, {.style = ListStyle::details});
  CHECK(text == "-rw-r--r--             5  2001-09-09 01:46:40  /a.txt\n");
  const std::string link = listed(*opened.contents, {"e"}, {.style = ListStyle::details});
  CHECK(link.ends_with("/e -> b/c.txt\n"));
}

TEST_CASE("list escapes names for people and not for programs", "[inspect][list]") {
  testing::Tree tree;
  tree.file("new\nline\x1b", "");
  const Opened opened(tree);
  CHECK(listed(*opened.contents, {}, {.end = LineEnd::nul}) == std::string("/new\nline\x1b\0", 11));
  CHECK(listed(*opened.contents, {}, {}, testing::StringOutput::Kind::terminal) ==
        "/new\\x0aline\\x1b\n");
}

TEST_CASE("a tree is drawn with its last entries marked", "[inspect][tree]") {
  const Opened opened(small_tree());
  testing::StringOutput out;
  REQUIRE(draw_tree(*opened.contents, "/", out));
  CHECK(out.text() ==
        "/\n"
        "├── a.txt\n"
        "├── b/\n"
        "│   ├── c.txt\n"
        "│   └── d/\n"
        "└── e -> b/c.txt\n"
        "\n"
        "2 directories, 3 files\n");
  CHECK_FALSE(draw_tree(*opened.contents, "/a.txt", out));
}

TEST_CASE("a walk visits every entry of a large directory once", "[inspect][walk]") {
  testing::Tree tree;
  for (int number = 0; number < 1500; ++number) {
    tree.file("many/" + std::to_string(number), "");
  }
  const Opened opened(tree);
  TreeWalk walk(*opened.files, vfs::kRootNode, "/");
  std::size_t seen = 0;
  std::size_t last = 0;
  while (true) {
    const auto item = walk.next();
    REQUIRE(item);
    if (*item == nullptr) {
      break;
    }
    ++seen;
    last += (*item)->is_last ? 1U : 0U;
  }
  CHECK(seen == 1501);
  CHECK(last == 2);
}

TEST_CASE("a walk skips what it is told to", "[inspect][walk]") {
  const Opened opened(small_tree());
  TreeWalk walk(*opened.files, vfs::kRootNode, "/");
  std::string paths;
  while (const TreeWalk::Item* item = walk.next().value_or(nullptr)) {
    paths += std::string(item->path) + " ";
    walk.skip();
  }
  CHECK(paths == "/a.txt /b /e ");
}

}  // namespace seabag::inspect
