#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/net/address.h"
#include "support/bundle_builder.h"
#include "support/catch.h"
#include "support/loopback.h"
#include "support/program.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::testing {

inline constexpr std::string_view kPage = "<!doctype html><title>Packed</title>\n";

/// The real stub with a small site, in a directory of its own.
struct PackedApp {
  explicit PackedApp(const BundleOptions& options = {}) : path(directory / "app") {
    // Others may start it too.
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    tree.file("index.html", kPage);
    tree.file("notes/read me.txt", "spaces\n").modified =
        vfs::Timestamp{.seconds = 1'700'000'000, .nanoseconds = 5};
    tree.file("bin/tool", "#!/bin/sh\n", 0755);
    tree.symlink("latest", "notes");
    BundleOptions with_stub = options;
    with_stub.stub = SEABAG_STUB;
    write_bundle(tree, path, with_stub);
  }

  Tree tree;
  TempDir directory;
  std::filesystem::path path;
};

/// A packed app that serves on a free port of the loopback address until the end of scope.
class ServingApp {
 public:
  explicit ServingApp(const std::string& path, std::vector<std::string> arguments = {},
                      const Surroundings& surroundings = {})
      : program_(path, with_address(std::move(arguments)), surroundings) {
    const std::string line = program_.read_line();
    constexpr std::string_view kStart = "Serving on http://";
    INFO(line);
    REQUIRE(line.starts_with(kStart));
    address_ = net::Address::parse(line.substr(kStart.size())).value();
  }

  [[nodiscard]] const net::Address& address() const { return address_; }
  [[nodiscard]] Program& program() { return program_; }

  [[nodiscard]] test::Reply get(const std::string& target) const {
    test::Loopback client(address_);
    return client.ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

 private:
  static std::vector<std::string> with_address(std::vector<std::string> arguments) {
    // Behind the command, if there is one, and before other addresses.
    const auto first_flag =
        std::find_if(arguments.begin(), arguments.end(),
                     [](const std::string& argument) { return argument.starts_with("--"); });
    arguments.insert(first_flag, {"--listen", "127.0.0.1:0"});
    return arguments;
  }

  Program program_;
  net::Address address_;
};

}  // namespace seabag::testing
