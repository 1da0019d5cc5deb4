#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"
#include "seabag/bundler/pack.h"
#include "seabag/inspect/extract.h"
#include "seabag/providers/sqlite_check.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/node.h"

/// The JSON of `--json`: objects without a line end. Names that are not UTF-8 are shown with
/// replacement characters and given exactly, in hexadecimal, as `path_hex`.
namespace seabag::command {

/// One path as `list` and `stat` tell it.
struct Row {
  std::string_view path;
  vfs::Attributes attributes;
  std::string target = {};            ///< symlinks
  const vfs::Asset* asset = nullptr;  ///< regular files, for `stat`
};

/// What a tree takes.
struct Usage {
  std::string_view path;
  std::uint64_t nodes = 0;
  std::uint64_t bytes = 0;      ///< of files
  std::uint64_t allocated = 0;  ///< bytes of storage
};

/// A difference between two trees: `-` in the first only, `+` in the second only, `M` differs.
struct PathChange {
  std::string_view path;
  char change = 'M';
};

[[nodiscard]] std::string to_json(const Row& row);
[[nodiscard]] std::string to_json(const Usage& usage);
[[nodiscard]] std::string to_json(const PathChange& change);
[[nodiscard]] std::string to_json(const bundle::BundleInfo& info);
[[nodiscard]] std::string to_json(const bundle::VerifyReport& report);
[[nodiscard]] std::string to_json(const inspect::ExtractReport& report);
[[nodiscard]] std::string to_json(const providers::SqliteCheckReport& report);
[[nodiscard]] std::string to_json(const bundler::PackReport& report, std::string_view output);

}  // namespace seabag::command
