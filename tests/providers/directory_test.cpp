#include "seabag/providers/directory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.h"

namespace seabag::providers {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a real directory is read and written through its nodes", "[providers][directory]") {
  std::string root = (fs::temp_directory_path() / "seabag-directory-XXXXXX").string();
  REQUIRE(mkdtemp(root.data()) != nullptr);
  fs::create_directory(root + "/sub");
  std::ofstream(root + "/sub/file") << "content";
  for (const auto resolution :
       {DirectoryOptions::Resolution::automatic, DirectoryOptions::Resolution::walk}) {
    const auto files = DirectoryFileSystem::open_root(root, {.resolution = resolution});
    REQUIRE(files);
    const auto sub = (*files)->lookup(vfs::kRootNode, "sub");
    REQUIRE(sub);
    const auto file = (*files)->lookup(sub->node, "file");
    REQUIRE(file);
    CHECK(file->size == 7);
    const auto opened = (*files)->open(file->node);
    REQUIRE(opened);
    std::string text(10, '?');
    CHECK((*opened)->read_at(std::as_writable_bytes(std::span(text)), 3).value() == 4);
    CHECK(text.substr(0, 4) == "tent");
    REQUIRE((*files)->create(sub->node, "new", {.mode = 0640}));
    CHECK((*files)->list(sub->node, 0, 10)->size() == 2);
    CHECK((*files)->remove(sub->node, "new", vfs::RemoveKind::file));
  }
  fs::remove_all(root);
}

}  // namespace
}  // namespace seabag::providers
