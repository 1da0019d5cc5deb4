#include "seabag/vfs/overlay.h"

#include <algorithm>

#include "memory_namespace.h"
#include "seabag/vfs/faulty.h"
#include "support/tree.h"

namespace seabag::vfs {
namespace {

constexpr Timestamp kLongAgo{.seconds = 1'000'000'000, .nanoseconds = 5};

testing::Tree app_tree() {
  testing::Tree tree;
  tree.file("etc/motd", "hello\n", 0640).modified = kLongAgo;
  tree.file("etc/deep/er/conf", "deep\n").xattrs = {{"user.a", "1"}};
  tree.directory("etc", 0751).modified = kLongAgo;
  tree.directory("etc/deep", 0700).modified = kLongAgo;
  tree.file("linked", "two names");
  tree.hard_link("other/name", "linked");
  tree.symlink("link", "etc/motd");
  return tree;
}

/// An overlay of memory over the tree above, mounted.
struct Scene {
  explicit Scene(const testing::Tree& tree = app_tree()) {
    testing::build_tree(tree, *lower);
    overlay = make_overlay({.upper = upper, .lowers = {lower}, .records = records}).value();
    root.emplace(files.mount("/", overlay).value());
  }

  /// The same layers in an overlay of their own, as after a restart.
  [[nodiscard]] std::shared_ptr<Overlay> reopen() const {
    return make_overlay({.upper = upper, .lowers = {lower}, .records = records}).value();
  }

  std::shared_ptr<WritableFileSystem> lower = providers::make_memory_file_system();
  std::shared_ptr<WritableFileSystem> upper = providers::make_memory_file_system();
  std::shared_ptr<OverlayRecords> records = make_memory_overlay_records();
  std::shared_ptr<Overlay> overlay;
  Namespace files;
  std::optional<Mount> root;
};

std::vector<std::string> told(Overlay& overlay) {
  std::vector<std::string> lines;
  const std::vector<Difference> differences = overlay.diff().value();
  for (const Difference& difference : differences) {
    lines.push_back(std::string(1, "+~-"[static_cast<int>(difference.kind)]) + difference.path);
  }
  return lines;
}

}  // namespace

TEST_CASE("what was changed hides what the lowers have, and only that", "[vfs][overlay]") {
  Scene scene;
  REQUIRE(write_file(scene.files, "/etc/motd", "changed\n"));
  REQUIRE(write_file(scene.files, "/etc/new", "new\n"));
  CHECK(read_file(scene.files, "/etc/motd").value() == "changed\n");
  CHECK(read_file(scene.files, "/etc/deep/er/conf").value() == "deep\n");
  CHECK(names_in(scene.files, "/etc") == Names{"deep", "motd", "new"});
  testing::check_tree_equals(app_tree(), *scene.lower);
}

TEST_CASE("a whiteout hides a subtree, and a new directory there is opaque", "[vfs][overlay]") {
  Scene scene;
  REQUIRE(scene.files.remove_all("/etc/deep"));
  CHECK(error_of(scene.files.stat("/etc/deep/er")) == std::errc::no_such_file_or_directory);
  CHECK(names_in(scene.files, "/etc") == Names{"motd"});
  REQUIRE(create_directory(scene.files, "/etc/deep"));
  CHECK(names_in(scene.files, "/etc/deep").empty());
  testing::check_tree_equals(testing::read_tree(*scene.overlay), *scene.reopen());
}

TEST_CASE("every creating call takes away the whiteout it lands on", "[vfs][overlay]") {
  Scene scene;
  const auto check = [&](const char* what, auto make) {
    INFO(what);
    REQUIRE(unlink(scene.files, "/etc/motd"));
    CHECK(error_of(scene.files.stat("/etc/motd")) == std::errc::no_such_file_or_directory);
    REQUIRE(make());
    CHECK(scene.files.lstat("/etc/motd"));
    const auto changes = scene.records->load().value();
    CHECK(changes.back().kind == OverlayChange::Kind::show);
  };
  REQUIRE(write_file(scene.files, "/source", "s"));
  check("create", [&] { return write_file(scene.files, "/etc/motd", "x"); });
  check("symlink", [&] { return create_symlink(scene.files, "link", "/etc/motd"); });
  check("link", [&] { return scene.files.create_link("/source", "/etc/motd"); });
  check("mknod", [&] { return scene.files.create("/etc/motd", {.type = FileType::fifo}); });
  check("rename", [&] { return scene.files.rename("/source", "/etc/motd"); });
  REQUIRE(unlink(scene.files, "/etc/motd"));
  REQUIRE(create_directory(scene.files, "/etc/motd"));
  CHECK(scene.records->load()->back().kind == OverlayChange::Kind::show);
}

TEST_CASE("rmdir looks at the merged view", "[vfs][overlay]") {
  Scene scene;
  CHECK(error_of(remove_directory(scene.files, "/etc/deep")) == std::errc::directory_not_empty);
  REQUIRE(set_mode(scene.files, "/etc/deep", 0711));  // an empty directory of the upper by now
  CHECK(error_of(remove_directory(scene.files, "/etc/deep")) == std::errc::directory_not_empty);
  REQUIRE(unlink(scene.files, "/etc/deep/er/conf"));
  REQUIRE(remove_directory(scene.files, "/etc/deep/er"));
  REQUIRE(remove_directory(scene.files, "/etc/deep"));
  CHECK(error_of(scene.files.stat("/etc/deep")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("copy-up keeps what stat and xattr tell, of parents too", "[vfs][overlay]") {
  Scene scene;
  const Attributes before = scene.files.stat("/etc/motd").value();
  const Attributes parent = scene.files.stat("/etc/deep").value();
  REQUIRE(set_mode(scene.files, "/etc/motd", 0600));
  const Attributes after = scene.files.stat("/etc/motd").value();
  CHECK(after.mode == 0600);
  CHECK(after.modified == kLongAgo);
  CHECK(after.inode == before.inode);
  CHECK(after.node == before.node);
  CHECK(scene.files.stat("/etc")->modified == kLongAgo);
  CHECK(scene.files.stat("/etc")->mode == 0751);

  REQUIRE(scene.files.open_writable("/etc/deep/er/conf"));
  CHECK(scene.files.xattr("/etc/deep/er/conf", "user.a").value() == "1");
  CHECK(scene.files.stat("/etc/deep")->modified == kLongAgo);
  CHECK(scene.files.stat("/etc/deep")->mode == 0700);
  CHECK(scene.files.stat("/etc/deep")->inode == parent.inode);
  CHECK(scene.files.stat("/etc/deep")->links == 3);
  CHECK(scene.files.stat("/etc")->links == 3);
  CHECK(testing::find_node(*scene.reopen(), "etc/motd").inode == before.inode);
}

TEST_CASE("copy-up keeps holes", "[vfs][overlay]") {
  testing::Tree tree;
  tree.file("sparse", "");
  Scene scene(tree);
  REQUIRE(scene.lower->set_attributes(testing::find_node(*scene.lower, "sparse").node,
                                      {.size = 100'000'000}));
  REQUIRE(set_mode(scene.files, "/sparse", 0600));
  CHECK(scene.files.stat("/sparse")->size == 100'000'000);
  CHECK(scene.files.stat("/sparse")->blocks == 0);
}

TEST_CASE("all names of a file of a lower are copied up together", "[vfs][overlay]") {
  Scene scene;
  REQUIRE(write_file(scene.files, "/linked", "changed"));
  CHECK(read_file(scene.files, "/other/name").value() == "changed");
  CHECK(scene.files.stat("/other/name")->links == 2);
  CHECK(scene.files.stat("/other/name")->node == scene.files.stat("/linked")->node);
  REQUIRE(unlink(scene.files, "/linked"));
  CHECK(scene.files.stat("/other/name")->links == 1);
}

TEST_CASE("a file opened for reading is not copied, and sees what is written", "[vfs][overlay]") {
  Scene scene;
  const auto reader = scene.files.open("/etc/motd").value();
  CHECK(scene.upper->list(kRootNode, 0, 9)->empty());
  REQUIRE(write_file(scene.files, "/etc/motd", "changed\n"));
  CHECK(testing::read_all(*reader) == "changed\n");
  CHECK(reader->attributes()->node == scene.files.stat("/etc/motd")->node);
}

TEST_CASE("a file of a lower that is unlinked while open is an orphan", "[vfs][overlay]") {
  Scene scene;
  auto reader = scene.overlay->open(testing::find_node(*scene.overlay, "etc/motd").node).value();
  const NodeId node = reader->attributes()->node;
  REQUIRE(unlink(scene.files, "/etc/motd"));
  CHECK(testing::read_all(*reader) == "hello\n");
  CHECK(reader->attributes()->links == 0);
  CHECK(scene.overlay->attributes(node)->links == 0);
  CHECK(scene.overlay->set_attributes(node, {.mode = 0400})->mode == 0400);
  CHECK(error_of(scene.overlay->link(node, kRootNode, "back")) ==
        std::errc::no_such_file_or_directory);
  CHECK(testing::read_all(*reader) == "hello\n");
  reader.reset();
  CHECK(error_of(scene.overlay->attributes(node)) == kStaleNode);
}

TEST_CASE("a directory of a lower is renamed without its content", "[vfs][overlay]") {
  Scene scene;
  REQUIRE(unlink(scene.files, "/etc/deep/er/conf"));
  REQUIRE(write_file(scene.files, "/etc/deep/own", "own"));
  REQUIRE(scene.files.rename("/etc", "/moved"));
  CHECK(error_of(scene.files.stat("/etc")) == std::errc::no_such_file_or_directory);
  CHECK(read_file(scene.files, "/moved/motd").value() == "hello\n");
  CHECK(names_in(scene.files, "/moved/deep") == Names{"er", "own"});
  CHECK(names_in(scene.files, "/moved/deep/er").empty());
  REQUIRE(create_directory(scene.files, "/etc"));
  REQUIRE(scene.files.rename("/moved/deep", "/etc/deep"));
  CHECK(names_in(scene.files, "/etc/deep") == Names{"er", "own"});
  const auto again = scene.reopen();
  testing::check_tree_equals(testing::read_tree(*scene.overlay), *again);
  CHECK(scene.upper->lookup(testing::find_node(*scene.upper, "moved").node, "motd").has_value() ==
        false);
}

TEST_CASE("nothing is left of a copy-up that fails", "[vfs][overlay]") {
  Scene plain;
  const auto plan = std::make_shared<FaultPlan>();
  const auto overlay =
      make_overlay({.upper = make_writable_faulty(plain.upper, plan), .lowers = {plain.lower}})
          .value();
  const testing::Tree before = testing::read_tree(*overlay);
  const NodeId node = testing::find_node(*overlay, "etc/deep/er/conf").node;
  for (const ContractCall call : {ContractCall::create_unnamed, ContractCall::write_at,
                                  ContractCall::set_xattr, ContractCall::link}) {
    plan->add({.call = call, .error = std::errc::no_space_on_device});
    CHECK(error_of(overlay->open_writable(node)) == std::errc::no_space_on_device);
    testing::check_tree_equals(before, *overlay);
    CHECK(overlay->attributes(node)->size == 5);
  }
  CHECK(overlay->open_writable(node));
}

TEST_CASE("of several lowers the topmost shows, and directories merge", "[vfs][overlay]") {
  testing::Tree top;
  top.file("etc/motd", "top");
  top.file("only/file", "");
  testing::Tree bottom;
  bottom.file("etc/motd", "bottom");
  bottom.file("etc/other", "other");
  bottom.file("only", "hidden by a directory");
  bottom.directory("etc/sub");
  const auto make = [](const testing::Tree& tree) {
    std::shared_ptr<WritableFileSystem> files = providers::make_memory_file_system();
    testing::build_tree(tree, *files);
    return files;
  };
  MemoryNamespace upper;
  Namespace files;
  const auto overlay =
      make_overlay({.upper = upper.memory, .lowers = {make(top), make(bottom)}}).value();
  const Mount mount = files.mount("/", overlay).value();
  CHECK(read_file(files, "/etc/motd").value() == "top");
  CHECK(names_in(files, "/etc") == Names{"motd", "other", "sub"});
  CHECK(names_in(files, "/only") == Names{"file"});
  CHECK(files.stat("/etc")->links == 3);
  REQUIRE(unlink(files, "/etc/motd"));
  CHECK(names_in(files, "/etc") == Names{"other", "sub"});
  REQUIRE(files.rename("/etc", "/moved"));
  CHECK(names_in(files, "/moved") == Names{"other", "sub"});
  CHECK(told(*overlay) == Names{"-/etc", "+/moved", "+/moved/other", "+/moved/sub"});
}

TEST_CASE("diff tells what is added, modified and removed", "[vfs][overlay]") {
  Scene scene;
  CHECK(told(*scene.overlay).empty());
  REQUIRE(scene.files.open_writable("/etc/deep/er/conf"));  // a copy, but no change
  CHECK(told(*scene.overlay).empty());
  REQUIRE(write_file(scene.files, "/etc/motd", "changed\n"));
  REQUIRE(create_directories(scene.files, "/new/sub"));
  REQUIRE(unlink(scene.files, "/link"));
  REQUIRE(set_mode(scene.files, "/other", 0700));
  CHECK(told(*scene.overlay) == Names{"~/etc/motd", "-/link", "+/new", "+/new/sub", "~/other"});
  REQUIRE(scene.files.remove_all("/etc"));
  CHECK(told(*scene.overlay) == Names{"-/etc", "-/link", "+/new", "+/new/sub", "~/other"});
  CHECK(scene.overlay->is_untouched("/linked").value());
  CHECK_FALSE(scene.overlay->is_untouched("/etc/motd").value());
  CHECK_FALSE(scene.overlay->is_untouched("/new").value());
  CHECK(scene.overlay->is_untouched("/nothing/there").value());
}

TEST_CASE("what is below a moved or replaced directory is touched", "[vfs][overlay]") {
  Scene scene;
  CHECK(scene.overlay->is_untouched("/etc/motd").value());
  REQUIRE(set_mode(scene.files, "/etc", 0700));
  CHECK(scene.overlay->is_untouched("/etc/motd").value());
  REQUIRE(scene.files.rename("/etc", "/moved"));
  CHECK_FALSE(scene.overlay->is_untouched("/moved/motd").value());
  CHECK_FALSE(scene.overlay->is_untouched("/moved/deep/er").value());
  CHECK_FALSE(scene.overlay->is_untouched("/etc/motd").value());
  REQUIRE(create_directories(scene.files, "/etc/deep"));
  CHECK_FALSE(scene.overlay->is_untouched("/etc/motd").value());
  CHECK_FALSE(scene.overlay->is_untouched("/etc/deep/er").value());
  REQUIRE(scene.files.remove_all("/etc"));
  REQUIRE(scene.files.rename("/moved", "/etc"));
  CHECK(scene.overlay->is_untouched("/etc/motd").value());
}

TEST_CASE("commit into the lower keeps what only the lower has", "[vfs][overlay]") {
  testing::Tree tree;
  tree.file("one/file", "first");
  tree.file("two/file", "second");
  tree.file("moved/deep/file", "third");
  tree.file("moved/file", "fourth");
  Scene scene(tree);
  REQUIRE(scene.files.rename("/moved", "/elsewhere"));
  REQUIRE(create_directory(scene.files, "/moved"));
  REQUIRE(write_file(scene.files, "/moved/file", "new"));
  REQUIRE(scene.files.rename("/one", "/two", RenameMode::exchange));
  const auto committed = commit(*scene.overlay, *scene.lower);
  INFO((committed ? "" : committed.error().message()));
  REQUIRE(committed);
  Namespace lower;
  const auto mount = lower.mount("/", scene.lower).value();
  CHECK(read_file(lower, "/one/file").value() == "second");
  CHECK(read_file(lower, "/two/file").value() == "first");
  CHECK(read_file(lower, "/elsewhere/deep/file").value() == "third");
  CHECK(read_file(lower, "/elsewhere/file").value() == "fourth");
  CHECK(read_file(lower, "/moved/file").value() == "new");
  CHECK(names_in(lower, "/") == Names{"elsewhere", "moved", "one", "two"});
  CHECK(names_in(lower, "/moved") == Names{"file"});
}

TEST_CASE("commit makes the target equal, discard the overlay", "[vfs][overlay]") {
  Scene scene;
  std::shared_ptr<WritableFileSystem> target = providers::make_memory_file_system();
  testing::build_tree(app_tree(), *target);
  REQUIRE(write_file(scene.files, "/linked", "changed"));
  REQUIRE(scene.files.rename("/etc", "/moved"));
  REQUIRE(write_file(scene.files, "/etc", "a file now"));
  REQUIRE(scene.files.set_xattr("/moved/motd", "user.b", "2"));
  REQUIRE(unlink(scene.files, "/link"));
  REQUIRE(create_directory(scene.files, "/link"));
  REQUIRE(commit(*scene.overlay, *target));
  testing::check_tree_equals(testing::read_tree(*scene.overlay), *target);
  REQUIRE(commit(*scene.overlay, *target));
  testing::check_tree_equals(testing::read_tree(*scene.overlay), *target);

  REQUIRE(scene.overlay->discard());
  CHECK(told(*scene.overlay).empty());
  testing::check_tree_equals(app_tree(), *scene.overlay);
  CHECK(scene.upper->list(kRootNode, 0, 9)->empty());
  testing::check_tree_equals(app_tree(), *scene.reopen());
}

TEST_CASE("an overlay needs its file systems", "[vfs][overlay]") {
  CHECK(error_of(make_overlay({})) == std::errc::invalid_argument);
  CHECK(error_of(make_overlay({.upper = providers::make_memory_file_system(),
                               .lowers = {nullptr}})) == std::errc::invalid_argument);
}

}  // namespace seabag::vfs
