#include <limits>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::AllocateMode;
using vfs::ExtentKind;
using vfs::kRootNode;

namespace {

constexpr std::uint64_t kMebibyte = 1U << 20U;

void check_writes(vfs::WritableFileSystem& files) {
  const vfs::NodeId node = make(files, kRootNode, "file");
  const auto file = open_file(files, node);
  SECTION("what is written is read, over any boundary and in any order") {
    std::string wanted(300'000, '\0');
    std::uint32_t seed = 1;
    for (const std::size_t offset : {200'000U, 65'530U, 0U, 65'536U, 131'000U, 3U, 290'000U}) {
      const std::string part = noise(offset % 9'000 + 1'000, ++seed);
      wanted.replace(offset, part.size(), part);
      write_all(*file, part, offset);
    }
    wanted.resize(file->attributes()->size);
    const bool is_same = read_all(*file) == wanted;
    CHECK(is_same);
  }
  SECTION("a write changes size and modification time; writing nothing does not") {
    age(files, node);
    CHECK(file->write_at({}, 100).value() == 0);
    CHECK(file->attributes()->size == 0);
    CHECK_FALSE(is_modified(files, node));
    write_all(*file, "text", 10);
    CHECK(file->attributes()->size == 14);
    CHECK(is_modified(files, node));
  }
  SECTION("a gap reads as zeros") {
    write_all(*file, "end", 100'000);
    CHECK(read_text(*file, 5, 99'998) == std::string("\0\0end", 5));
    const bool is_zero = read_text(*file, 100'000, 0) == std::string(100'000, '\0');
    CHECK(is_zero);
  }
  SECTION("appends follow each other") {
    write_all(*file, "start", 0);
    CHECK(file->append(bytes_of(" middle")).value() == 7);
    CHECK(file->append({}).value() == 0);
    CHECK(file->append(bytes_of(" end")).value() == 4);
    CHECK(read_all(*file) == "start middle end");
  }
  SECTION("another file on the node sees a write that has returned") {
    const auto reader = files.open(node);
    REQUIRE(error_of(reader) == kSuccess);
    write_all(*file, "text", 0);
    CHECK(read_text(**reader, 10, 0) == "text");
    CHECK((*reader)->attributes()->size == 4);
    CHECK(files.attributes(node)->size == 4);
  }
  SECTION("past the largest size is EFBIG") {
    const auto write = [&](std::uint64_t offset) {
      return error_of(file->write_at(bytes_of("xyz"), offset));
    };
    CHECK(write(std::numeric_limits<std::int64_t>::max()) == errc::file_too_large);
    CHECK(write(std::numeric_limits<std::uint64_t>::max()) == errc::file_too_large);
    CHECK(error_of(file->resize(std::numeric_limits<std::uint64_t>::max())) ==
          errc::file_too_large);
    CHECK(file->attributes()->size == 0);
  }
  SECTION("sync succeeds") {
    write_all(*file, "text", 0);
    CHECK(error_of(file->sync(vfs::SyncScope::data)) == kSuccess);
    CHECK(error_of(file->sync(vfs::SyncScope::all)) == kSuccess);
    CHECK(error_of(files.sync()) == kSuccess);
  }
}

void check_resizes(vfs::WritableFileSystem& files) {
  const vfs::NodeId node = make_file(files, kRootNode, "file", noise(150'000));
  const auto file = open_file(files, node);
  SECTION("what was cut off never comes back") {
    for (const std::uint64_t size : {140'001U, 131'072U, 65'537U, 65'536U, 65'535U, 10U, 0U}) {
      INFO("size " << size);
      CHECK(error_of(file->resize(size)) == kSuccess);
      CHECK(error_of(file->resize(150'000)) == kSuccess);
      const bool is_same =
          read_all(*file) == noise(150'000).substr(0, size) + std::string(150'000 - size, '\0');
      CHECK(is_same);
    }
  }
  SECTION("resizing touches the modification time") {
    age(files, node);
    CHECK(error_of(file->resize(10)) == kSuccess);
    CHECK(is_modified(files, node));
  }
  SECTION("an append goes to the new end") {
    CHECK(error_of(file->resize(3)) == kSuccess);
    CHECK(file->append(bytes_of("!")).value() == 1);
    CHECK(read_all(*file) == noise(3) + "!");
  }
}

void check_opening(vfs::WritableFileSystem& files) {
  make_directory(files, kRootNode, "d");
  const vfs::NodeId link = make_symlink(files, kRootNode, "l", "file");
  CHECK(error_of(files.open_writable(kRootNode)) == errc::is_a_directory);
  CHECK(error_of(files.open_writable(link)) == errc::too_many_symbolic_link_levels);
  CHECK(error_of(files.open_writable(static_cast<vfs::NodeId>(1U << 30))) == kStaleNode);
}

void check_holes(vfs::WritableFileSystem& files) {
  const vfs::NodeId node = make(files, kRootNode, "file");
  const auto file = open_file(files, node);
  SECTION("a file that was only made long is one hole") {
    CHECK(error_of(file->resize(64 * kMebibyte)) == kSuccess);
    CHECK(file->attributes()->blocks * 512 < kMebibyte);
    CHECK(error_of(file->find_extent(ExtentKind::data, 0)) == errc::no_such_device_or_address);
    CHECK(file->find_extent(ExtentKind::hole, 12'345).value() == 12'345);
  }
  SECTION("unwritten ranges take no space and are told apart from data") {
    write_all(*file, noise(kMebibyte), 8 * kMebibyte);
    CHECK(error_of(file->resize(32 * kMebibyte)) == kSuccess);
    const std::uint64_t taken = file->attributes()->blocks * 512;
    CHECK(taken >= kMebibyte);
    CHECK(taken < 2 * kMebibyte);
    CHECK(file->find_extent(ExtentKind::hole, 0).value() == 0);
    CHECK(file->find_extent(ExtentKind::data, 0).value() == 8 * kMebibyte);
    CHECK(file->find_extent(ExtentKind::data, 8 * kMebibyte + 7).value() == 8 * kMebibyte + 7);
    CHECK(file->find_extent(ExtentKind::hole, 8 * kMebibyte).value() == 9 * kMebibyte);
    CHECK(error_of(file->find_extent(ExtentKind::data, 9 * kMebibyte)) ==
          errc::no_such_device_or_address);
  }
  SECTION("a write far out takes what it writes") {
    write_all(*file, "far", std::uint64_t{1} << 40);
    CHECK(file->attributes()->size == (std::uint64_t{1} << 40) + 3);
    CHECK(file->attributes()->blocks * 512 < kMebibyte);
    CHECK(read_text(*file, 5, (std::uint64_t{1} << 40) - 2) == std::string("\0\0far", 5));
  }
  SECTION("cutting gives space back") {
    write_all(*file, noise(4 * kMebibyte), 0);
    CHECK(error_of(file->resize(10)) == kSuccess);
    CHECK(file->attributes()->blocks * 512 < kMebibyte);
  }
}

/// Calls allocate, and says whether the provider can: fallocate(2) knows EOPNOTSUPP, which real
/// file systems answer for single modes.
bool can_allocate(vfs::WritableFile& file, AllocateMode mode, std::uint64_t offset,
                  std::uint64_t length) {
  const std::errc error = error_of(file.allocate(mode, offset, length));
  CHECK((error == kSuccess || error == errc::operation_not_supported));
  return error == kSuccess;
}

void check_allocations(vfs::WritableFileSystem& files) {
  const std::string content = noise(4 * kMebibyte);
  const vfs::NodeId node = make_file(files, kRootNode, "file", content);
  const auto file = open_file(files, node);
  SECTION("a punched hole reads as zeros and gives space back; the size stays") {
    const std::uint64_t before = file->attributes()->blocks;
    if (can_allocate(*file, AllocateMode::punch_hole, kMebibyte + 5, 2 * kMebibyte)) {
      std::string wanted = content;
      wanted.replace(kMebibyte + 5, 2 * kMebibyte, 2 * kMebibyte, '\0');
      const bool is_same = read_all(*file) == wanted;
      CHECK(is_same);
      CHECK(file->attributes()->blocks < before);
    }
  }
  SECTION("a hole past the end changes nothing") {
    if (can_allocate(*file, AllocateMode::punch_hole, 5 * kMebibyte, kMebibyte)) {
      CHECK(file->attributes()->size == content.size());
    }
  }
  SECTION("a small hole inside one chunk") {
    if (can_allocate(*file, AllocateMode::punch_hole, 10, 3)) {
      CHECK(read_text(*file, 7, 8) ==
            content.substr(8, 2) + std::string(3, '\0') + content.substr(13, 2));
    }
  }
  SECTION("a zeroed range reads as zeros and may make the file longer") {
    if (can_allocate(*file, AllocateMode::zero_range, 4 * kMebibyte - 100, 300)) {
      CHECK(file->attributes()->size == 4 * kMebibyte + 200);
      CHECK(read_text(*file, 1000, 4 * kMebibyte - 101) ==
            content.substr(4 * kMebibyte - 101, 1) + std::string(300, '\0'));
    }
  }
  SECTION("extend makes the file longer and keeps what is there") {
    if (can_allocate(*file, AllocateMode::extend, kMebibyte, 4 * kMebibyte)) {
      CHECK(file->attributes()->size == 5 * kMebibyte);
      const bool is_same = read_all(*file) == content + std::string(kMebibyte, '\0');
      CHECK(is_same);
      CHECK(file->attributes()->blocks * 512 >= 5 * kMebibyte);
    }
  }
  SECTION("keep_size reserves and keeps the size") {
    if (can_allocate(*file, AllocateMode::keep_size, 4 * kMebibyte, kMebibyte)) {
      CHECK(file->attributes()->size == 4 * kMebibyte);
      CHECK(file->attributes()->blocks * 512 >= 5 * kMebibyte);
      const bool is_same = read_all(*file) == content;
      CHECK(is_same);
    }
  }
  SECTION("a length of 0 is EINVAL, a range past the largest size EFBIG") {
    for (const AllocateMode mode : {AllocateMode::extend, AllocateMode::punch_hole}) {
      CHECK(error_of(file->allocate(mode, 0, 0)) == errc::invalid_argument);
    }
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    CHECK(error_of(file->allocate(AllocateMode::extend, kLargest, 10)) == errc::file_too_large);
    CHECK(error_of(file->allocate(AllocateMode::extend, 10, ~std::uint64_t{0})) ==
          errc::file_too_large);
  }
}

}  // namespace

void check_file_write_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  SECTION("writes") { check_writes(*files); }
  SECTION("resizes") { check_resizes(*files); }
  SECTION("only regular files open for writing") { check_opening(*files); }
}

void check_sparse_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  if (!files->capabilities().sparse_files) {
    const auto file = open_file(*files, make(*files, kRootNode, "file"));
    write_all(*file, "end", 1000);
    CHECK(file->find_extent(ExtentKind::data, 0).value() == 0);
    CHECK(file->find_extent(ExtentKind::hole, 0).value() == 1003);
    return;
  }
  SECTION("holes") { check_holes(*files); }
  SECTION("allocate") { check_allocations(*files); }
}

}  // namespace seabag::testing
