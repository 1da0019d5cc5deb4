#include "archives.h"
#include "packing.h"
#include "seabag/bundler/failure.h"
#include "support/catch.h"

namespace seabag::testing {

using bundler::Failure;
using Catch::Contains;
using vfs::FileType;

namespace {

/// Packs the bytes as an archive, expects that to fail with nothing left behind; the message.
std::string refuse(const std::string& bytes, Failure failure, const std::string& name = "evil.tar",
                   const bundler::ArchiveLimits& limits = {}) {
  const Workshop shop;
  write_file(shop.input(name), bytes);
  bundler::PackOptions options = shop.options({shop.input(name).string()});
  options.archive_limits = limits;
  const auto packed = bundler::pack(options);
  REQUIRE_FALSE(packed);
  const std::string message = packed.error().message();
  INFO(message);
  CHECK(packed.error().code == failure);
  CHECK_THAT(message, Contains("in/" + name + "'"));
  CHECK(message.find('\n') == std::string::npos);
  CHECK(shop.is_output_empty());
  return message;
}

std::string tar(const std::vector<MadeEntry>& entries) {
  return make_archive("pax", "none", entries);
}

}  // namespace

TEST_CASE("archive entries cannot leave the tree", "[bundler][hostile]") {
  for (const char* path : {"/etc/passwd", "../x", "a/../../x", "a/..", ".."}) {
    CHECK_THAT(refuse(tar({{.path = path, .content = "x"}}), Failure::archive_refused),
               Contains("outside of the tree"));
  }
  CHECK_THAT(refuse(tar({{.path = "..", .type = FileType::directory}}), Failure::archive_refused),
             Contains("entry '../'"));
}

TEST_CASE("a file through a symlink is refused", "[bundler][hostile]") {
  for (const char* target : {"/tmp", "..", "inside"}) {
    const std::string message =
        refuse(tar({{.path = "inside/", .type = FileType::directory},
                    {.path = "door", .type = FileType::symlink, .target = target},
                    {.path = "door/file", .content = "x"}}),
               Failure::archive_refused);
    CHECK_THAT(message, Contains("'/door' is a symlink"));
  }
  refuse(tar({{.path = "f", .content = "x"}, {.path = "f/g", .content = "x"}}),
         Failure::archive_refused);
}

TEST_CASE("duplicate entries are refused", "[bundler][hostile]") {
  CHECK_THAT(refuse(tar({{.path = "f", .content = "1"}, {.path = "./f", .content = "2"}}),
                    Failure::archive_refused),
             Contains("'/f' is a file and again another file"));
  refuse(tar({{.path = "f", .content = "1"}, {.path = "f", .content = "1"}}),
         Failure::archive_refused);
  refuse(
      tar({{.path = "f", .content = "1"}, {.path = "f", .type = FileType::symlink, .target = "g"}}),
      Failure::archive_refused);
  refuse(tar({{.path = "f", .type = FileType::symlink, .target = "g"},
              {.path = "f/", .type = FileType::directory}}),
         Failure::archive_refused);
  // Directories may be told of as often as one likes.
  const Workshop shop;
  write_file(shop.input("a.tar"), tar({{.path = "d/", .type = FileType::directory, .mode = 0700},
                                       {.path = "d/f", .content = "x"},
                                       {.path = "d/", .type = FileType::directory}}));
  const auto bundle = pack_and_open(shop.options({shop.input("a.tar").string()}));
  CHECK(find_node(*bundle, "d").mode == 0700);
}

TEST_CASE("hard links only lead to files before them", "[bundler][hostile]") {
  CHECK_THAT(refuse(tar({{.path = "a", .hard_link = "missing"}}), Failure::archive_refused),
             Contains("hard link to '/missing'"));
  CHECK_THAT(refuse(tar({{.path = "a", .hard_link = "/etc/passwd"}}), Failure::archive_refused),
             Contains("to outside of the tree"));
  refuse(tar({{.path = "a", .hard_link = "../x"}}), Failure::archive_refused);
  refuse(tar({{.path = "d/", .type = FileType::directory}, {.path = "a", .hard_link = "d"}}),
         Failure::archive_refused);
  refuse(tar({{.path = "a", .hard_link = "a"}}), Failure::archive_refused);
}

TEST_CASE("a hard link into another input is refused", "[bundler][hostile]") {
  const Workshop shop;
  write_file(shop.input("site/secret"), "x");
  write_file(shop.input("a.tar"), tar({{.path = "copy", .hard_link = "secret"}}));
  CHECK_THAT(pack_error(shop.options({shop.input("site").string(), shop.input("a.tar").string()})),
             Contains("no file before it in the archive"));
}

TEST_CASE("special files in an archive are refused", "[bundler][hostile]") {
  CHECK_THAT(refuse(tar({{.path = "pipe", .type = FileType::fifo}}), Failure::special_file),
             Contains("entry 'pipe'"));
  refuse(tar({{.path = "dev", .type = FileType::character_device}}), Failure::special_file);
}

TEST_CASE("too long names in an archive are refused", "[bundler][hostile]") {
  refuse(tar({{.path = std::string(256, 'n'), .content = "x"}}), Failure::unsupported_name);
  std::string deep;
  for (int level = 0; level < 2'100; ++level) {
    deep += "d/";
  }
  refuse(tar({{.path = deep + "f", .content = "x"}}), Failure::unsupported_name);
}

TEST_CASE("symlinks of an archive must stay inside too", "[bundler][hostile]") {
  const Workshop shop;
  write_file(shop.input("a.tar"),
             tar({{.path = "f", .content = "x"},
                  {.path = "out", .type = FileType::symlink, .target = "../../etc/passwd"}}));
  CHECK_THAT(pack_error(shop.options({shop.input("a.tar").string()})),
             Contains("'/out'") && Contains("leaves the packed tree"));
}

TEST_CASE("bombs are stopped by size, ratio and number of entries", "[bundler][hostile]") {
  const std::string zeros(4U << 20U, '\0');
  const bundler::ArchiveLimits small{.total_bytes = 3U << 20U};
  const bundler::ArchiveLimits ratio{.ratio = 100, .ratio_from = 1U << 20U};
  const bundler::ArchiveLimits entries{.entries = 3};
  const std::vector<MadeEntry> bomb{{.path = "bomb", .content = zeros}};
  SECTION("by size") {
    CHECK_THAT(refuse(tar(bomb), Failure::archive_limit, "a.tar", small),
               Contains("entry 'bomb'") && Contains("raise the limit"));
    refuse(make_archive("zip", "none", bomb), Failure::archive_limit, "a.zip", small);
    refuse(make_archive("pax", "gzip",
                        {{.path = "a", .content = zeros.substr(0, 2U << 20U)},
                         {.path = "b", .content = zeros.substr(0, 2U << 20U)}}),
           Failure::archive_limit, "a.tar.gz", small);
  }
  SECTION("by ratio") {
    for (const char* filter : {"gzip", "zstd", "xz", "bzip2"}) {
      CHECK_THAT(
          refuse(make_archive("pax", filter, bomb), Failure::archive_limit, "a.tar.gz", ratio),
          Contains("100 times its size"));
    }
    refuse(make_archive("zip", "none", bomb), Failure::archive_limit, "a.zip", ratio);
    refuse(make_archive("7zip", "none", bomb), Failure::archive_limit, "a.7z", ratio);
  }
  SECTION("by number") {
    CHECK_THAT(refuse(tar({{.path = "1"}, {.path = "2"}, {.path = "3"}, {.path = "4"}}),
                      Failure::archive_limit, "a.tar", entries),
               Contains("more than 3 entries"));
  }
  SECTION("in what follows the archive's end") {
    // Nothing of it is unpacked, but the checksum behind it must be read.
    std::string end = tar({{.path = "f", .content = "x"}});
    end.resize(end.size() + (65U << 20U));
    refuse(make_archive("raw", "zstd", {{.path = "x", .content = end}}), Failure::archive_limit,
           "a.tar.zst");
  }
}

TEST_CASE("encrypted archives are refused with the remedy", "[bundler][hostile]") {
  const std::string bytes =
      make_archive("zip", "none", {{.path = "secret", .content = "x"}}, "zip:encryption=zipcrypt");
  CHECK_THAT(refuse(bytes, Failure::archive_damaged, "a.zip"),
             Contains("entry 'secret' is encrypted") && Contains("decrypt"));
}

TEST_CASE("what is no archive is refused", "[bundler][hostile]") {
  refuse("", Failure::archive_damaged);
  refuse("just a text\n", Failure::archive_damaged);
  refuse(noise(5'000), Failure::archive_damaged, "a.zip");
  refuse(std::string("\x1f\x8b", 2) + noise(5'000), Failure::archive_damaged, "a.tar.gz");
  refuse(std::string("\x28\xb5\x2f\xfd") + noise(5'000), Failure::archive_damaged, "a.tar.zst");
}

TEST_CASE("an archive truncated anywhere is refused", "[bundler][hostile]") {
  const std::vector<MadeEntry> entries{{.path = "a", .content = prose(700)},
                                       {.path = "b", .content = noise(700)}};
  struct Case {
    const char* name;
    const char* format;
    const char* filter;
  };
  const auto row = GENERATE(values<Case>({
      {"a.tar", "pax", "none"},
      {"a.tar", "ustar", "none"},
      {"a.tar.gz", "ustar", "gzip"},
      {"a.tar.xz", "ustar", "xz"},
      {"a.tar.zst", "ustar", "zstd"},
      {"a.tar.bz2", "ustar", "bzip2"},
      {"a.tar.lz4", "ustar", "lz4"},
      {"a.zip", "zip", "none"},
      {"a.7z", "7zip", "none"},
      {"a.cpio", "newc", "none"},
  }));
  const std::string whole = make_archive(row.format, row.filter, entries);
  const Workshop shop;
  const std::string path = shop.input(row.name).string();
  // A tar may lose the padding behind its end.
  const std::size_t needed =
      std::string_view(row.name) == "a.tar" ? whole.find_last_not_of('\0') + 1 : whole.size();
  const std::size_t step = whole.size() > 2'000 ? 97 : 31;
  for (std::size_t length = 0; length < needed; length += length + step < needed ? step : 1) {
    INFO(row.format << " " << row.filter << ": " << length << " of " << whole.size() << " bytes");
    write_file(path, whole.substr(0, length));
    const auto packed = bundler::pack(shop.options({path}));
    REQUIRE_FALSE(packed);
    CHECK(packed.error().code == Failure::archive_damaged);
  }
  CHECK(shop.is_output_empty());
}

TEST_CASE("a tar cut between two entries is refused", "[bundler][hostile]") {
  const std::string whole =
      make_archive("ustar", "none",
                   {{.path = "a", .content = prose(512)}, {.path = "b", .content = prose(512)}});
  CHECK_THAT(refuse(whole.substr(0, 1'024), Failure::archive_damaged),
             Contains("without the mark of its end"));
}

TEST_CASE("a flipped bit in a compressed archive is noticed", "[bundler][hostile]") {
  struct Case {
    const char* name;
    const char* format;
    const char* filter;
  };
  const auto row = GENERATE(values<Case>({
      {"a.tar.gz", "ustar", "gzip"},
      {"a.tar.xz", "ustar", "xz"},
      {"a.tar.bz2", "ustar", "bzip2"},
      {"a.zip", "zip", "none"},
      {"a.7z", "7zip", "none"},
  }));
  const std::string whole =
      make_archive(row.format, row.filter, {{.path = "a", .content = noise(2'000)}});
  const std::string content = noise(2'000);
  const Workshop shop;
  const std::string path = shop.input(row.name).string();
  for (std::size_t offset = 0; offset < whole.size(); offset += 53) {
    INFO(row.name << ": byte " << offset << " of " << whole.size());
    std::string flipped = whole;
    flipped[offset] = static_cast<char>(flipped[offset] ^ 0x10);
    write_file(path, flipped);
    const auto packed = bundler::pack(shop.options({path}));
    if (packed) {  // only what does not matter was hit: a time, a version
      const auto bundle = bundle::Bundle::open_executable(shop.output().string());
      const Tree tree = read_tree(**bundle);
      for (const auto& [name, node] : tree.nodes()) {
        INFO(name << " has " << node.content.size() << " bytes");
        CHECK((node.content == content));
      }
    }
  }
}

}  // namespace seabag::testing
