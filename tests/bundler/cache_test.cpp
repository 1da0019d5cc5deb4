#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "packing.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;
using Catch::Contains;

namespace {

/// A site of three compressible files and one that only looks so, packed with a cache.
struct CachedSite {
  CachedSite() {
    for (unsigned file = 0; file < 3; ++file) {
      write_file(shop.input("site/f" + std::to_string(file) + ".html"), prose(30'000, file + 1));
    }
    write_file(shop.input("site/noise.txt"), noise(30'000));
    options = shop.options({shop.input("site").string()});
    options.profile = bundler::Profile::dev;
    options.cache_directory = (shop.cache() / "deep").string();
  }

  bundler::PackReport pack() {
    bundler::PackReport report;
    pack_and_open(options, &report);
    return report;
  }

  [[nodiscard]] std::vector<fs::path> segments() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(options.cache_directory)) {
      if (entry.path().extension() == ".seg") {
        found.push_back(entry.path());
      }
    }
    return found;
  }

  Workshop shop;
  bundler::PackOptions options;
};

void flip_byte(const fs::path& path, std::uintmax_t offset) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(offset));
  const char flipped = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(flipped);
  REQUIRE(file.good());
}

}  // namespace

TEST_CASE("an unchanged rebuild compresses nothing and gives the same bytes", "[bundler][cache]") {
  CachedSite site;
  const bundler::PackReport first = site.pack();
  const std::string bytes = read_file(site.options.output);
  CHECK(first.computed_variants == 12);
  CHECK(first.cached_variants == 0);
  const bundler::PackReport second = site.pack();
  CHECK(second.computed_variants == 0);
  CHECK(second.cached_variants == 12);  // that noise is not worth keeping is known too
  CHECK(read_file(site.options.output) == bytes);
  CHECK(site.segments().size() == 1);
}

