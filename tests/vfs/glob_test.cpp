#include "seabag/vfs/glob.h"

#include <chrono>
#include <string>

#include "memory_namespace.h"
#include "seabag/vfs/faulty.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

bool matches(std::string_view pattern, std::string_view path, Dotfiles dotfiles = Dotfiles::skip) {
  const auto parsed = GlobPattern::parse(pattern);
  REQUIRE(parsed);
  return parsed->matches(path, dotfiles);
}

TEST_CASE("wildcards match within one name", "[vfs][glob]") {
  CHECK(matches("*", "name"));
  CHECK_FALSE(matches("*", "a/b"));
  CHECK(matches("*.txt", "a.txt"));
  CHECK_FALSE(matches("*.txt", "a.txt.bak"));
  CHECK(matches("a*b*c", "a1b2b3c"));
  CHECK_FALSE(matches("a*b*c", "a1b2b3"));
  CHECK(matches("?", "x"));
  CHECK_FALSE(matches("?", "xy"));
  CHECK_FALSE(matches("?", ""));
  CHECK(matches("/a/*/c", "/a/b/c"));
  CHECK_FALSE(matches("/a/*/c", "a/b/c"));
}

TEST_CASE("brackets are sets of bytes", "[vfs][glob]") {
  CHECK(matches("[a-c]", "b"));
  CHECK_FALSE(matches("[a-c]", "d"));
  CHECK(matches("[!a-c]", "d"));
  CHECK(matches("[^a-c]", "d"));
  CHECK(matches("[]a]", "]"));
  CHECK(matches("[a-]", "-"));
  CHECK(matches("[\\]]", "]"));
  CHECK(matches("[a-cx-z]*", "y9"));
  CHECK(matches("[\x80-\xff]", "\xe4"));
  SECTION("an open one is literal") {
    CHECK(matches("[ab", "[ab"));
    CHECK(matches("a[", "a["));
    CHECK(matches("*[", "x["));
  }
  SECTION("a range the wrong way round is empty") { CHECK_FALSE(matches("[c-a]", "b")); }
}

TEST_CASE("braces are alternatives", "[vfs][glob]") {
  CHECK(matches("{a,b}.c", "b.c"));
  CHECK_FALSE(matches("{a,b}.c", "ab.c"));
  CHECK(matches("x{a,b{1,2}}", "xb2"));
  CHECK(matches("{a/b,c}/d", "a/b/d"));
  CHECK(matches("{a,}b", "b"));
  CHECK(matches("{[,],x}", ","));
  SECTION("without a comma, or open, they are literal") {
    CHECK(matches("{a}", "{a}"));
    CHECK(matches("{a{b,c}}", "{ac}"));
    CHECK(matches("{a,b", "{a,b"));
    CHECK(matches("}{", "}{"));
  }
  SECTION("too many are refused") {
    std::string many;
    for (int group = 0; group < 11; ++group) {
      many.append("{a,b}");
    }
    const auto parsed = GlobPattern::parse(many);
    CHECK(error_of(parsed) == std::errc::invalid_argument);
  }
}

TEST_CASE("a double star is any number of directories", "[vfs][glob]") {
  CHECK(matches("**/c", "c"));
  CHECK(matches("**/c", "a/b/c"));
  CHECK(matches("a/**/c", "a/c"));
  CHECK(matches("a/**/c", "a/b/b/c"));
  CHECK_FALSE(matches("a/**/c", "a/b/d"));
  CHECK(matches("a/**", "a/b/c"));
  CHECK_FALSE(matches("a/**", "a"));
  CHECK(matches("**/**", "a"));
  CHECK(matches("**/a/**/a/**/b", "x/a/a/y/b"));
  CHECK_FALSE(matches("a**b", "a/b"));
}

TEST_CASE("dotfiles are matched when asked for", "[vfs][glob]") {
  CHECK_FALSE(matches("*", ".a"));
  CHECK_FALSE(matches("?a", ".a"));
  CHECK_FALSE(matches("[.]a", ".a"));
  CHECK(matches(".*", ".a"));
  CHECK(matches("\\.a*", ".ab"));
  CHECK(matches("*", ".a", Dotfiles::include));
  CHECK_FALSE(matches("**/c", ".a/c"));
  CHECK(matches("**/c", ".a/c", Dotfiles::include));
  CHECK(matches("**/.a/*", "x/.a/c"));
}

TEST_CASE("a backslash takes away the meaning", "[vfs][glob]") {
  CHECK(matches("\\*", "*"));
  CHECK_FALSE(matches("\\*", "a"));
  CHECK(matches("\\{a,b\\}", "{a,b}"));
  CHECK(matches("\\\\", "\\"));
  CHECK(matches("a\\", "a\\"));
}

TEST_CASE("a pattern that is none is refused", "[vfs][glob]") {
  CHECK(error_of(GlobPattern::parse("")) == std::errc::invalid_argument);
  CHECK(error_of(GlobPattern::parse(std::string(5000, 'a'))) == std::errc::filename_too_long);
  CHECK(error_of(GlobPattern::parse(std::string_view("a\0b", 3))) == std::errc::invalid_argument);
}

