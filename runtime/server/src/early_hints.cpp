#include "early_hints.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace seabag::server {
namespace {

constexpr std::uint64_t kLongest = std::uint64_t{1024} * 1024;

bool is_link(std::string_view name) {
  constexpr std::string_view kLink = "link";
  return std::equal(name.begin(), name.end(), kLink.begin(), kLink.end(),
                    [](char c, char small) { return c == small || c == small - 32; });
}

/// Other relations are of no use before the answer.
bool is_hint(std::string_view value) {
  constexpr std::string_view kRelations[] = {"rel=preload",       "rel=\"preload\"",
                                             "rel=modulepreload", "rel=\"modulepreload\"",
                                             "rel=preconnect",    "rel=\"preconnect\""};
  return std::any_of(std::begin(kRelations), std::end(kRelations), [&](std::string_view relation) {
    return value.find(relation) != std::string_view::npos;
  });
}

}  // namespace

EarlyHints::EarlyHints(const vfs::AssetSource& assets) : file_(assets, "/_headers", kLongest) {}

Result<void> EarlyHints::load() {
  const std::optional<std::string> text = SEABAG_TRY(file_.read());
  if (text) {
    rules_ = SEABAG_TRY(http::HeaderRules::parse(*text));
  }
  return {};
}

std::string EarlyHints::lines_for(std::string_view path) const {
  std::string lines;
  if (rules_.size() == 0 || !rules_.matches(path)) {
    return lines;
  }
  const std::vector<std::string> paths{std::string(path)};
  for (const http::HeaderChange& change : rules_.changes_for(paths)) {
    if (is_link(change.name) && change.kind == http::HeaderChange::Kind::remove) {
      lines.clear();
    } else if (is_link(change.name) && is_hint(change.value)) {
      lines += "Link: " + change.value + "\r\n";
    }
  }
  return lines;
}

}  // namespace seabag::server
