#include <unistd.h>

#include <algorithm>

#include "packing.h"
#include "seabag/bundler/failure.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;
using Catch::Contains;

TEST_CASE("inputs go where their prefixes say, and directories merge", "[bundler][input]") {
  const Workshop shop;
  write_file(shop.input("a/index.html"), "a");
  write_file(shop.input("a/sub/x"), "ax");
  write_file(shop.input("b/sub/y"), "by");
  write_file(shop.input("one.js"), "1");
  const auto bundle = pack_and_open(
      shop.options({shop.input("a").string(), shop.input("b").string() + ":/",
                    shop.input("b").string() + ":/lib/b", shop.input("one.js").string(),
                    shop.input("one.js").string() + ":/js/",
                    shop.input("one.js").string() + ":/js/renamed.js"}));
  Tree expected;
  for (const char* path :
       {"index.html", "sub/x", "sub/y", "lib/b/sub/y", "one.js", "js/one.js", "js/renamed.js"}) {
    expected.file(path, std::string());
  }
  const Tree packed = read_tree(*bundle);
  std::vector<std::string> names;
  std::vector<std::string> expected_names;
  for (const auto& [path, node] : packed.nodes()) {
    names.push_back(path);
  }
  for (const auto& [path, node] : expected.nodes()) {
    expected_names.push_back(path);
  }
  CHECK(names == expected_names);
  CHECK(stored(*bundle, "/js/renamed.js", vfs::Encoding::identity) == "1");
}

TEST_CASE("directories that only a prefix names have the time of what is in them",
          "[bundler][input]") {
  const Workshop shop;
  Tree tree;
  tree.file("f", "x").modified = {.seconds = 1'000, .nanoseconds = 7};
  const fs::path site = shop.make(tree);
  const auto bundle = pack_and_open(shop.options({(site / "f").string() + ":/p/q/"}));
  CHECK(find_node(*bundle, "p/q").modified == vfs::Timestamp{.seconds = 1'000, .nanoseconds = 7});
  CHECK(find_node(*bundle, "").modified == vfs::Timestamp{.seconds = 1'000, .nanoseconds = 7});
  CHECK(find_node(*bundle, "p").mode == 0755);
}

TEST_CASE("a symlink given as an input is followed", "[bundler][input]") {
  const Workshop shop;
  write_file(shop.input("real/f"), "x");
  fs::create_directory_symlink("real", shop.input("site"));
  fs::create_symlink("real/f", shop.input("file"));
  const auto bundle = pack_and_open(
      shop.options({shop.input("site").string(), shop.input("file").string() + ":/g"}));
  CHECK(stored(*bundle, "/f", vfs::Encoding::identity) == "x");
  CHECK(stored(*bundle, "/g", vfs::Encoding::identity) == "x");
}

TEST_CASE("symlinks must stay inside unless any may be packed", "[bundler][links]") {
  struct Case {
    const char* link;
    const char* target;
    bool is_inside;
  };
  const auto row = GENERATE(values<Case>({
      {"link", "f", true},
      {"link", "missing", true},
      {"link", "d/../f", true},
      {"link", "../f", false},
      {"d/link", "../f", true},
      {"d/link", "../../f", false},
      {"d/link", "missing/../../f", true},
      {"d/link", "missing/../../../f", false},
      {"link", "/f", true},
      {"link", "/d/f", false},
      {"link", "/missing", false},
      {"link", "/etc/passwd", false},
      {"link", ".", true},
      {"link", "..", false},
      {"link", "link", true},
      {"link", "to-d/../f", true},
      {"link", "to-d/../../f", false},
      {"link", "f/../../x", true},
  }));
  const Workshop shop;
  Tree tree;
  tree.file("f", "x");
  tree.directory("d");
  tree.symlink("to-d", "d");
  tree.symlink(row.link, row.target);
  bundler::PackOptions options = shop.options({shop.make(tree).string()});
  INFO(row.link << " -> " << row.target);
  if (row.is_inside) {
    check_tree_equals(tree, *pack_and_open(options));
    return;
  }
  CHECK_THAT(pack_error(options), Contains("leaves the packed tree") &&
                                      Contains("'/" + std::string(row.link) + "'") &&
                                      Contains(row.target));
  options.links = bundler::LinkPolicy::any;
  check_tree_equals(tree, *pack_and_open(options));
}

TEST_CASE("a further name of a symlink is looked at where it is", "[bundler][links]") {
  const Workshop shop;
  Tree tree;
  tree.file("f", "x");
  tree.symlink("a/link", "../f");
  const fs::path site = shop.make(tree);
  REQUIRE(link((site / "a/link").c_str(), (site / "z").c_str()) == 0);
  CHECK_THAT(pack_error(shop.options({site.string()})), Contains("'/z'") && Contains("../f"));
}

TEST_CASE("rule files are checked when packing and stay in the tree", "[bundler][rules]") {
  const Workshop shop;
  write_file(shop.input("site/a.html"), "<p>");
  write_file(shop.input("site/b.txt"), "text");
  const bundler::PackOptions options = shop.options({shop.input("site").string()});
  SECTION("good ones have their effect") {
    write_file(shop.input("site/_headers"), "/*.html\n  X-Robots-Tag: noindex\n");
    write_file(shop.input("site/_redirects"), "/old /a.html 301\n");
    const auto bundle = pack_and_open(options);
    CHECK_THAT(std::string(bundle->find("/a.html")->header_fields),
               Contains("X-Robots-Tag: noindex\r\n"));
    CHECK_THAT(std::string(bundle->find("/b.txt")->header_fields), !Contains("X-Robots-Tag"));
    CHECK(stored(*bundle, "/_redirects", vfs::Encoding::identity) == "/old /a.html 301\n");
  }
  SECTION("a mistake in _headers is told with file, line and column") {
    write_file(shop.input("site/_headers"), "/*\n  no colon here\n");
    CHECK_THAT(pack_error(options), Contains("in/site/_headers:2:"));
  }
  SECTION("a mistake in _redirects too") {
    write_file(shop.input("site/_redirects"), "/a /b 301\n/only-one\n");
    CHECK_THAT(pack_error(options), Contains("in/site/_redirects:2:"));
  }
  SECTION("elsewhere they are files like any other") {
    write_file(shop.input("site/sub/_headers"), "no rule at all");
    pack_and_open(options);
  }
}

TEST_CASE("the configuration and the producer are kept", "[bundler][pack]") {
  const Workshop shop;
  write_file(shop.input("f"), "x");
  bundler::PackOptions options = shop.options({shop.input("f").string()});
  options.config_text = "[server]\n";
  options.producer = "seabag 9.9";
  const auto bundle = pack_and_open(options);
  CHECK(bundle->config() == "[server]\n");
  CHECK(bundle->info().producer == "seabag 9.9");
}

TEST_CASE("an observer hears of every stage", "[bundler][pack]") {
  struct Recorder final : bundler::PackObserver {
    void on_progress(const bundler::PackProgress& progress) override {
      stages.push_back(progress.stage);
    }
    std::vector<bundler::PackStage> stages;
  };
  const Workshop shop;
  write_file(shop.input("f.css"), prose(100'000));
  bundler::PackOptions options = shop.options({shop.input("f.css").string()});
  options.profile = bundler::Profile::dev;
  Recorder recorder;
  REQUIRE(bundler::pack(options, &recorder));
  REQUIRE_FALSE(recorder.stages.empty());
  CHECK(recorder.stages.back() == bundler::PackStage::writing);
  CHECK(std::ranges::is_sorted(recorder.stages));
}

}  // namespace seabag::testing
