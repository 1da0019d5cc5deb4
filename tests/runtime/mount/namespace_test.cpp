#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace_file_system.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"
#include "support/kernel_mount.h"

namespace seabag::testing {
namespace {

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a whole namespace is mounted, and what changes in it shows at once",
          "[mount][namespace]") {
  if (!can_mount()) {
    return;
  }
  const auto files = std::make_shared<vfs::Namespace>();
  const auto root = files->mount("/", make_own_memory());
  const auto data = files->mount("/srv/data", make_own_memory());
  REQUIRE((root && data));
  MountedDirectory mounted(vfs::make_file_system(files),
                           {.changes = mount::Changes::by_others_at_once});

  std::ofstream(mounted / "srv/data/file") << "through the kernel";
  CHECK(vfs::read_file(*files, "/srv/data/file").value() == "through the kernel");
  REQUIRE(vfs::write_file(*files, "/srv/data/file", "by the library"));
  CHECK(text_in(mounted / "srv/data/file") == "by the library");
  REQUIRE(files->remove("/srv/data/file", vfs::RemoveKind::file));
  CHECK_FALSE(std::filesystem::exists(mounted / "srv/data/file"));

  CHECK_FALSE(std::filesystem::exists(mounted / "late"));
  {
    const auto late = files->mount("/late", make_own_memory());
    REQUIRE(late);
    std::ofstream(mounted / "late/file") << "text";
    CHECK(files->stat("/late/file"));
    CHECK(std::rename((mounted / "late/file").c_str(), (mounted / "file").c_str()) == -1);
    CHECK(errno == EXDEV);
  }
  CHECK_FALSE(std::filesystem::exists(mounted / "late"));
}

}  // namespace
}  // namespace seabag::testing
