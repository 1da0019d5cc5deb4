#pragma once

#include <functional>
#include <memory>

#include "seabag/vfs/file_system.h"
#include "support/tree.h"

/// The suite that defines what a provider (or a decorator) is. A provider's own test is about ten
/// lines: it says how to make an empty file system and calls the suite.
///
///   std::shared_ptr<vfs::WritableFileSystem> make_empty() { return make_memory_file_system(); }
///
///   TEST_CASE("memory is a provider", "[providers][memory]") {
///     testing::check_write_contract(make_empty);
///   }
///   TEST_CASE("memory holds a tree", "[providers][memory]") {
///     testing::check_read_contract(testing::tree_built_with(make_empty));
///   }
///
/// Where a provider legitimately cannot do a thing, its `Capabilities` say so and the suite asks
/// for the error that the contract names instead. Everything else is the same for all.
namespace seabag::testing {

/// Makes an empty writable file system: a root directory without entries. What it stands on (a
/// temporary directory, a database) can be kept alive by the pointer's owner.
using WritableFactory = std::function<std::shared_ptr<vfs::WritableFileSystem>()>;

/// Makes a file system that holds exactly this tree.
using TreeFactory = std::function<std::shared_ptr<vfs::FileSystem>(const Tree&)>;

/// The factory of trees that a writable provider has of itself: make it empty, then build.
[[nodiscard]] TreeFactory tree_built_with(WritableFactory make_empty);

/// Checks everything about reading. Call it from a TEST_CASE of its own: it is made of SECTIONs.
void check_read_contract(const TreeFactory& make_tree);

/// Checks everything about changing, and reading what was changed. Call it from a TEST_CASE of its
/// own.
void check_write_contract(const WritableFactory& make_empty);

/// Several threads at once; part of `check_write_contract`, and alone for runs under
/// ThreadSanitizer.
void check_concurrency_contract(const WritableFactory& make_empty);

}  // namespace seabag::testing
