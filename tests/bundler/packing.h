#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/bundle/reader.h"
#include "seabag/bundler/pack.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::testing {

/// A place to pack in: `in/` for inputs, `out/` for outputs, `cache/`.
class Workshop {
 public:
  Workshop();

  [[nodiscard]] std::filesystem::path input(std::string_view name = {}) const;
  [[nodiscard]] std::filesystem::path output(std::string_view name = "app") const;
  [[nodiscard]] std::filesystem::path cache() const { return root_ / "cache"; }
  [[nodiscard]] const std::filesystem::path& root() const { return root_.path(); }

  /// Makes a tree in `in/NAME`.
  std::filesystem::path make(const Tree& tree, std::string_view name = "site") const;

  /// Options that pack these inputs (PATH or PATH:/PREFIX) into `output()`, without a cache.
  [[nodiscard]] bundler::PackOptions options(const std::vector<std::string>& inputs) const;

  /// That nothing is in `out/`, under no name.
  [[nodiscard]] bool is_output_empty() const;

 private:
  TempDir root_;
};

/// Packs and verifies what comes out; fails the test when either fails. The report is told to
/// `report` when it is not null.
std::unique_ptr<bundle::Bundle> pack_and_open(const bundler::PackOptions& options,
                                              bundler::PackReport* report = nullptr);

/// Packs, expects that to fail and nothing to be left behind in the output's directory; the error's
/// message.
[[nodiscard]] std::string pack_error(const bundler::PackOptions& options);

void write_file(const std::filesystem::path& path, std::string_view text);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Text that compresses well: the same for the same arguments.
[[nodiscard]] std::string prose(std::size_t size, unsigned seed = 1);

/// The stored bytes of a form of a file; empty when there is none.
[[nodiscard]] std::string stored(const bundle::Bundle& bundle, std::string_view path,
                                 vfs::Encoding encoding);

}  // namespace seabag::testing
