#include "seabag/bundler/export.h"

#include <unistd.h>

#include <algorithm>
#include <clocale>

#include "archives.h"
#include "packing.h"
#include "seabag/bundler/verify.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;
using Catch::Contains;
using vfs::FileType;

namespace {

Tree exported_tree() {
  Tree tree;
  tree.file("a.html", prose(2'000), 0640).modified = {.seconds = 1'234'567'890,
                                                      .nanoseconds = 123'456'789};
  tree.file("d/empty", "").modified = {.seconds = 7};
  tree.file("d/large", noise(600'000)).modified = {.seconds = 8};
  tree.file(std::string(200, 'n') + "/" + std::string(200, 'm'), "long").modified = {.seconds = 9};
  tree.file("caf\xe9", "not UTF-8").modified = {.seconds = 10};
  tree.symlink("link", "a.html");
  tree.directory("nothing", 0700);
  tree.hard_link("z.html", "a.html");
  return tree;
}

}  // namespace

TEST_CASE("an exported tar packs to the same tree again", "[bundler][export]") {
  const auto* const name = GENERATE("x.tar", "x.tar.gz", "x.tgz", "x.tar.zst");
  const Workshop shop;
  const Tree tree = exported_tree();
  const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}));
  const std::string path = shop.output(name).string();
  const auto report = bundler::export_archive(*bundle, path);
  INFO((report ? std::string() : report.error().message()));
  REQUIRE(report);
  CHECK(report->files == 5);
  CHECK(report->hard_links == 1);
  CHECK(report->symlinks == 1);
  CHECK(report->directories == 3);
  CHECK(report->bytes_out == fs::file_size(path));

  bundler::PackOptions again = shop.options({path});
  again.output = shop.output("again").string();
  check_tree_equals(tree, *pack_and_open(again));

  const std::string first = read_file(path);
  REQUIRE(bundler::export_archive(*bundle, path));
  CHECK(read_file(path) == first);
}

TEST_CASE("entries of an export are sorted", "[bundler][export]") {
  const Workshop shop;
  const auto bundle = pack_and_open(shop.options({shop.make(exported_tree()).string()}));
  const std::string path = shop.output("x.tar").string();
  REQUIRE(bundler::export_archive(*bundle, path));
  REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
  std::vector<std::string> names;
  for (const MadeEntry& entry : read_archive(path)) {
    names.push_back(entry.path);
  }
  REQUIRE(std::setlocale(LC_CTYPE, "C") != nullptr);
  CHECK(names == std::vector<std::string>{"a.html", "caf\xe9", "d/", "d/empty", "d/large", "link",
                                          std::string(200, 'n') + "/",
                                          std::string(200, 'n') + "/" + std::string(200, 'm'),
                                          "nothing/", "z.html"});
}

TEST_CASE("an exported zip repeats hard links", "[bundler][export]") {
  const Workshop shop;
  const fs::path site = shop.make(exported_tree());
  const std::string path = shop.output("x.zip").string();
  {
    const auto bundle = pack_and_open(shop.options({site.string()}));
    const auto refused = bundler::export_archive(*bundle, path);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message(), Contains("'/caf\xe9'") && Contains("UTF-8"));
  }
  fs::rename(site / "caf\xe9", site / "caf\xc3\xa9");
  const auto bundle = pack_and_open(shop.options({site.string()}));
  const auto report = bundler::export_archive(*bundle, path);
  REQUIRE(report);
  CHECK(report->files == 6);
  bundler::PackOptions again = shop.options({path});
  again.output = shop.output("again").string();
  const auto read_back = pack_and_open(again);
  CHECK(stored(*read_back, "/z.html", vfs::Encoding::identity) == prose(2'000));
  CHECK(stored(*read_back, "/caf\xc3\xa9", vfs::Encoding::identity) == "not UTF-8");
  CHECK(find_node(*read_back, "a.html").mode == 0640);
  CHECK(read_back->read_link(find_node(*read_back, "link").node).value() == "a.html");
}

TEST_CASE("an export that cannot be leaves nothing behind", "[bundler][export]") {
  const Workshop shop;
  write_file(shop.input("f"), "x");
  const auto bundle = pack_and_open(shop.options({shop.input("f").string()}));
  fs::remove(shop.output());
  const auto unknown = bundler::export_archive(*bundle, shop.output("x.rar").string());
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().message(), Contains("x.rar'") && Contains(".tar.zst or .zip"));
  const auto nowhere = bundler::export_archive(*bundle, (shop.root() / "no/x.tar").string());
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().is(std::errc::no_such_file_or_directory));
  fs::create_directory(shop.output("dir.tar"));
  CHECK_FALSE(bundler::export_archive(*bundle, shop.output("dir.tar").string()));
  fs::remove(shop.output("dir.tar"));
  CHECK(shop.is_output_empty());
}

TEST_CASE("a variant that decodes to something else is found", "[bundler][verify]") {
  const auto encoding = GENERATE(vfs::Encoding::gzip, vfs::Encoding::br, vfs::Encoding::zstd);
  const Workshop shop;
  write_file(shop.input("site/d/page.html"), prose(50'000));
  bundler::PackOptions options = shop.options({shop.input("site").string()});
  options.profile = bundler::Profile::dev;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  {
    const auto bundle = pack_and_open(options);
    const auto report = bundler::verify_variants(*bundle);
    REQUIRE(report);
    CHECK(report->contents == 1);
    CHECK(report->variants[static_cast<std::size_t>(encoding)].count == 1);
    const auto asset = bundle->find("/d/page.html");
    REQUIRE(asset);
    offset = asset->representation(encoding).descriptor_offset;
    length = asset->representation(encoding).length;
  }
  std::string bytes = read_file(options.output);
  for (const std::uint64_t at : {std::uint64_t{0}, length / 2, length - 1}) {
    std::string damaged = bytes;
    char& byte = damaged[static_cast<std::size_t>(offset + at)];
    byte = static_cast<char>(byte ^ 0x21);
    write_file(options.output, damaged);
    const auto bundle = bundle::Bundle::open_executable(options.output);
    REQUIRE(bundle);
    const auto verified = bundler::verify_variants(**bundle, 2);
    REQUIRE_FALSE(verified);
    CHECK_THAT(verified.error().message(), Contains("'/d/page.html'") && Contains("decodes"));
  }
}

}  // namespace seabag::testing
