#include <sys/stat.h>
#include <unistd.h>

#include "packing.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;

TEST_CASE("a packed directory is the same tree", "[bundler][pack]") {
  const Workshop shop;
  const Tree tree = sample_tree();
  const fs::path site = shop.make(tree);
  bundler::PackOptions options = shop.options({site.string()});
  options.links = bundler::LinkPolicy::any;
  bundler::PackReport report;
  const auto bundle = pack_and_open(options, &report);
  check_tree_equals(tree, *bundle);
  CHECK(report.bytes_out == fs::file_size(shop.output()));
  CHECK(report.warnings.empty());
}

TEST_CASE("hard links stay one file, also of symlinks", "[bundler][pack]") {
  const Workshop shop;
  Tree tree;
  tree.file("a/first", prose(300'000));
  tree.hard_link("b/second", "a/first");
  const fs::path site = shop.make(tree);
  fs::create_symlink("first", site / "a/soft");
  REQUIRE(link((site / "a/soft").c_str(), (site / "a/soft2").c_str()) == 0);
  bundler::PackReport report;
  const auto bundle = pack_and_open(shop.options({site.string()}), &report);
  CHECK(find_node(*bundle, "a/first").node == find_node(*bundle, "b/second").node);
  CHECK(find_node(*bundle, "a/first").links == 2);
  CHECK(find_node(*bundle, "a/soft").node == find_node(*bundle, "a/soft2").node);
  CHECK(report.files == 2);
  CHECK(report.deduplicated.count == 1);
  CHECK(report.deduplicated.bytes == 300'000);
}

TEST_CASE("a hard link served with another type is a file of its own", "[bundler][pack]") {
  const Workshop shop;
  Tree tree;
  tree.file("page.html", "<p>");
  tree.hard_link("page.txt", "page.html");
  tree.hard_link("page2.html", "page.html");
  const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}));
  CHECK(bundle->find("/page.txt")->header_fields.find("text/plain") != std::string_view::npos);
  CHECK(bundle->find("/page.html")->header_fields.find("text/html") != std::string_view::npos);
  CHECK(find_node(*bundle, "page2.html").links == 2);
}

TEST_CASE("equal contents are stored once", "[bundler][pack]") {
  const Workshop shop;
  Tree tree;
  const std::string same = noise(400'000);
  for (int copy = 0; copy < 20; ++copy) {
    tree.file("copy" + std::to_string(copy), same);
  }
  bundler::PackReport report;
  const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}), &report);
  CHECK(report.files == 20);
  CHECK(report.representations[0].count == 1);
  CHECK(report.deduplicated.count == 19);
  CHECK(report.bytes_out < 500'000);
  CHECK(stored(*bundle, "/copy7", vfs::Encoding::identity) == same);
}

TEST_CASE("any number of jobs and any umask give the same bytes", "[bundler][pack]") {
  const Workshop shop;
  Tree tree = sample_tree();
  for (int file = 0; file < 150; ++file) {
    tree.file("d" + std::to_string(file % 7) + "/f" + std::to_string(file) + ".css",
              prose(static_cast<std::size_t>(file) * 97, static_cast<unsigned>(file % 100)));
  }
  bundler::PackOptions options = shop.options({shop.make(tree).string()});
  options.profile = bundler::Profile::dev;
  options.links = bundler::LinkPolicy::any;
  std::vector<std::string> outputs;
  const mode_t former = umask(0);
  for (const unsigned jobs : {1U, 2U, 7U}) {
    umask(jobs == 2 ? 077 : 022);
    options.jobs = jobs;
    pack_and_open(options);
    outputs.push_back(read_file(shop.output()));
  }
  umask(former);
  CHECK(outputs[0] == outputs[1]);
  CHECK(outputs[0] == outputs[2]);
}

TEST_CASE("times later than SOURCE_DATE_EPOCH are set to it", "[bundler][pack]") {
  const Workshop shop;
  Tree tree;
  tree.file("new", "1").modified = {.seconds = 2'000'000'000, .nanoseconds = 5};
  tree.file("same", "2").modified = {.seconds = 1'000'000'000, .nanoseconds = 1};
  tree.file("old", "3").modified = {.seconds = -7, .nanoseconds = 9};
  bundler::PackOptions options = shop.options({shop.make(tree).string()});
  options.source_date_epoch = 1'000'000'000;
  const auto bundle = pack_and_open(options);
  const vfs::Timestamp epoch{.seconds = 1'000'000'000};
  CHECK(find_node(*bundle, "new").modified == epoch);
  CHECK(find_node(*bundle, "same").modified == epoch);
  CHECK(find_node(*bundle, "old").modified == vfs::Timestamp{.seconds = -7, .nanoseconds = 9});
  CHECK(find_node(*bundle, "").modified == epoch);
  CHECK(bundle->info().created == 1'000'000'000);
}

TEST_CASE("a sparse file stays sparse", "[bundler][pack]") {
  const Workshop shop;
  const fs::path file = shop.input("site/disk.img");
  write_file(file, "start");
  constexpr off_t kSize = off_t{64} << 20;
  REQUIRE(truncate(file.c_str(), kSize) == 0);
  const auto bundle = pack_and_open(shop.options({shop.input("site").string()}));
  struct stat status {};
  REQUIRE(stat(shop.output().c_str(), &status) == 0);
  CHECK(status.st_size > kSize);
  CHECK(status.st_blocks * 512 < (1 << 20));
  const auto asset = bundle->find("/disk.img");
  REQUIRE(asset);
  CHECK(asset->representation(vfs::Encoding::identity).length == kSize);
}

TEST_CASE("the ignore file leaves things out, itself included", "[bundler][pack]") {
  const Workshop shop;
  Tree tree;
  tree.file(".seabagignore", "*.log\n/build/\n!keep.log\n");
  tree.file("a.log", "x");
  tree.file("keep.log", "x");
  tree.file("build/x", "x");
  tree.file("sub/build/x", "x");
  tree.file("sub/.seabagignore", "local\n");
  tree.file("sub/local", "x");
  tree.file("local", "x");
  const fs::path site = shop.make(tree);
  REQUIRE(mkfifo((site / "pipe.log").c_str(), 0600) == 0);
  const auto bundle = pack_and_open(shop.options({site.string()}));
  const Tree packed = read_tree(*bundle);
  std::vector<std::string> names;
  for (const auto& [path, node] : packed.nodes()) {
    names.push_back(path);
  }
  CHECK(names == std::vector<std::string>{"keep.log", "local", "sub", "sub/build", "sub/build/x"});
}

TEST_CASE("deep trees and long names are packed", "[bundler][pack]") {
  const Workshop shop;
  const std::string name(255, 'n');
  fs::path directory = shop.input("site");
  std::string packed;
  const fs::path former = fs::current_path();
  fs::create_directories(directory);
  fs::current_path(directory);
  for (int level = 0; level < 15; ++level) {
    fs::create_directory(name);
    fs::current_path(name);
    packed += "/" + name;
  }
  write_file("./f", "deep");
  fs::current_path(former);
  const auto bundle = pack_and_open(shop.options({directory.string()}));
  CHECK(stored(*bundle, packed + "/f", vfs::Encoding::identity) == "deep");

  SECTION("but not beyond what a path can be") {
    const bundler::PackOptions options =
        shop.options({directory.string() + ":/" + std::string(250, 'p') + "/" + name});
    fs::remove(shop.output());
    const std::string message = pack_error(options);
    CHECK(message.find("at most 4095 bytes") != std::string::npos);
  }
}

}  // namespace seabag::testing
