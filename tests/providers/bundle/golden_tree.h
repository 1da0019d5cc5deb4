#pragma once

#include "support/bundle_builder.h"

namespace seabag::testing {

/// What the golden file of format version 1 holds: one of everything, and small.
[[nodiscard]] inline Tree golden_tree() {
  Tree tree;
  tree.file("index.html", "<!doctype html><title>Golden</title><p>Hello.</p>").modified =
      vfs::Timestamp{1'700'000'000, 123'456'789};
  tree.file("copy.html", "<!doctype html><title>Golden</title><p>Hello.</p>");
  tree.file("empty", "");
  tree.file("run", "#!/bin/sh\n", 0755).modified = vfs::Timestamp{-1, 1};
  tree.directory("empty directory", 0700);
  tree.file("assets/style.css", "p { margin: 0 }\n");
  tree.file("assets/deep/er/data.bin", std::string("\0\1\2\xff", 4));
  tree.hard_link("assets/twin.css", "assets/style.css");
  tree.symlink("latest", "assets");
  tree.symlink("dangling", "/nowhere");
  tree.file("\xff not text", "bytes");
  return tree;
}

[[nodiscard]] inline BundleOptions golden_options() {
  return {.config = "[server]\nlisten = [\"127.0.0.1:8080\"]\n", .created = 1'700'000'000};
}

}  // namespace seabag::testing