TEST_CASE("a hostile pattern takes no time", "[vfs][glob]") {
  std::string stars;
  for (int repeat = 0; repeat < 100; ++repeat) {
    stars.append("*a");
  }
  CHECK_FALSE(matches(stars + "b", std::string(255, 'a')));
  std::string deep;
  std::string path;
  for (int repeat = 0; repeat < 500; ++repeat) {
    deep.append("**/a/");
    path.append("a/");
  }
  CHECK_FALSE(matches(deep + "b", path + "c"));
  CHECK(matches(std::string(4000, '['), std::string(4000, '[')));
  CHECK(matches(std::string(4000, '{'), std::string(4000, '{')));
}

struct Tree : MemoryNamespace {
  Tree() {
    build(files,
          {"/src/", "/src/a.cpp", "/src/b.h", "/src/.hidden", "/src/deep/", "/src/deep/c.cpp",
           "/src/deep/er/", "/src/deep/er/d.cpp", "/src/node_modules/", "/src/node_modules/e.cpp",
           "/src/loop -> ../src", "/src/.git/", "/src/.git/f.cpp", "/dangling -> nowhere"});
  }
  [[nodiscard]] Names find(std::string_view pattern, const GlobOptions& options = {}) const {
    const auto found = glob(files, pattern, options);
    REQUIRE(found);
    return *found;
  }
};

TEST_CASE("glob finds paths, sorted", "[vfs][glob]") {
  const Tree tree;
  CHECK(tree.find("/src/*.{h,cpp}") == Names{"/src/a.cpp", "/src/b.h"});
  CHECK(tree.find("src/?.h") == Names{"src/b.h"});
  CHECK(tree.find("/src/a.cpp") == Names{"/src/a.cpp"});
  CHECK(tree.find("/missing/*").empty());
  CHECK(tree.find("/src/a.cpp/*").empty());
  CHECK(tree.find("/") == Names{"/"});
  CHECK(tree.find("{/src/*.h,src/*.h}") == Names{"/src/b.h", "src/b.h"});
  CHECK(tree.find("{/src/a*,/src/*a*}") == Names{"/src/a.cpp"});
}

TEST_CASE("a double star walks directories, not symlinks and dots", "[vfs][glob]") {
  const Tree tree;
  CHECK(tree.find("/**/*.cpp") ==
        Names{"/src/a.cpp", "/src/deep/c.cpp", "/src/deep/er/d.cpp", "/src/node_modules/e.cpp"});
  CHECK(tree.find("/src/**/er/**") == Names{"/src/deep/er/d.cpp"});
  CHECK(tree.find("/src/deep/**") ==
        Names{"/src/deep/c.cpp", "/src/deep/er", "/src/deep/er/d.cpp"});
  CHECK(tree.find("/src/**/f.cpp", {.dotfiles = Dotfiles::include}) == Names{"/src/.git/f.cpp"});
  SECTION("but a symlink that is named is followed") {
    CHECK(tree.find("/src/loop/*.h") == Names{"/src/loop/b.h"});
    CHECK(tree.find("/src/l*p/*.h") == Names{"/src/loop/b.h"});
  }
}

TEST_CASE("a trailing slash asks for directories", "[vfs][glob]") {
  const Tree tree;
  CHECK(tree.find("/src/*/") == Names{"/src/deep", "/src/loop", "/src/node_modules"});
  CHECK(tree.find("/d*/").empty());
  CHECK(tree.find("/d*") == Names{"/dangling"});
}

TEST_CASE("excluded directories are pruned before descent", "[vfs][glob]") {
  const auto plan = std::make_shared<FaultPlan>();
  const auto memory = std::shared_ptr(providers::make_memory_file_system());
  Namespace files;
  const Mount root = files.mount("/", make_writable_faulty(memory, plan)).value();
  build(files, {"/a/", "/a/x", "/skip/", "/skip/deep/", "/skip/deep/x", "/b/", "/b/skip/",
                "/b/skip/x", "/c/", "/c/out/", "/c/out/x"});
  const std::uint64_t before = plan->count(ContractCall::list);
  const auto found = glob(files, "/**/x", {.exclude = {"sk*", "/c/{out,other}"}});
  REQUIRE(found);
  CHECK(*found == Names{"/a/x"});
  CHECK(plan->count(ContractCall::list) - before == 2 * 4);  // "/", a, b, c: entries and end
}

TEST_CASE("glob tells what it could not read", "[vfs][glob]") {
  const auto plan = std::make_shared<FaultPlan>();
  const auto memory = std::shared_ptr(providers::make_memory_file_system());
  Namespace files;
  const Mount root = files.mount("/", make_writable_faulty(memory, plan)).value();
  build(files, {"/a/", "/a/x"});
  plan->add({.call = ContractCall::list, .nth = 3});
  CHECK(error_of(glob(files, "/**/x")) == std::errc::io_error);
  plan->clear();
  plan->add({.call = ContractCall::list, .error = std::errc::permission_denied, .nth = 3});
  const auto found = glob(files, "/**/x*");
  REQUIRE(found);
  CHECK(found->empty());
}

}  // namespace
}  // namespace seabag::vfs
