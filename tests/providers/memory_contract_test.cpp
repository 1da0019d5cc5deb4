#include "seabag/providers/memory.h"
#include "support/catch.h"
#include "support/provider_contract.h"

namespace seabag::providers {
namespace {

std::shared_ptr<vfs::WritableFileSystem> make_empty() { return make_memory_file_system(); }

TEST_CASE("memory is a provider that can be written", "[providers][memory][contract]") {
  testing::check_write_contract(make_empty);
}

TEST_CASE("memory is a provider that can be read", "[providers][memory][contract]") {
  testing::check_read_contract(testing::tree_built_with(make_empty));
}

}  // namespace
}  // namespace seabag::providers
