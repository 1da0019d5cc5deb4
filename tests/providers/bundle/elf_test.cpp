#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_file.h"
#include "golden_tree.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/executable.h"
#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"
#include "support/bundle_damage.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace seabag::bundle {
namespace {

using testing::ElfFile;

/// A file that is open for reading, with these bytes.
class OpenFile {
 public:
  explicit OpenFile(std::span<const std::byte> bytes) : size_(bytes.size()) {
    testing::write_file_bytes(path(), bytes);
    descriptor_ = open(path().c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(descriptor_ >= 0);
  }
  ~OpenFile() { close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] std::filesystem::path path() const { return directory_ / "file"; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  void put(std::size_t at, std::byte value) const {
    REQUIRE(pwrite(descriptor_, &value, 1, static_cast<off_t>(at)) == 1);
  }

 private:
  testing::TempDir directory_;
  std::uint64_t size_;
  int descriptor_ = -1;
};

Result<Slot> slot_of(ElfFile elf) {
  const OpenFile file(elf.bytes());
  return find_slot(file.descriptor(), file.size());
}

BundleErrc code_of(const ElfFile& elf) {
  const auto slot = slot_of(elf);
  REQUIRE_FALSE(slot);
  REQUIRE(&slot.error().code.category() == &bundle_category());
  return static_cast<BundleErrc>(slot.error().code.value());
}

TEST_CASE("the slot is the last segment, whatever else holds the magic",
          "[providers][bundle][elf]") {
  const auto slot = slot_of({});
  REQUIRE(slot);
  CHECK(slot->offset == ElfFile::kSlotAt);
  CHECK(slot->length == kSlotSize);
  CHECK(slot->address == ElfFile::kSlotAddress);
}

TEST_CASE("the order of the program headers does not matter", "[providers][bundle][elf]") {
  ElfFile elf;
  std::swap(elf.segments[0], elf.segments[2]);
  CHECK(slot_of(elf)->offset == ElfFile::kSlotAt);
}

TEST_CASE("a payload that would lie inside .bss is refused", "[providers][bundle][elf]") {
  ElfFile elf;
  elf.segments[1].p_memsz = ElfFile::kSlotAddress - elf.segments[1].p_vaddr + 1;
  CHECK(code_of(elf) == BundleErrc::corrupt);
  elf.segments[1].p_memsz = ~std::uint64_t{0};
  CHECK(code_of(elf) == BundleErrc::corrupt);
}

TEST_CASE("a slot that is not alone, last and read-only is none", "[providers][bundle][elf]") {
  {
    ElfFile elf;
    elf.segments[2].p_flags = PF_R | PF_W;
    CHECK(code_of(elf) == BundleErrc::not_a_bundle);
  }
  {
    ElfFile elf;
    elf.segments[2].p_memsz += 1;
    CHECK(code_of(elf) == BundleErrc::not_a_bundle);
  }
  {
    ElfFile elf;
    elf.segments[2].p_offset += 1;
    CHECK(code_of(elf) == BundleErrc::not_a_bundle);
  }
  {
    ElfFile elf;
    elf.segments[1].p_vaddr = ElfFile::kSlotAddress + 0x10000;
    CHECK(code_of(elf) == BundleErrc::not_a_bundle);
  }
  {
    ElfFile elf;
    elf.segments[1].p_offset = ElfFile::kTailAt;
    CHECK(code_of(elf) == BundleErrc::corrupt);
  }
  {
    ElfFile elf;
    elf.segments.clear();
    CHECK(code_of(elf) == BundleErrc::not_a_bundle);
  }
}

TEST_CASE("another kind of file is refused", "[providers][bundle][elf]") {
  const auto with = [](auto change) {
    ElfFile elf;
    change(elf.header);
    return code_of(elf);
  };
  CHECK(with([](auto& header) { header.e_ident[EI_CLASS] = ELFCLASS32; }) ==
        BundleErrc::not_a_bundle);
  CHECK(with([](auto& header) { header.e_ident[EI_DATA] = ELFDATA2MSB; }) ==
        BundleErrc::not_a_bundle);
  CHECK(with([](auto& header) { header.e_type = ET_REL; }) == BundleErrc::not_a_bundle);
  CHECK(with([](auto& header) { header.e_phentsize = 32; }) == BundleErrc::not_a_bundle);
  CHECK(with([](auto& header) { header.e_phoff = ~std::uint64_t{0}; }) == BundleErrc::truncated);
}

TEST_CASE("headers that leave the file are told", "[providers][bundle][elf]") {
  ElfFile elf;
  elf.segments[2].p_filesz = elf.segments[2].p_memsz = 0x100000;
  CHECK(code_of(elf) == BundleErrc::truncated);
  elf.segments[2].p_filesz = elf.segments[2].p_memsz = ~std::uint64_t{0};
  CHECK(code_of(elf) == BundleErrc::truncated);

  ElfFile far;
  far.header.e_shoff = 0x7FFFFFFFFFFFFFFF;
  const OpenFile file(far.bytes());
  CHECK(find_slot(file.descriptor(), file.size()));
  CHECK(plan_slot(file.descriptor(), file.size(), 10'000).error().code == BundleErrc::corrupt);
}

TEST_CASE("sections behind the slot move with the tail", "[providers][bundle][elf]") {
  ElfFile elf;
  const auto original = elf.bytes();
  const OpenFile file(original);
  for (const std::uint64_t length :
       {std::uint64_t{4096}, std::uint64_t{9'999}, std::uint64_t{1} << 40U}) {
    const auto plan = plan_slot(file.descriptor(), file.size(), length);
    REQUIRE(plan);
    CHECK(plan->head_length == ElfFile::kSlotAt);
    CHECK(plan->tail_offset == ElfFile::kTailAt);
    CHECK(plan->tail_length == original.size() - ElfFile::kTailAt);
    CHECK(plan->tail_target >= ElfFile::kSlotAt + length);
    CHECK(plan->tail_target < ElfFile::kSlotAt + length + 64);
    CHECK((plan->tail_target - plan->tail_offset) % 64 == 0);
    std::vector<Elf64_Shdr> sections(elf.sections.size());
    for (const Patch& patch : plan->patches) {
      if (patch.bytes.size() == sections.size() * sizeof(Elf64_Shdr)) {
        std::memcpy(sections.data(), patch.bytes.data(), patch.bytes.size());
      }
    }
    const std::uint64_t distance = plan->tail_target - plan->tail_offset;
    CHECK(sections[1].sh_offset == elf.sections[1].sh_offset);
    CHECK(sections[2].sh_offset == ElfFile::kSlotAt);
    CHECK(sections[2].sh_size == plan->tail_target - ElfFile::kSlotAt);
    CHECK(sections[3].sh_offset == elf.sections[3].sh_offset + distance);
    CHECK(sections[4].sh_offset == elf.sections[4].sh_offset + distance);
  }
  CHECK(plan_slot(file.descriptor(), file.size(), std::uint64_t{1} << 47U)
            .error()
            .is(std::errc::file_too_large));
}

TEST_CASE("a file without section headers can be packed", "[providers][bundle][elf]") {
  ElfFile elf;
  elf.header.e_shoff = 0;
  elf.sections.clear();
  const testing::TempDir directory;
  testing::write_file_bytes(directory / "stub", elf.bytes());
  testing::write_bundle(testing::golden_tree(), directory / "app", {.stub = directory / "stub"});
  const auto bundle = Bundle::open_executable((directory / "app").string());
  REQUIRE(bundle);
  testing::check_tree_equals(testing::golden_tree(), **bundle);
}

/// A packed made-up program, small enough to try everything on.
std::vector<std::byte> packed_elf() {
  const testing::TempDir directory;
  ElfFile elf;
  testing::write_file_bytes(directory / "stub", elf.bytes());
  testing::write_bundle(testing::golden_tree(), directory / "app", {.stub = directory / "stub"});
  return testing::file_bytes(directory / "app");
}

TEST_CASE("a packed program that was cut short is refused, whatever its length",
          "[providers][bundle][elf]") {
  const auto bytes = packed_elf();
  const OpenFile file(bytes);
  const Slot slot = find_slot(file.descriptor(), file.size()).value();
  const std::uint64_t needed = slot.offset + slot.length;
  for (std::uint64_t length = needed; length-- > 0;) {
    // All lengths within the headers and the superblock, some elsewhere.
    const bool is_header = length < 512 || (length > slot.offset && length < slot.offset + 4200);
    if (!is_header && length % 61 != 0 && needed - length > 300) {
      continue;
    }
    REQUIRE(ftruncate(file.descriptor(), static_cast<off_t>(length)) == 0);
    const auto bundle = Bundle::open_executable(file.path().string());
    INFO(length);
    REQUIRE_FALSE(bundle);
    CHECK(bundle.error().path == file.path().string());
    CHECK(&bundle.error().code.category() == &bundle_category());
  }
}

TEST_CASE("a packed program with a changed header byte is refused or still right",
          "[providers][bundle][elf]") {
  const auto bytes = packed_elf();
  const OpenFile file(bytes);
  const Slot slot = find_slot(file.descriptor(), file.size()).value();
  const std::size_t headers = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
  std::size_t still_right = 0;
  const auto try_byte = [&](std::size_t at) {
    for (const unsigned mask : {0x01U, 0x10U, 0x80U, 0xFFU}) {
      file.put(at, bytes[at] ^ static_cast<std::byte>(mask));
      INFO(at << " " << mask);
      if (const auto bundle = Bundle::open_executable(file.path().string())) {
        ++still_right;
        CHECK(testing::exercise_bundle(**bundle).is_sound);
      } else {
        CHECK(bundle.error().path == file.path().string());
      }
    }
    file.put(at, bytes[at]);
  };
  for (std::size_t at = 0; at < headers; ++at) {
    try_byte(at);
  }
  CHECK(still_right > 0);
  const std::size_t harmless = still_right;
  for (std::size_t at = 0; at < kSuperblockSize; at += at < 1024 ? 1 : 37) {
    try_byte(slot.offset + at);
  }
  CHECK(still_right == harmless);
}

TEST_CASE("what is no file at all is refused", "[providers][bundle][elf]") {
  const testing::TempDir directory;
  CHECK(Bundle::open_executable(directory.path().string()).error().is(std::errc::is_a_directory));
  CHECK(Bundle::open_executable((directory / "none").string())
            .error()
            .is(std::errc::no_such_file_or_directory));
  CHECK(Bundle::open_executable("/dev/null").error().is(std::errc::invalid_argument));
  REQUIRE(mkfifo((directory / "fifo").c_str(), 0600) == 0);
  CHECK(Bundle::open_executable((directory / "fifo").string())
            .error()
            .is(std::errc::invalid_argument));
  testing::write_file_bytes(directory / "empty", {});
  CHECK(Bundle::open_executable((directory / "empty").string()).error().code ==
        BundleErrc::not_a_bundle);
}

}  // namespace
}  // namespace seabag::bundle
