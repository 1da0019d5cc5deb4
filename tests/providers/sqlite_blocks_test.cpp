// What stat(2) tells of a file's space: the chunks that it has, however they came and went.
#include <random>
#include <span>
#include <string>

#include "sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

constexpr std::uint64_t kChunk = 512;
constexpr std::uint64_t kMostChunks = 64;

/// A file in a database with small chunks, seen through the file system and past it.
struct Scene {
  testing::TempDir directory;
  std::string path = (directory / "files.db").string();
  std::unique_ptr<vfs::WritableFileSystem> files =
      testing::open_database(path, {.chunk_size = kChunk});
  vfs::NodeId node = files->create(vfs::kRootNode, "file", {}).take().node;
  std::unique_ptr<vfs::WritableFile> file = files->open_writable(node).take();

  std::string noise = testing::noise(4 * kChunk);

  [[nodiscard]] std::span<const std::byte> bytes(std::size_t size) const {
    return std::as_bytes(std::span(noise)).first(size);
  }

  [[nodiscard]] std::uint64_t blocks() const { return file->attributes()->blocks; }

  [[nodiscard]] std::uint64_t counted() const {
    REQUIRE(files->sync());
    const std::string bytes = testing::RawDatabase(path).ask(
        "SELECT coalesce(sum(min(512, size - chunk_index * 512)), 0)"
        " FROM fs_data d JOIN fs_inode i ON i.ino = d.ino WHERE chunk_index * 512 < size");
    return (std::stoull(bytes) + 511) / 512;
  }
};

TEST_CASE("blocks are right when a file ends in a hole", "[providers][sqlite]") {
  const Scene scene;
  REQUIRE(scene.file->write_at(scene.bytes(kChunk), 0));
  REQUIRE(scene.file->resize(10 * kChunk + 1));
  CHECK(scene.blocks() == 1);
  REQUIRE(scene.file->write_at(scene.bytes(1), 10 * kChunk));
  CHECK(scene.blocks() == 2);
}

TEST_CASE("a file is modified by a truncation to the size it has when it holds data, as on tmpfs",
          "[providers][sqlite][times]") {
  const Scene scene;
  constexpr vfs::Timestamp kOnce{1'000, 5};
  const auto is_modified = [&](std::uint64_t size) {
    REQUIRE(scene.files->set_attributes(scene.node, {.modified = vfs::NewTime::at(kOnce)}));
    return scene.files->set_attributes(scene.node, {.size = size})->modified != kOnce;
  };
  CHECK_FALSE(is_modified(0));
  CHECK(is_modified(kChunk));  // grows by a hole
  CHECK_FALSE(is_modified(kChunk));
  REQUIRE(scene.file->write_at(scene.bytes(1), 0));
  CHECK(is_modified(kChunk));
  CHECK(is_modified(0));
  CHECK_FALSE(is_modified(0));
}

TEST_CASE("blocks follow every change of a file", "[providers][sqlite]") {
  const Scene scene;
  std::mt19937 random(7);
  const auto below = [&](std::uint64_t end) { return random() % end; };
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t offset = below(kMostChunks * kChunk);
    const std::uint64_t length = 1 + below(3 * kChunk);
    const std::uint64_t kind = below(7);
    INFO("round " << round << ", kind " << kind << ", " << offset << ", " << length);
    switch (kind) {
      case 0:
        REQUIRE(scene.file->append(scene.bytes(length)));
        break;
      case 1:
        REQUIRE(scene.file->resize(offset));
        break;
      case 2:
        REQUIRE(scene.file->allocate(vfs::AllocateMode::extend, offset, length));
        break;
      case 3:
        REQUIRE(scene.file->allocate(vfs::AllocateMode::punch_hole, offset, 4 * length));
        break;
      case 4:
        REQUIRE(scene.file->allocate(vfs::AllocateMode::zero_range, offset, length));
        break;
      default:
        REQUIRE(scene.file->write_at(scene.bytes(length), offset));
    }
    REQUIRE(scene.blocks() == scene.counted());
  }
}

}  // namespace
}  // namespace seabag::providers
