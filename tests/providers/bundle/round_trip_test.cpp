#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"
#include "seabag/bundle/writer.h"
#include "support/catch.h"

namespace seabag::bundle {
namespace {

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ContentId add_text(Writer& writer, std::string_view text, std::string_view gzip = {}) {
  const Blob identity = writer.add_blob(as_bytes(text)).value();
  const Variant variant{.encoding = vfs::Encoding::gzip,
                        .blob = writer.add_blob(as_bytes(gzip)).value()};
  return writer
      .add_content({.hash = content_hash(as_bytes(text)),
                    .identity = identity,
                    .variants = std::span(&variant, gzip.empty() ? 0 : 1)})
      .value();
}

TEST_CASE("what was written is read back", "[providers][bundle]") {
  std::string root = (std::filesystem::temp_directory_path() / "seabag-bundle-XXXXXX").string();
  REQUIRE(mkdtemp(root.data()) != nullptr);
  const std::string path = root + "/out";
  {
    auto writer = Writer::create(path, kNoStub, {.config = "[server]\n"});
    REQUIRE(writer);
    const HeadersId html =
        writer->add_headers("Content-Type: text/html\r\n", "Vary: Accept-Encoding\r\n").value();
    const ContentId page = add_text(*writer, "<p>hello</p>", "squeezed");
    const ContentId other = add_text(*writer, std::string(20'000, 'x'));
    Tree tree;
    const EntryId docs = tree.add_directory(kRootEntry, "docs", {.mode = 0755}).value();
    const EntryId file =
        tree.add_file(
                docs, "index.html",
                {.mode = 0644, .modified = {.seconds = -5, .nanoseconds = 7}, .headers = html},
                page)
            .value();
    REQUIRE(tree.add_file(docs, "a", {}, other));
    REQUIRE(tree.add_symlink(kRootEntry, "latest", {.mode = 0777}, "docs"));
    REQUIRE(tree.add_link(kRootEntry, "zz", file));
    const auto report = writer->finish(std::move(tree));
    REQUIRE(report);
    CHECK(report->totals.files == 2);
    CHECK(report->totals.hard_links == 1);
  }
  const auto bundle = Bundle::open_executable(path);
  REQUIRE(bundle);
  CHECK((*bundle)->config() == "[server]\n");
  const auto verified = verify(**bundle);
  INFO((verified ? std::string() : verified.error().message()));
  REQUIRE(verified);
  for (const char* name : {"/docs/index.html", "/latest/index.html", "/zz"}) {
    const auto asset = (*bundle)->find(name);
    REQUIRE(asset);
    CHECK(text_of(asset->representation(vfs::Encoding::identity).bytes) == "<p>hello</p>");
    CHECK(text_of(asset->representation(vfs::Encoding::gzip).bytes) == "squeezed");
    CHECK(asset->header_fields == "Content-Type: text/html\r\n");
    CHECK(asset->not_modified_fields == "Vary: Accept-Encoding\r\n");
    CHECK(asset->modified.seconds == -5);
  }
  CHECK((*bundle)->find("/docs/nothing").error().is(std::errc::no_such_file_or_directory));
  CHECK((*bundle)->find("/zz/nothing").error().is(std::errc::not_a_directory));
  CHECK((*bundle)->find("/latest")->type == vfs::FileType::directory);
  const auto names = (*bundle)->list(vfs::kRootNode, 0, 100);
  REQUIRE(names);
  CHECK(names->size() == 3);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace seabag::bundle
