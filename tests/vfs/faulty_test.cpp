#include "seabag/vfs/faulty.h"

#include <array>
#include <limits>
#include <span>

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

/// A namespace over a file system that fails as planned.
struct FaultyNamespace {
  std::shared_ptr<FaultPlan> plan = std::make_shared<FaultPlan>();
  std::shared_ptr<WritableFileSystem> faulty =
      make_writable_faulty(providers::make_memory_file_system(), plan);
  Namespace files;
  Mount root = files.mount("/", faulty).value();
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST_CASE("the n-th call fails and the others do not", "[vfs][faulty]") {
  FaultyNamespace tree;
  build(tree.files, {"/f"});
  tree.plan->add({.call = ContractCall::open, .error = std::errc::too_many_files_open, .nth = 2});
  CHECK(tree.files.open("/f"));
  CHECK(error_of(tree.files.open("/f")) == std::errc::too_many_files_open);
  CHECK(tree.files.open("/f"));
  CHECK(tree.plan->count(ContractCall::open) == 3);
}

TEST_CASE("a fault lasts as long as it is told to", "[vfs][faulty]") {
  FaultyNamespace tree;
  build(tree.files, {"/f"});
  tree.plan->add({.call = ContractCall::lookup, .times = 2});
  CHECK(error_of(tree.files.stat("/f")) == std::errc::io_error);
  CHECK(error_of(tree.files.stat("/f")) == std::errc::io_error);
  CHECK(tree.files.stat("/f"));
  tree.plan->add(
      {.call = ContractCall::lookup, .times = std::numeric_limits<std::uint64_t>::max()});
  for (int repeat = 0; repeat < 10; ++repeat) {
    CHECK(error_of(tree.files.stat("/f")) == std::errc::io_error);
  }
  tree.plan->clear();
  CHECK(tree.files.stat("/f"));
}

TEST_CASE("a failing call has no effect", "[vfs][faulty]") {
  FaultyNamespace tree;
  build(tree.files, {"/f", "/d/"});
  for (const ContractCall call :
       {ContractCall::create, ContractCall::link, ContractCall::remove, ContractCall::rename,
        ContractCall::set_attributes, ContractCall::set_xattr, ContractCall::open_writable,
        ContractCall::append, ContractCall::resize}) {
    tree.plan->add({.call = call});
  }
  CHECK_FALSE(create_directory(tree.files, "/new"));
  CHECK_FALSE(tree.files.create_link("/f", "/g"));
  CHECK_FALSE(unlink(tree.files, "/f"));
  CHECK_FALSE(tree.files.rename("/f", "/g"));
  CHECK_FALSE(set_mode(tree.files, "/f", 0));
  CHECK_FALSE(tree.files.set_xattr("/f", "user.a", ""));
  CHECK_FALSE(tree.files.open_writable("/f"));
  const auto file = tree.files.open_writable("/f").value();
  CHECK_FALSE(file->append(bytes_of("x")));
  CHECK_FALSE(file->resize(0));
  CHECK(names_in(tree.files, "/") == Names{"d", "f"});
  CHECK(read_file(tree.files, "/f").value() == "/f");
}

TEST_CASE("errors of open files can be planned too", "[vfs][faulty]") {
  FaultyNamespace tree;
  build(tree.files, {"/f"});
  const auto file = tree.files.open_writable("/f").value();
  tree.plan->add({.call = ContractCall::read_at, .nth = 2});
  tree.plan->add({.call = ContractCall::sync_file});
  std::array<std::byte, 8> buffer{};
  CHECK(file->read_at(buffer, 0).value() == 2);
  const auto failed = file->read_at(buffer, 0);
  CHECK(error_of(failed) == std::errc::io_error);
  CHECK(failed.error().message() == "read '/f': Input/output error (injected fault)");
  CHECK(error_of(file->sync(SyncScope::data)) == std::errc::io_error);
  CHECK(file->sync(SyncScope::data));
}

TEST_CASE("when space runs out a write is cut short, then refused", "[vfs][faulty]") {
  FaultyNamespace tree;
  build(tree.files, {"/f"});
  const auto file = tree.files.open_writable("/f", {.truncate = true}).value();
  tree.plan->limit_space(5);
  CHECK(file->append(bytes_of("abc")).value() == 3);
  CHECK(file->append(bytes_of("def")).value() == 2);
  CHECK(error_of(file->append(bytes_of("g"))) == std::errc::no_space_on_device);
  CHECK(error_of(file->write_at(bytes_of("g"), 0)) == std::errc::no_space_on_device);
  CHECK(error_of(file->allocate(AllocateMode::extend, 0, 1)) == std::errc::no_space_on_device);
  CHECK(read_file(tree.files, "/f").value() == "abcde");
  CHECK(error_of(write_file(tree.files, "/g", "x")) == std::errc::no_space_on_device);
  tree.plan->limit_space({});
  CHECK(write_file(tree.files, "/g", "x"));
}

TEST_CASE("write_file reports a short write as ENOSPC", "[vfs][faulty]") {
  FaultyNamespace tree;
  tree.plan->limit_space(3);
  const auto written = write_file(tree.files, "/f", "12345");
  CHECK(error_of(written) == std::errc::no_space_on_device);
  CHECK(written.error().path == "/f");
}

TEST_CASE("a hook sees every call before it is made", "[vfs][faulty]") {
  FaultyNamespace tree;
  build(tree.files, {"/d/", "/d/f"});
  std::vector<ContractCall> seen;
  tree.plan->set_hook([&](ContractCall call) { seen.push_back(call); });
  CHECK(tree.files.open("/d/f"));
  CHECK(seen == std::vector{ContractCall::lookup, ContractCall::lookup, ContractCall::open});
  tree.plan->set_hook({});
  CHECK(tree.files.open("/d/f"));
  CHECK(seen.size() == 3);
}

TEST_CASE("what is missing because of a race is looked for again", "[vfs][faulty][walk]") {
  FaultyNamespace tree;
  build(tree.files, {"/f"});
  tree.plan->add({.call = ContractCall::open, .error = kStaleNode, .times = 3});
  CHECK(tree.files.open("/f"));
  CHECK(tree.plan->count(ContractCall::open) == 4);
}

TEST_CASE("a provider that always says ESTALE is heard", "[vfs][faulty][walk]") {
  FaultyNamespace tree;
  build(tree.files, {"/f"});
  tree.plan->add({.call = ContractCall::lookup,
                  .error = kStaleNode,
                  .times = std::numeric_limits<std::uint64_t>::max()});
  CHECK(error_of(tree.files.stat("/f")) == kStaleNode);
}

TEST_CASE("if somebody else makes the file first, O_CREAT opens theirs", "[vfs][faulty][open]") {
  FaultyNamespace tree;
  tree.plan->set_hook([&, done = false](ContractCall call) mutable {
    if (call == ContractCall::create && !done) {
      done = true;
      build(tree.files, {"/f"});
    }
  });
  CHECK(tree.files.open_writable("/f", {.create = CreateMode::if_missing}));
  CHECK(read_file(tree.files, "/f").value() == "/f");
}

TEST_CASE("if somebody else makes the file first, O_EXCL is EEXIST", "[vfs][faulty][open]") {
  FaultyNamespace tree;
  tree.plan->set_hook([&, done = false](ContractCall call) mutable {
    if (call == ContractCall::create && !done) {
      done = true;
      build(tree.files, {"/f"});
    }
  });
  CHECK(error_of(tree.files.open_writable("/f", {.create = CreateMode::exclusive})) ==
        std::errc::file_exists);
}

TEST_CASE("a broken mount does not hide its siblings or what is mounted below it",
          "[vfs][faulty][mount]") {
  FaultyNamespace broken;
  MemoryNamespace tree;
  build(tree.files, {"/d/"});
  const Mount outer = tree.files.mount("/m", broken.faulty).value();
  const Mount inner = tree.files.mount("/m/x/y", providers::make_memory_file_system()).value();
  broken.plan->add({.call = ContractCall::attributes, .times = 1000});
  broken.plan->add({.call = ContractCall::lookup, .times = 1000});
  CHECK(names_in(tree.files, "/") == Names{"d", "m"});
  CHECK(error_of(tree.files.stat("/m")) == std::errc::io_error);
  CHECK(error_of(tree.files.stat("/m/other")) == std::errc::io_error);
  CHECK(write_file(tree.files, "/m/x/y/f", "reached"));
}

}  // namespace
}  // namespace seabag::vfs
