#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "packing.h"
#include "seabag/bundler/failure.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;
using Catch::Contains;

TEST_CASE("missing inputs and outputs are named", "[bundler][error]") {
  const Workshop shop;
  CHECK_THAT(pack_error(shop.options({shop.input("nowhere").string()})), Contains("in/nowhere'"));
  CHECK_THAT(pack_error(shop.options({})), Contains("there must be an input"));
  write_file(shop.input("f"), "x");
  bundler::PackOptions options = shop.options({shop.input("f").string()});
  options.output.clear();
  CHECK_FALSE(bundler::pack(options));
}

TEST_CASE("an empty tree is an error that says so", "[bundler][error]") {
  const Workshop shop;
  Tree tree;
  tree.directory("only/directories");
  CHECK_THAT(pack_error(shop.options({shop.make(tree).string()})), Contains("hold no file"));
  CHECK(shop.is_output_empty());
}

TEST_CASE("special files are refused with the remedy", "[bundler][error]") {
  const Workshop shop;
  const fs::path site = shop.make(Tree());
  write_file(site / "f", "x");
  REQUIRE(mkfifo((site / "pipe").c_str(), 0600) == 0);
  const std::string message = pack_error(shop.options({site.string()}));
  CHECK_THAT(message, Contains("in/site/pipe'") && Contains(".seabagignore"));
  CHECK(shop.is_output_empty());
  CHECK_THAT(pack_error(shop.options({(site / "pipe").string()})),
             Contains("a directory, a file or an archive"));
}

TEST_CASE("an unreadable file is named with the remedy", "[bundler][error]") {
  const Workshop shop;
  const fs::path site = shop.make(Tree());
  write_file(site / "secret", "x");
  REQUIRE(chmod((site / "secret").c_str(), 0) == 0);
  constexpr uid_t kNobody = 65534;
  const uid_t me = geteuid();
  if (me == 0) {
    for (const char* part : {"", "in", "in/site", "out"}) {
      REQUIRE(chmod((shop.root() / part).c_str(), 0777) == 0);
    }
    REQUIRE(seteuid(kNobody) == 0);
  }
  const auto packed = bundler::pack(shop.options({site.string()}));
  if (me == 0) {
    REQUIRE(seteuid(me) == 0);
  }
  REQUIRE_FALSE(packed);
  CHECK(packed.error().is(std::errc::permission_denied));
  CHECK_THAT(packed.error().message(), Contains("in/site/secret'") && Contains("readable"));
  CHECK(shop.is_output_empty());
}

TEST_CASE("a file whose size is not what it was is refused", "[bundler][error]") {
  const Workshop shop;
  // The kernel's own files lie about their sizes, as a file that is being written does.
  SECTION("longer") {
    CHECK_THAT(pack_error(shop.options({"/proc/self/status"})),
               Contains("changed while it was read") && Contains("/proc/self/status"));
  }
  SECTION("shorter") {
    const char* const path = "/sys/kernel/mm/transparent_hugepage/enabled";
    if (fs::exists(path)) {
      CHECK_THAT(pack_error(shop.options({path})), Contains("changed while it was read"));
    }
  }
  CHECK(shop.is_output_empty());
}

TEST_CASE("two different things at one path name both inputs", "[bundler][error]") {
  const Workshop shop;
  write_file(shop.input("a/x/f"), "one");
  write_file(shop.input("b/x/f"), "two");
  write_file(shop.input("c/x"), "file");
  fs::create_directory(shop.input("d"));
  fs::create_symlink("f", shop.input("d/x"));
  const std::string a = shop.input("a").string();
  SECTION("files") {
    CHECK_THAT(pack_error(shop.options({a, shop.input("b").string()})),
               Contains("'/x/f'") && Contains("in/a'") && Contains("in/b'"));
  }
  SECTION("a directory and a file") {
    CHECK_THAT(pack_error(shop.options({a, shop.input("c").string()})),
               Contains("'/x'") && Contains("a directory from"));
  }
  SECTION("a symlink and a directory") {
    CHECK_THAT(pack_error(shop.options({shop.input("d").string(), a})),
               Contains("'/x'") && Contains("a symlink from"));
  }
  SECTION("the same file is no conflict") {
    write_file(shop.input("e/x/f"), "one");
    const auto bundle = pack_and_open(shop.options({a, shop.input("e").string()}));
    CHECK(stored(*bundle, "/x/f", vfs::Encoding::identity) == "one");
  }
}

TEST_CASE("an output that cannot be written leaves nothing behind", "[bundler][error]") {
  const Workshop shop;
  write_file(shop.input("site/f"), prose(200'000));
  bundler::PackOptions options = shop.options({shop.input("site").string()});
  SECTION("in a directory that is not there") {
    options.output = (shop.root() / "nowhere/app").string();
    CHECK_THAT(pack_error(options), Contains("nowhere"));
  }
  SECTION("where a directory is") {
    fs::create_directory(shop.root() / "out/app");
    const auto packed = bundler::pack(options);
    REQUIRE_FALSE(packed);
    CHECK(packed.error().is(std::errc::is_a_directory));
  }
  SECTION("on a full disk") {
    // The limit on file sizes stands for the disk; its signal would end the process.
    const auto former = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit small{.rlim_cur = 65536, .rlim_max = limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto packed = bundler::pack(options);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    std::signal(SIGXFSZ, former);
    REQUIRE_FALSE(packed);
    CHECK(packed.error().is(std::errc::file_too_large));
    CHECK_THAT(packed.error().message(), Contains("out/app"));
    CHECK(shop.is_output_empty());
  }
}

TEST_CASE("an output among the inputs is refused or left out", "[bundler][error]") {
  const Workshop shop;
  const fs::path site = shop.input("site");
  write_file(site / "f", "x");
  bundler::PackOptions options = shop.options({site.string()});
  options.source_date_epoch = 0;
  SECTION("inside of a directory it is left out, with a note") {
    options.output = (site / "app").string();
    bundler::PackReport report;
    pack_and_open(options, &report);
    CHECK(report.files == 1);
    const std::string first = read_file(options.output);
    const auto bundle = pack_and_open(options, &report);
    REQUIRE(report.warnings.size() == 1);
    CHECK_THAT(report.warnings[0], Contains("site/app'") && Contains("left out"));
    CHECK(bundle->find("/app").error().is(std::errc::no_such_file_or_directory));
    CHECK(read_file(options.output) == first);
  }
  SECTION("as an input it is refused") {
    options.inputs = {{.path = (site / "f").string()}};
    options.output = (site / "../site/f").string();
    const auto packed = bundler::pack(options);
    REQUIRE_FALSE(packed);
    CHECK(packed.error().code == bundler::Failure::output_is_input);
    CHECK(read_file(site / "f") == "x");
  }
}

TEST_CASE("a failed pack leaves the former output alone", "[bundler][error]") {
  const Workshop shop;
  write_file(shop.output(), "former");
  const auto packed = bundler::pack(shop.options({"/proc/self/status"}));
  REQUIRE_FALSE(packed);
  CHECK(read_file(shop.output()) == "former");
}

}  // namespace seabag::testing
