#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/bundle_builder.h"
#include "support/tree.h"

namespace seabag::testing {

/// Names of the programs that open the bundle inside themselves, one for each way of linking.
[[nodiscard]] inline std::vector<std::string> self_app_kinds() {
  std::vector<std::string> kinds;
  std::string rest = SEABAG_SELF_APP_KINDS;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    kinds.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  return kinds;
}

[[nodiscard]] inline std::filesystem::path self_app(const std::string& kind) {
  return std::filesystem::path(SEABAG_SELF_APPS) / kind;
}

/// The one that stands for the stub: static where it can be.
[[nodiscard]] inline std::filesystem::path stub_app() {
  const auto kinds = self_app_kinds();
  const bool has_static =
      std::find(kinds.begin(), kinds.end(), "self_app_static_pie") != kinds.end();
  return self_app(has_static ? "self_app_static_pie" : "self_app_pie");
}

/// What is packed into them: `/file` and something large.
[[nodiscard]] inline Tree packed_tree() {
  Tree tree;
  tree.file("file", "from inside\n");
  tree.file("large", noise(3'000'000));
  tree.file("directory/page.html", "<p>a page that is long enough to have variants</p>");
  tree.symlink("latest", "directory");
  return tree;
}

}  // namespace seabag::testing
