#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/bundle/writer.h"
#include "support/tree.h"

/// Bundles made from described trees, without the bundler.
namespace seabag::testing {

struct BundleOptions {
  std::string config = {};
  std::int64_t created = 0;
  /// An executable with a slot; empty: a bare bundle.
  std::filesystem::path stub = {};
};

/// The header fields that `write_bundle` gives to names that end in `.html`; others have none.
inline constexpr std::string_view kHtmlFields = "Content-Type: text/html; charset=utf-8\r\n";
inline constexpr std::string_view kHtmlNotModifiedFields = "Cache-Control: no-cache\r\n";

/// Contents from this length on get a gzip and a br variant: stand-ins, which decode to nothing.
inline constexpr std::size_t kVariantsFrom = 32;
[[nodiscard]] std::string stand_in(std::string_view content, std::string_view encoding);

/// Registers a content with its stand-ins.
[[nodiscard]] bundle::ContentId add_content(bundle::Writer& writer, std::string_view content);

/// Writes a bundle that holds exactly this tree, each distinct content once; fails the running test
/// when it cannot.
bundle::WriteReport write_bundle(const Tree& tree, const std::filesystem::path& output,
                                 const BundleOptions& options = {});

/// The same as bytes.
[[nodiscard]] std::vector<std::byte> bundle_bytes(const Tree& tree,
                                                  const BundleOptions& options = {});

/// All bytes of a real file; fails the test when it cannot be read.
[[nodiscard]] std::vector<std::byte> file_bytes(const std::filesystem::path& path);
/// Makes or replaces a real file.
void write_file_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes);

[[nodiscard]] inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace seabag::testing
