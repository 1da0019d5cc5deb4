#include <random>
#include <string>
#include <vector>

#include "seabag/bundle/reader.h"
#include "seabag/vfs/namespace.h"
#include "support/bundle_builder.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace seabag::bundle {
namespace {

using testing::text_of;

std::shared_ptr<Bundle> open_tree(const testing::Tree& tree) {
  const testing::TempDir directory;
  testing::write_bundle(tree, directory / "bundle");
  auto bundle = Bundle::open_executable((directory / "bundle").string());
  REQUIRE(bundle);
  return std::move(bundle).take();
}

/// A tree in which few names lead far: directories, files, links of every kind, loops, hard links.
testing::Tree maze() {
  testing::Tree tree;
  tree.file("a/b/c/file", "at the bottom");
  tree.file("a/file", "near the top");
  tree.file("b/a", "a file called like a directory");
  tree.file("file", "at the top");
  tree.directory("empty");
  tree.symlink("a/up", "..");
  tree.symlink("a/b/top", "/");
  tree.symlink("a/b/out", "../../../../../..");
  tree.symlink("c", "a/b");
  tree.symlink("d", "c/c/");
  tree.symlink("b/c", "../c/./c/../c/file");
  tree.symlink("b/slash", "../file/");
  tree.symlink("loop", "loop");
  tree.symlink("ping", "pong");
  tree.symlink("pong", "ping");
  tree.symlink("nowhere", "a/nothing/file");
  tree.symlink("through", "file/x");
  tree.hard_link("zz", "file");
  tree.symlink("chain0", "a");
  for (int i = 1; i < 45; ++i) {
    tree.symlink("chain" + std::to_string(i), "chain" + std::to_string(i - 1));
  }
  return tree;
}

/// What `find` and the walk of a Namespace say about one path.
void check_agreement(const Bundle& bundle, const vfs::Namespace& names, const std::string& path) {
  const auto asset = bundle.find(path);
  const auto node = names.stat(path);
  INFO(path);
  if (!node || !asset) {
    INFO("find: " << (asset ? "found" : asset.error().message()));
    INFO("stat: " << (node ? "found" : node.error().message()));
    REQUIRE(static_cast<bool>(node) == static_cast<bool>(asset));
    CHECK(asset.error().code == node.error().code);
    return;
  }
  CHECK(asset->type == node->type);
  CHECK(asset->modified == node->modified);
  if (asset->type == vfs::FileType::regular) {
    const auto bytes = bundle.bytes(node->node);
    REQUIRE(bytes);
    CHECK(bytes->data() == asset->representations[0].bytes.data());
    CHECK(bytes->size() == asset->representations[0].length);
  }
}

TEST_CASE("the path index and the walk agree on every path", "[providers][bundle][find]") {
  const auto bundle = open_tree(maze());
  vfs::Namespace names;
  const auto mount = names.mount("/", bundle);
  REQUIRE(mount);
  std::vector<std::string> words{"a",    "b",     "c",   "d",     "file",    "empty",  "up",
                                 "top",  "out",   "zz",  "loop",  "ping",    "..",     ".",
                                 "none", "slash", "fil", "files", "nowhere", "through"};
  words.push_back("chain3");
  words.push_back("chain38");
  words.push_back("chain39");
  words.push_back("chain40");
  words.push_back(std::string(255, 'n'));
  words.push_back(std::string(256, 'n'));
  std::mt19937 random(7);
  for (int round = 0; round < 5'000; ++round) {
    std::string path;
    for (std::size_t i = 0; i < 1 + random() % 6; ++i) {
      path += "/" + words[random() % words.size()];
    }
    check_agreement(*bundle, names, path);
  }
  for (const auto* path : {"/", "/a/", "/file/", "/c/", "/zz/", "//a//b", "/loop/", "/d/file/",
                           "a/file", "", "/b/slash", "/./a/../file"}) {
    check_agreement(*bundle, names, path);
  }
  check_agreement(*bundle, names, std::string("/a\0/file", 8));
  check_agreement(*bundle, names, "/" + std::string(4094, 'x'));
  check_agreement(*bundle, names, "/" + std::string(4095, 'x'));
}

TEST_CASE("every path of a large tree is found", "[providers][bundle][find]") {
  testing::Tree tree = testing::sample_tree();
  for (int i = 0; i < 3000; ++i) {
    tree.file(
        "d" + std::to_string(i % 57) + "/e" + std::to_string(i % 11) + "/f" + std::to_string(i),
        std::to_string(i));
  }
  const auto bundle = open_tree(tree);
  vfs::Namespace names;
  const auto mount = names.mount("/", bundle);
  REQUIRE(mount);
  for (const auto& [path, node] : tree.nodes()) {
    check_agreement(*bundle, names, "/" + path);
    check_agreement(*bundle, names, "/" + path + "x");
    check_agreement(*bundle, names, "/" + path + "/x");
    if (node.type == vfs::FileType::regular) {
      CHECK(text_of(bundle->find("/" + path)->representations[0].bytes) == node.content);
    }
  }
}

TEST_CASE("an asset carries all its representations", "[providers][bundle][find]") {
  const std::string page(1000, 'p');
  testing::Tree tree;
  tree.file("page.html", page).modified = vfs::Timestamp{-1, 999'999'999};
  tree.file("other", page);
  tree.file("short", "s");
  const auto bundle = open_tree(tree);

  const auto asset = bundle->find("/page.html");
  REQUIRE(asset);
  CHECK(asset->modified == vfs::Timestamp{-1, 999'999'999});
  CHECK(asset->content_hash == content_hash(std::as_bytes(std::span(page))));
  CHECK(asset->header_fields == testing::kHtmlFields);
  CHECK(asset->not_modified_fields == testing::kHtmlNotModifiedFields);
  CHECK(asset->has_variants());
  CHECK(text_of(asset->representation(vfs::Encoding::gzip).bytes) ==
        testing::stand_in(page, "gzip"));
  CHECK(text_of(asset->representation(vfs::Encoding::br).bytes) == testing::stand_in(page, "br"));
  CHECK_FALSE(asset->representation(vfs::Encoding::zstd).present);
  CHECK(asset->file == nullptr);
  CHECK(asset->owner == nullptr);

  const auto other = bundle->find("/other");
  REQUIRE(other);
  CHECK(other->header_fields.empty());
  CHECK(other->representations[0].bytes.data() == asset->representations[0].bytes.data());
  CHECK_FALSE(bundle->find("/short")->has_variants());
  CHECK(bundle->find("/")->type == vfs::FileType::directory);
}

TEST_CASE("the descriptor of an asset holds the same bytes", "[providers][bundle][find]") {
  const testing::TempDir directory;
  testing::Tree tree;
  tree.file("small", "small");
  tree.file("large", testing::noise(100'000));
  testing::write_bundle(tree, directory / "bundle");
  const auto bundle = Bundle::open_executable((directory / "bundle").string());
  REQUIRE(bundle);
  const auto file = testing::file_bytes(directory / "bundle");
  for (const char* path : {"/small", "/large"}) {
    const auto asset = (*bundle)->find(path);
    REQUIRE(asset);
    const auto& form = asset->representations[0];
    CHECK(form.descriptor >= 3);
    CHECK(text_of(std::span(file).subspan(form.descriptor_offset, form.length)) ==
          text_of(form.bytes));
    // Large blobs start at a page, for the kernel's sake.
    CHECK((form.length < kAlignedBlobLength || form.descriptor_offset % kBlobAlignment == 0));
  }
}

TEST_CASE("a bundle in memory has no descriptor", "[providers][bundle][find]") {
  testing::Tree tree;
  tree.file("file", "text");
  const auto bytes = testing::bundle_bytes(tree);
  const auto bundle = Bundle::open_bytes(bytes);
  REQUIRE(bundle);
  CHECK((*bundle)->find("/file")->representations[0].descriptor == -1);
  CHECK(text_of((*bundle)->find("/file")->representations[0].bytes) == "text");
}

TEST_CASE("directories too deep for a path are still there", "[providers][bundle][find]") {
  const testing::TempDir place;
  const std::string name(200, 'd');
  constexpr int kDepth = 25;  // 5,025 bytes of path
  Writer writer = Writer::create((place / "bundle").string(), kNoStub, {}).value();
  Tree tree;
  EntryId directory = kRootEntry;
  for (int i = 0; i < kDepth; ++i) {
    directory = tree.add_directory(directory, name, {.mode = 0755}).value();
  }
  REQUIRE(tree.add_file(directory, "file", {}, testing::add_content(writer, "deep")));
  REQUIRE(writer.finish(std::move(tree)));

  const auto bundle = Bundle::open_executable((place / "bundle").string());
  REQUIRE(bundle);
  vfs::NodeId node = vfs::kRootNode;
  std::string path;
  for (int i = 0; i < kDepth; ++i) {
    const auto found = (*bundle)->lookup(node, name);
    REQUIRE(found);
    node = found->node;
    path += "/" + name;
    CHECK(static_cast<bool>((*bundle)->find(path)) == (path.size() < vfs::kMaxPathLength));
  }
  CHECK((*bundle)->lookup(node, "file")->size == 4);
  CHECK((*bundle)->find(path).error().is(std::errc::filename_too_long));
}

}  // namespace
}  // namespace seabag::bundle
