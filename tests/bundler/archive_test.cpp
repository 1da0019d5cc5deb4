#include <sys/stat.h>

#include <clocale>

#include "archives.h"
#include "packing.h"
#include "support/catch.h"

namespace seabag::testing {

using vfs::FileType;

namespace {

struct Format {
  const char* suffix;
  const char* format;
  const char* filter;
};

std::vector<MadeEntry> sample_entries() {
  return {
      {.path = "docs/", .type = FileType::directory, .mode = 0750},
      {.path = "docs/index.html", .content = "<p>hello</p>", .mode = 0640},
      {.path = "implied/deep/file.txt", .content = prose(3'000)},
      {.path = "empty", .content = {}},
      {.path = "large.bin", .content = noise(700'000)},
      {.path = "link", .type = FileType::symlink, .target = "docs/index.html", .mode = 0777},
      {.path = "empty-dir/", .type = FileType::directory, .mode = 0755},
  };
}

/// Packs the bytes as an archive of that name.
std::unique_ptr<bundle::Bundle> pack_archive(const Workshop& shop, const std::string& name,
                                             const std::string& bytes,
                                             bundler::PackReport* report = nullptr) {
  write_file(shop.input(name), bytes);
  return pack_and_open(shop.options({shop.input(name).string()}), report);
}

}  // namespace

TEST_CASE("every format of archive is packed as its files", "[bundler][archive]") {
  const auto row = GENERATE(values<Format>({
      {"tar", "ustar", "none"},   {"tar", "pax", "none"},      {"tar", "gnutar", "none"},
      {"tar.gz", "pax", "gzip"},  {"tgz", "pax", "gzip"},      {"tar.bz2", "pax", "bzip2"},
      {"tar.xz", "pax", "xz"},    {"tar.lzma", "pax", "lzma"}, {"tar.lz", "pax", "lzip"},
      {"tar.zst", "pax", "zstd"}, {"tar.lz4", "pax", "lz4"},   {"tar.Z", "ustar", "compress"},
      {"zip", "zip", "none"},     {"7z", "7zip", "none"},      {"cpio", "newc", "none"},
      {"cpio", "odc", "none"},    {"cpio.gz", "newc", "gzip"}, {"iso", "iso9660", "none"},
      {"xar", "xar", "none"},
  }));
  INFO(row.format << " " << row.filter);
  const Workshop shop;
  const auto bundle = pack_archive(shop, std::string("site.") + row.suffix,
                                   make_archive(row.format, row.filter, sample_entries()));
  CHECK(stored(*bundle, "/docs/index.html", vfs::Encoding::identity) == "<p>hello</p>");
  CHECK(stored(*bundle, "/implied/deep/file.txt", vfs::Encoding::identity) == prose(3'000));
  CHECK(stored(*bundle, "/large.bin", vfs::Encoding::identity) == noise(700'000));
  CHECK(stored(*bundle, "/empty", vfs::Encoding::identity).empty());
  CHECK(bundle->read_link(find_node(*bundle, "link").node).value() == "docs/index.html");
  CHECK(find_node(*bundle, "empty-dir").type == FileType::directory);
  if (std::string_view(row.format) != "iso9660") {  // which makes files read-only
    CHECK(find_node(*bundle, "implied").mode == 0755);
    CHECK(find_node(*bundle, "docs").mode == 0750);
    CHECK(find_node(*bundle, "docs/index.html").mode == 0640);
  }
  CHECK(find_node(*bundle, "docs/index.html").modified.seconds == 1'000'000'000);
}

TEST_CASE("an archive keeps hard links, times and odd names", "[bundler][archive]") {
  const std::string odd = "caf\xe9 \xff\n";  // not UTF-8
  const std::string long_name(255, 'l');
  const Workshop shop;
  const auto bundle = pack_archive(
      shop, "a.tar",
      make_archive("pax", "none",
                   {{.path = "./", .type = FileType::directory, .mode = 0711},
                    {.path = "./first", .content = "data"},
                    {.path = "second", .hard_link = "./first"},
                    {.path = "gr\xc3\xbc\xc3\x9f", .content = "utf-8"},
                    {.path = odd, .content = "odd"},
                    {.path = long_name, .content = "long"},
                    {.path = "exact",
                     .content = "x",
                     .modified = {.seconds = 1'234'567'890, .nanoseconds = 123'456'789}}}));
  CHECK(find_node(*bundle, "").mode == 0711);
  CHECK(find_node(*bundle, "first").node == find_node(*bundle, "second").node);
  CHECK(stored(*bundle, "/gr\xc3\xbc\xc3\x9f", vfs::Encoding::identity) == "utf-8");
  CHECK(stored(*bundle, "/" + odd, vfs::Encoding::identity) == "odd");
  CHECK(stored(*bundle, "/" + long_name, vfs::Encoding::identity) == "long");
  CHECK(find_node(*bundle, "exact").modified ==
        vfs::Timestamp{.seconds = 1'234'567'890, .nanoseconds = 123'456'789});
}

TEST_CASE("names that an archive keeps in Unicode come out as UTF-8 whatever the locale",
          "[bundler][archive]") {
  const Workshop shop;
  const std::string name = "gr\xc3\xbc\xc3\x9f \xe2\x82\xac.txt";
  const auto row = GENERATE(
      values<Format>({{"zip", "zip", "none"}, {"7z", "7zip", "none"}, {"tar", "pax", "none"}}));
  REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
  const std::string bytes = make_archive(row.format, "none", {{.path = name, .content = "x"}});
  REQUIRE(std::setlocale(LC_CTYPE, "C") != nullptr);
  const auto bundle = pack_archive(shop, std::string("a.") + row.suffix, bytes);
  CHECK(stored(*bundle, "/" + name, vfs::Encoding::identity) == "x");
}

TEST_CASE("holes of a sparse file in a tar stay holes", "[bundler][archive]") {
  std::string content(20U << 20U, '\0');
  content.replace(1U << 20U, 5, "first");
  content.replace(9U << 20U, 6, "second");
  const auto size = GENERATE(std::size_t{20U << 20U}, std::size_t{(9U << 20U) + 6});
  content.resize(size);
  const Workshop shop;
  const auto bundle = pack_archive(
      shop, "a.tar",
      make_archive("pax", "none",
                   {{.path = "sparse", .content = content, .runs = {{1 << 20, 5}, {9 << 20, 6}}},
                    {.path = "after", .content = "x"}}));
  CHECK((stored(*bundle, "/sparse", vfs::Encoding::identity) == content));
  CHECK(stored(*bundle, "/after", vfs::Encoding::identity) == "x");
  struct stat status {};
  REQUIRE(stat(shop.output().c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 < (1 << 20));
}

TEST_CASE("a cpio's hard link may bring the bytes along", "[bundler][archive]") {
  // newc: the names of one file share an inode, and only the last one has the bytes.
  const auto record = [](const std::string& name, unsigned links, const std::string& content) {
    char header[111];
    std::snprintf(header, sizeof header,
                  "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 42U, 0100644U, 0U,
                  0U, links, 1'000'000'000U, static_cast<unsigned>(content.size()), 0U, 0U, 0U, 0U,
                  static_cast<unsigned>(name.size() + 1), 0U);
    std::string text = std::string(header) + name + '\0';
    text.resize((text.size() + 3) / 4 * 4, '\0');
    text += content;
    text.resize((text.size() + 3) / 4 * 4, '\0');
    return text;
  };
  const Workshop shop;
  const auto bundle =
      pack_archive(shop, "a.cpio",
                   record("one", 2, {}) + record("two", 2, "bytes") + record("TRAILER!!!", 1, {}));
  CHECK(stored(*bundle, "/one", vfs::Encoding::identity) == "bytes");
  CHECK(find_node(*bundle, "one").node == find_node(*bundle, "two").node);
}

TEST_CASE("archives merge with directories below their prefix", "[bundler][archive]") {
  const Workshop shop;
  write_file(shop.input("site/docs/other.html"), "o");
  write_file(shop.input("a.tar.gz"), make_archive("pax", "gzip", sample_entries()));
  bundler::PackReport report;
  const auto bundle = pack_and_open(
      shop.options({shop.input("site").string(), shop.input("a.tar.gz").string() + ":/v2",
                    shop.input("a.tar.gz").string()}),
      &report);
  CHECK(stored(*bundle, "/docs/other.html", vfs::Encoding::identity) == "o");
  CHECK(stored(*bundle, "/docs/index.html", vfs::Encoding::identity) == "<p>hello</p>");
  CHECK(stored(*bundle, "/v2/docs/index.html", vfs::Encoding::identity) == "<p>hello</p>");
  CHECK(report.deduplicated.count == 4);
}

TEST_CASE("siblings in an archive are adopted whatever their order", "[bundler][archive]") {
  const Workshop shop;
  const std::string text = prose(20'000);
  const std::string gzip = make_archive("raw", "gzip", {{.path = "x", .content = text}}, {});
  bundler::PackReport report;
  const auto bundle = pack_archive(
      shop, "a.tar",
      make_archive("pax", "none",
                   {{.path = "a.js.gz", .content = gzip}, {.path = "a.js", .content = text}}),
      &report);
  CHECK(report.adopted.count == 1);
  CHECK(stored(*bundle, "/a.js", vfs::Encoding::gzip) == gzip);
}

}  // namespace seabag::testing