TEST_CASE("only what changed is compressed again", "[bundler][cache]") {
  CachedSite site;
  site.pack();
  write_file(site.shop.input("site/f1.html"), prose(31'000, 9));
  const bundler::PackReport report = site.pack();
  CHECK(report.computed_variants == 3);
  CHECK(report.cached_variants == 9);
  site.options.profile = bundler::Profile::release;
  CHECK(site.pack().cached_variants == 0);
}

TEST_CASE("packing without a cache gives the same bytes", "[bundler][cache]") {
  CachedSite site;
  site.pack();
  site.pack();
  const std::string bytes = read_file(site.options.output);
  site.options.cache_directory.clear();
  site.pack();
  CHECK(read_file(site.options.output) == bytes);
}

TEST_CASE("damage anywhere in the cache is noticed and repaired", "[bundler][cache]") {
  CachedSite site;
  site.pack();
  const std::string bytes = read_file(site.options.output);
  const std::string intact = read_file(site.segments().front());
  const std::string name = site.segments().front().string();
  // All through the records, and every few bytes of index and trailer.
  const std::size_t near_end = intact.size() - 12 * 40 - 32;
  for (std::size_t offset = 0; offset < intact.size(); offset += offset < near_end ? 1'499 : 23) {
    INFO("offset " << offset << " of " << intact.size());
    for (const fs::path& segment : site.segments()) {
      fs::remove(segment);
    }
    write_file(name, intact);
    flip_byte(name, offset);
    const auto report = bundler::pack(site.options);
    REQUIRE(report);
    CHECK(report->computed_variants + report->cached_variants == 12);
    if (offset >= 16) {  // the header carries no information
      CHECK(report->computed_variants > 0);
      CHECK_FALSE(report->warnings.empty());
    }
    REQUIRE(read_file(site.options.output) == bytes);
  }
  CHECK(site.pack().computed_variants == 0);
}

TEST_CASE("a truncated cache is dropped", "[bundler][cache]") {
  CachedSite site;
  site.pack();
  const fs::path segment = site.segments().front();
  const auto size = GENERATE_COPY(std::uintmax_t{0}, std::uintmax_t{10}, std::uintmax_t{5'000});
  fs::resize_file(segment, size);
  const bundler::PackReport report = site.pack();
  CHECK(report.computed_variants == 12);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("damaged part of the cache"));
  CHECK(site.pack().computed_variants == 0);
}

TEST_CASE("a cache that cannot be used is done without", "[bundler][cache]") {
  CachedSite site;
  write_file(site.shop.root() / "file", "x");
  site.options.cache_directory = (site.shop.root() / "file/cache").string();
  const bundler::PackReport report = site.pack();
  CHECK(report.computed_variants == 12);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("packing without a cache"));
}

TEST_CASE("the cache stays below its limit, the oldest going first", "[bundler][cache]") {
  CachedSite site;
  site.pack();
  const fs::path first = site.segments().front();
  // Used long ago.
  fs::last_write_time(first, fs::file_time_type::clock::now() - std::chrono::hours(48));
  write_file(site.shop.input("site/f0.html"), prose(29'000, 11));
  write_file(site.shop.input("site/f1.html"), prose(29'000, 12));
  write_file(site.shop.input("site/f2.html"), prose(29'000, 13));
  write_file(site.shop.input("site/noise.txt"), noise(29'000, 14));
  site.options.cache_limit_bytes = fs::file_size(first) + 1'000;
  site.pack();
  CHECK_FALSE(fs::exists(first));
  CHECK(site.segments().size() == 1);
  CHECK(site.pack().computed_variants == 0);
}

TEST_CASE("many runs leave few segments and nothing is forgotten", "[bundler][cache]") {
  CachedSite site;
  for (unsigned run = 0; run < 20; ++run) {
    write_file(site.shop.input("site/f0.html"), prose(20'000, 100 + run));
    const auto report = bundler::pack(site.options);
    REQUIRE(report);
    CHECK(report->computed_variants == (run == 0 ? 12U : 3U));
  }
  CHECK(site.segments().size() <= 16);
  for (unsigned run = 0; run < 20; ++run) {
    write_file(site.shop.input("site/f0.html"), prose(20'000, 100 + run));
    const auto report = bundler::pack(site.options);
    REQUIRE(report);
    CHECK(report->computed_variants == 0);
  }
}

TEST_CASE("what a killed run left in the cache goes", "[bundler][cache]") {
  CachedSite site;
  site.pack();
  const fs::path left = fs::path(site.options.cache_directory) / "new-abcdef";
  write_file(left, "half a segment");
  site.pack();
  CHECK_FALSE(fs::exists(left));
}

TEST_CASE("a pack that fails late keeps what it has compressed", "[bundler][cache]") {
  // Takes the output's name away when everything has been compressed.
  struct Spoiler final : bundler::PackObserver {
    void on_progress(const bundler::PackProgress& progress) override {
      if (progress.stage == bundler::PackStage::writing) {
        fs::create_directories(output);
      }
    }
    fs::path output;
  };
  CachedSite site;
  Spoiler spoiler;
  spoiler.output = site.options.output;
  const auto packed = bundler::pack(site.options, &spoiler);
  REQUIRE_FALSE(packed);
  CHECK(packed.error().is(std::errc::is_a_directory));
  REQUIRE(fs::remove(site.options.output));
  CHECK(site.shop.is_output_empty());
  const bundler::PackReport report = site.pack();
  CHECK(report.computed_variants == 0);
  CHECK(report.cached_variants == 12);
}

TEST_CASE("a cache inside of an input is left out", "[bundler][cache]") {
  CachedSite site;
  site.options.cache_directory = site.shop.input("site/.cache").string();
  site.options.source_date_epoch = 0;
  site.pack();
  const std::string bytes = read_file(site.options.output);
  const bundler::PackReport report = site.pack();
  CHECK(report.files == 4);
  CHECK(read_file(site.options.output) == bytes);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("is the cache"));
}

}  // namespace seabag::testing
