// Random changes of an overlay, and the same of a plain file system: the results must be equal.
#include <array>
#include <random>

#include "memory_namespace.h"
#include "seabag/vfs/overlay.h"
#include "seabag/vfs/tree.h"
#include "support/tree.h"

namespace seabag::vfs {
namespace {

/// Where it is always the same moment, so that times can be compared too.
std::shared_ptr<WritableFileSystem> make_memory() {
  return providers::make_memory_file_system({.clock = [] { return Timestamp{.seconds = 7}; }});
}

/// One side: a namespace, and files that are held open over the changes.
struct Side {
  explicit Side(const std::shared_ptr<WritableFileSystem>& the_file_system)
      : file_system(the_file_system), root(files.mount("/", the_file_system).value()) {}

  std::shared_ptr<WritableFileSystem> file_system;
  Namespace files;
  Mount root;
  std::array<std::unique_ptr<File>, 4> held;
};

/// Draws a step and takes it on both sides.
class Steps {
 public:
  explicit Steps(std::uint32_t seed) : random_(seed) {}

  /// What is done is the same on both sides for the same draw.
  struct Draw {
    unsigned kind = 0;
    std::string path;
    std::string other;
    std::uint32_t number = 0;
  };

  Draw draw() {
    return {.kind = pick(16), .path = path(), .other = path(), .number = pick(100'000)};
  }

  static std::error_code take(Side& side, const Draw& draw) {
    Namespace& files = side.files;
    const std::string text = std::to_string(draw.number);
    switch (draw.kind) {
      case 0:
      case 1:
        return error_of(write_file(files, draw.path, text));
      case 2:
        return append(files, draw.path, text);
      case 3:
        return error_of(files.set_attributes(draw.path, {.size = draw.number}));
      case 4:
      case 5:
        return error_of(create_directory(files, draw.path));
      case 6:
        return error_of(create_symlink(files, draw.other, draw.path));
      case 7:
        return error_of(files.create_link(draw.other, draw.path));
      case 8:
        return error_of(unlink(files, draw.path));
      case 9:
        return error_of(remove_directory(files, draw.path));
      case 10:
        return error_of(set_mode(files, draw.path, draw.number & 0777U));
      case 11:
        return change_xattr(files, draw);
      case 12:
        return hold(side, draw);
      case 13:
        return draw.number % 4 == 0 ? error_of(files.remove_all(draw.path)) : std::error_code();
      default:
        return error_of(
            files.rename(draw.path, draw.other, static_cast<RenameMode>(draw.number % 3)));
    }
  }

 private:
  unsigned pick(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }

  std::string path() {
    std::string path;
    for (unsigned depth = 1 + pick(3); depth > 0; --depth) {
      path += "/" + std::string(1, static_cast<char>('a' + pick(4)));
    }
    return path;
  }

  static std::error_code append(Namespace& files, const std::string& path,
                                const std::string& text) {
    const auto file = files.open_writable(path);
    return file ? error_of((*file)->append(std::as_bytes(std::span(text)))) : file.error().code;
  }

  static std::error_code change_xattr(Namespace& files, const Draw& draw) {
    const std::string name = "user." + std::to_string(draw.number % 3);
    return draw.number % 2 == 0 ? error_of(files.remove_xattr(draw.path, name))
                                : error_of(files.set_xattr(draw.path, name, draw.other));
  }

  static std::error_code hold(Side& side, const Draw& draw) {
    auto file = side.files.open(draw.path);
    if (!file) {
      return file.error().code;
    }
    side.held.at(draw.number % side.held.size()) = std::move(file).take();
    return {};
  }

  std::mt19937 random_;
};

testing::Tree start_tree() {
  testing::Tree tree;
  for (const char* top : {"a", "b", "c"}) {
    for (const char* below : {"a", "b"}) {
      const std::string path = std::string(top) + "/" + below;
      tree.file(path + "/a", path).xattrs = {{"user.1", "lower"}};
      tree.file(path + "/b", "second");
    }
    tree.file(std::string(top) + "/c", "third", 0600);
  }
  tree.hard_link("c/d", "a/c");
  tree.symlink("d", "a/b");
  return tree;
}

void check_links(FileSystem& one, FileSystem& other) {
  const testing::Tree tree = testing::read_tree(one);
  for (const auto& [path, node] : tree.nodes()) {
    INFO(path);
    CHECK(testing::find_node(one, path).links == testing::find_node(other, path).links);
  }
}

void check_held(const Side& one, const Side& other) {
  for (std::size_t index = 0; index < one.held.size(); ++index) {
    REQUIRE((one.held.at(index) == nullptr) == (other.held.at(index) == nullptr));
    if (one.held.at(index) != nullptr) {
      CHECK(testing::read_all(*one.held.at(index)) == testing::read_all(*other.held.at(index)));
      CHECK(one.held.at(index)->attributes()->links == other.held.at(index)->attributes()->links);
    }
  }
}

/// The start tree, spread over two lowers in a way that shows the same.
std::vector<std::shared_ptr<FileSystem>> make_lowers(unsigned count) {
  std::vector<std::shared_ptr<FileSystem>> lowers;
  for (unsigned index = 0; index < count; ++index) {
    std::shared_ptr<WritableFileSystem> lower = make_memory();
    testing::build_tree(start_tree(), *lower);
    if (index > 0) {  // part of it is hidden, part of it merges
      REQUIRE(remove_tree(*lower, kRootNode, "d"));
      REQUIRE(remove_tree(*lower, testing::find_node(*lower, "a").node, "b"));
    }
    lowers.push_back(std::move(lower));
  }
  return lowers;
}

void run(std::uint32_t seed, unsigned steps, unsigned lower_count) {
  CAPTURE(seed);
  std::shared_ptr<WritableFileSystem> upper = make_memory();
  const auto lowers = make_lowers(lower_count);
  std::shared_ptr<OverlayRecords> records = make_memory_overlay_records();
  const auto overlay = make_overlay({.upper = upper, .lowers = lowers, .records = records}).value();
  std::shared_ptr<WritableFileSystem> plain = make_memory();
  testing::build_tree(start_tree(), *plain);
  Side one(overlay);
  Side other(plain);
  Steps generator(seed);
  for (unsigned step = 0; step < steps; ++step) {
    const Steps::Draw draw = generator.draw();
    CAPTURE(step, draw.kind, draw.path, draw.other, draw.number);
    REQUIRE(Steps::take(one, draw) == Steps::take(other, draw));
    if (step % 16 == 15) {
      testing::check_tree_equals(testing::read_tree(*plain), *overlay);
      check_links(*plain, *overlay);
      check_held(one, other);
    }
  }
  const auto again = make_overlay({.upper = upper, .lowers = lowers, .records = records}).value();
  testing::check_tree_equals(testing::read_tree(*plain), *again);
  check_links(*plain, *again);

  std::shared_ptr<WritableFileSystem> target = make_memory();
  testing::build_tree(start_tree(), *target);
  REQUIRE(commit(*again, *target));
  testing::check_tree_equals(testing::read_tree(*plain), *target);
}

TEST_CASE("an overlay does what a plain file system does", "[vfs][overlay][random]") {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    run(seed, 160, 1 + seed % 2);
  }
}

TEST_CASE("an overlay does what a plain file system does, for long", "[.slow][overlay][random]") {
  for (std::uint32_t seed = 1000; seed < 2000; ++seed) {
    run(seed, 400, 1 + seed % 2);
  }
}

}  // namespace
}  // namespace seabag::vfs
