// Each decorator is a provider.
#include "memory_namespace.h"
#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/faulty.h"
#include "seabag/vfs/observed.h"
#include "seabag/vfs/prefix.h"
#include "seabag/vfs/read_only.h"
#include "support/provider_contract.h"

namespace seabag::vfs {
namespace {

std::shared_ptr<WritableFileSystem> make_thawed() {
  return std::make_shared<ReadOnlyFileSystem>(providers::make_memory_file_system());
}

std::shared_ptr<FileSystem> make_frozen(const testing::Tree& tree) {
  auto files = std::make_shared<ReadOnlyFileSystem>(providers::make_memory_file_system());
  testing::build_tree(tree, *files);
  files->freeze();
  return files;
}

/// Two levels deep, with something beside it.
std::shared_ptr<WritableFileSystem> make_empty_prefix() {
  MemoryNamespace tree;
  build(tree.files, {"/beside", "/a/", "/a/beside", "/a/top/"});
  return make_writable_prefix(tree.memory, "/a/top").value();
}

std::shared_ptr<FileSystem> make_prefix_with(const testing::Tree& tree) {
  MemoryNamespace outer;
  build(outer.files, {"/beside", "/a/", "/a/beside", "/a/top/"});
  testing::build_tree(tree, *make_writable_prefix(outer.memory, "/a/top").value());
  return make_prefix(outer.memory, "/a/top").value();
}

std::shared_ptr<WritableFileSystem> make_without_faults() {
  return make_writable_faulty(providers::make_memory_file_system(), std::make_shared<FaultPlan>());
}

std::shared_ptr<FileSystem> make_without_faults_with(const testing::Tree& tree) {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  testing::build_tree(tree, *memory);
  return make_faulty(memory, std::make_shared<FaultPlan>());
}

std::shared_ptr<WritableFileSystem> make_unwatched() {
  return make_observed(providers::make_memory_file_system());
}

/// Keeps its observation for as long as it lives.
std::shared_ptr<WritableFileSystem> make_watched() {
  struct Watched {
    std::shared_ptr<WritableFileSystem> files = make_unwatched();
    ChangeFeed::Observation observation = files->capabilities().changes->observe([](auto&) {});
  };
  const auto watched = std::make_shared<Watched>();
  return {watched, watched->files.get()};
}

TEST_CASE("observed is a provider while nobody observes", "[vfs][observed][contract]") {
  testing::check_write_contract(make_unwatched);
}

TEST_CASE("observed is a provider while somebody observes", "[vfs][observed][contract]") {
  testing::check_write_contract(make_watched);
}

TEST_CASE("read-only is a provider until it is frozen", "[vfs][read_only][contract]") {
  testing::check_write_contract(make_thawed);
}

TEST_CASE("read-only is a provider to read when it is frozen", "[vfs][read_only][contract]") {
  testing::check_read_contract(make_frozen);
}

TEST_CASE("a prefix is a provider", "[vfs][prefix][contract]") {
  testing::check_write_contract(make_empty_prefix);
}

TEST_CASE("a prefix is a provider to read", "[vfs][prefix][contract]") {
  testing::check_read_contract(make_prefix_with);
}

TEST_CASE("faulty is a provider as long as nothing fails", "[vfs][faulty][contract]") {
  testing::check_write_contract(make_without_faults);
}

TEST_CASE("faulty is a provider to read as long as nothing fails", "[vfs][faulty][contract]") {
  testing::check_read_contract(make_without_faults_with);
}

}  // namespace
}  // namespace seabag::vfs
