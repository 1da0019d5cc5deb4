#include "codecs.h"
#include "packing.h"
#include "support/catch.h"

namespace seabag::testing {

using vfs::Encoding;

namespace {

constexpr Encoding kEncodings[] = {Encoding::gzip, Encoding::br, Encoding::zstd};

}  // namespace

TEST_CASE("compressible files get variants that decode to them", "[bundler][representations]") {
  const auto profile = GENERATE(bundler::Profile::dev, bundler::Profile::release);
  const Workshop shop;
  const std::string text = prose(150'000);
  write_file(shop.input("site/a.html"), text);
  write_file(shop.input("site/small.css"), prose(3'000));
  bundler::PackOptions options = shop.options({shop.input("site").string()});
  options.profile = profile;
  bundler::PackReport report;
  const auto bundle = pack_and_open(options, &report);
  for (const Encoding encoding : kEncodings) {
    const std::string variant = stored(*bundle, "/a.html", encoding);
    CHECK(variant.size() < text.size() / 2);
    CHECK(decompress(encoding, variant, text.size()) == text);
    const auto& tally = report.representations[static_cast<std::size_t>(encoding)];
    CHECK(tally.count == 2);
    CHECK(tally.bytes == variant.size() + stored(*bundle, "/small.css", encoding).size());
  }
  CHECK(report.computed_variants == 6);
  CHECK(bundle->find("/a.html")->header_fields.find("Vary: Accept-Encoding") !=
        std::string_view::npos);
}

TEST_CASE("the release profile is smaller than dev", "[bundler][representations]") {
  const Workshop shop;
  write_file(shop.input("a.html"), prose(60'000));
  bundler::PackOptions options = shop.options({shop.input("a.html").string()});
  options.profile = bundler::Profile::release;
  const auto release = pack_and_open(options);
  options.profile = bundler::Profile::dev;
  options.output = shop.output("dev").string();
  const auto dev = pack_and_open(options);
  for (const Encoding encoding : kEncodings) {
    CHECK(stored(*release, "/a.html", encoding).size() < stored(*dev, "/a.html", encoding).size());
  }
}

TEST_CASE("a variant is kept only where it saves 5 % and 256 bytes", "[bundler][representations]") {
  struct Case {
    const char* what;
    const char* name;
    std::string content;
    bool is_kept;
  };
  const std::string pad = noise(100'000);
  const auto row = GENERATE_COPY(values<Case>({
      {"text", "a.txt", prose(2'000), true},
      {"saves less than 256 bytes", "a.txt", prose(250), false},
      {"saves just short of 256 bytes", "b.txt", noise(20'000) + std::string(250, 'x'), false},
      {"saves 4 %", "a.txt", pad.substr(0, 96'000) + std::string(4'000, 'x'), false},
      {"saves 8 %", "a.txt", pad.substr(0, 92'000) + std::string(8'000, 'x'), true},
      {"an image", "a.png", prose(50'000), false},
      {"sealed data called text", "a.txt", noise(50'000), false},
      {"empty", "a.txt", "", false},
  }));
  const Workshop shop;
  write_file(shop.input("site") / row.name, row.content);
  bundler::PackOptions options = shop.options({shop.input("site").string()});
  options.profile = bundler::Profile::dev;
  const auto bundle = pack_and_open(options);
  INFO(row.what);
  for (const Encoding encoding : kEncodings) {
    const std::string variant = stored(*bundle, std::string("/") + row.name, encoding);
    CHECK(variant.empty() != row.is_kept);
    if (row.is_kept) {
      CHECK(variant.size() + 256 <= row.content.size());
      CHECK(variant.size() * 20 <= row.content.size() * 19);
    }
  }
}

TEST_CASE("content is compressed when any of its names is compressible",
          "[bundler][representations]") {
  const Workshop shop;
  write_file(shop.input("site/a.png"), prose(50'000));
  write_file(shop.input("site/b.txt"), prose(50'000));
  bundler::PackOptions options = shop.options({shop.input("site").string()});
  options.profile = bundler::Profile::dev;
  bundler::PackReport report;
  const auto bundle = pack_and_open(options, &report);
  CHECK_FALSE(stored(*bundle, "/b.txt", Encoding::br).empty());
  CHECK(report.representations[0].count == 1);
  CHECK(report.representations[2].count == 1);
}

TEST_CASE("the profile none makes no variants", "[bundler][representations]") {
  const Workshop shop;
  write_file(shop.input("a.html"), prose(60'000));
  bundler::PackReport report;
  const auto bundle = pack_and_open(shop.options({shop.input("a.html").string()}), &report);
  CHECK_FALSE(bundle->find("/a.html")->has_variants());
  CHECK(report.computed_variants == 0);
}

TEST_CASE("large files are encoded piece by piece", "[bundler][representations]") {
  const Workshop shop;
  std::string text = prose(300'000);
  while (text.size() <= (16U << 20U)) {
    text += text;
  }
  write_file(shop.input("site/large.json"), text);
  write_file(shop.input("site/noise.json"), noise(1U << 20U) + noise(17U << 20U, 2));
  bundler::PackOptions options = shop.options({shop.input("site").string()});
  options.profile = bundler::Profile::dev;
  const auto bundle = pack_and_open(options);
  for (const Encoding encoding : kEncodings) {
    const std::string variant = stored(*bundle, "/large.json", encoding);
    REQUIRE_FALSE(variant.empty());
    CHECK(decompress(encoding, variant, text.size()) == text);
    CHECK(stored(*bundle, "/noise.json", encoding).empty());
  }
}

TEST_CASE("siblings become variants when they decode to their file", "[bundler][siblings]") {
  const Workshop shop;
  const std::string text = prose(40'000);
  const auto profile = GENERATE(bundler::Profile::none, bundler::Profile::dev);
  Tree tree;
  tree.file("a.js", text);
  tree.file("a.js.gz", compress(Encoding::gzip, text));
  tree.file("a.js.br", compress(Encoding::br, text));
  tree.file("a.js.zst", compress(Encoding::zstd, text));
  bundler::PackOptions options = shop.options({shop.make(tree).string()});
  options.profile = profile;
  bundler::PackReport report;
  const auto bundle = pack_and_open(options, &report);
  CHECK(report.adopted.count == 3);
  CHECK(report.computed_variants == 0);
  CHECK(report.warnings.empty());
  for (const Encoding encoding : kEncodings) {
    CHECK(stored(*bundle, "/a.js", encoding) == compress(encoding, text));
  }
  check_tree_equals(tree, *bundle);
  CHECK(bundle->info().contents == 4);
  CHECK(bundle->find("/a.js")->representation(Encoding::gzip).bytes.data() ==
        bundle->find("/a.js.gz")->representation(Encoding::identity).bytes.data());
}

TEST_CASE("siblings that are something else stay files", "[bundler][siblings]") {
  struct Case {
    const char* what;
    const char* name;
    std::string content;
    bool is_warned;
  };
  const std::string text = prose(40'000);
  const std::string gzip = compress(Encoding::gzip, text);
  const auto row = GENERATE_COPY(values<Case>({
      {"of another text", "a.js.gz", compress(Encoding::gzip, prose(40'000, 2)), true},
      {"of less", "a.js.gz", compress(Encoding::gzip, text.substr(1)), true},
      {"of more", "a.js.gz", compress(Encoding::gzip, text + "x"), true},
      {"truncated", "a.js.gz", gzip.substr(0, gzip.size() - 1), true},
      {"with bytes behind", "a.js.gz", gzip + "x", true},
      {"of two members", "a.js.gz",
       compress(Encoding::gzip, text.substr(0, 9)) + compress(Encoding::gzip, text.substr(9)),
       true},
      {"of another coding", "a.js.br", gzip, true},
      {"truncated brotli", "a.js.br", compress(Encoding::br, text).substr(0, 2'000), true},
      {"brotli with bytes behind", "a.js.br", compress(Encoding::br, text) + "x", true},
      {"truncated zstd", "a.js.zst", compress(Encoding::zstd, text).substr(0, 2'000), true},
      {"zstd of a large window", "a.js.zst", compress_with_large_window(text), true},
      {"empty", "a.js.gz", "", true},
      {"without a file beside it", "b.js.gz", gzip, false},
      {"larger than the file", "a.js.gz", text + text, false},
  }));
  INFO(row.what);
  const Workshop shop;
  write_file(shop.input("site/a.js"), text);
  write_file(shop.input("site") / row.name, row.content);
  bundler::PackReport report;
  const auto bundle = pack_and_open(shop.options({shop.input("site").string()}), &report);
  CHECK(report.adopted.count == 0);
  CHECK(report.warnings.size() == (row.is_warned ? 1U : 0U));
  CHECK(stored(*bundle, std::string("/") + row.name, Encoding::identity) == row.content);
  CHECK_FALSE(bundle->find("/a.js")->has_variants());
}

TEST_CASE("chains, links and equal files among siblings", "[bundler][siblings]") {
  const Workshop shop;
  const std::string text = prose(40'000);
  const std::string gzip = compress(Encoding::gzip, text);
  Tree tree;
  tree.file("a", text);
  tree.file("b", text);
  tree.file("dir", text);
  bundler::PackReport report;
  SECTION("a sibling's sibling is looked at like any other") {
    tree.file("a.gz", gzip);
    tree.file("a.gz.br", compress(Encoding::br, gzip).substr(0, gzip.size() - 1));
    const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}), &report);
    CHECK(report.adopted.count == 1);
    check_tree_equals(tree, *bundle);
  }
  SECTION("equal files share what one of them brings") {
    tree.file("a.gz", gzip);
    const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}), &report);
    CHECK(stored(*bundle, "/b", Encoding::gzip) == gzip);
  }
  SECTION("a sibling with further names") {
    tree.file("a.gz", gzip);
    tree.hard_link("kept.gz", "a.gz");
    const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}), &report);
    CHECK(report.adopted.count == 1);
    check_tree_equals(tree, *bundle);
  }
  SECTION("a sibling whose bytes are also another file's is that file's too") {
    tree.file("a.gz", gzip);
    tree.file("copy", gzip);
    const auto bundle = pack_and_open(shop.options({shop.make(tree).string()}), &report);
    CHECK(report.adopted.count == 1);
    CHECK(stored(*bundle, "/copy", Encoding::identity) == gzip);
    CHECK(stored(*bundle, "/a", Encoding::gzip) == gzip);
  }
}

}  // namespace seabag::testing
