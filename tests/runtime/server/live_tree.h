#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "seabag/providers/memory.h"
#include "seabag/server/live_assets.h"
#include "seabag/vfs/namespace.h"
#include "support/catch.h"

namespace seabag::test {

/// Not a good hash, but one that sees all bytes.
inline std::array<std::byte, 16> simple_hash(std::span<const std::byte> bytes) {
  std::uint64_t state = 14695981039346656037U;
  for (const std::byte byte : bytes) {
    state = (state ^ static_cast<std::uint64_t>(byte)) * 1099511628211U;
  }
  std::array<std::byte, 16> hash{};
  for (std::size_t i = 0; i < 8; ++i) {
    hash[i] = static_cast<std::byte>(state >> (8 * i));
  }
  return hash;
}

/// A tree in memory whose clock stands still until a test moves it.
class LiveTree {
 public:
  LiveTree() {
    auto files = providers::make_memory_file_system({.clock = [this] { return now; }});
    mount_.emplace(space.mount("/", std::move(files)).value());
  }

  /// Writes a file a second later than the one before.
  void write(const std::string& path, const std::string& content) {
    ++now.seconds;
    auto file =
        space.open_writable(path, {.create = vfs::CreateMode::if_missing, .truncate = true});
    REQUIRE(file);
    REQUIRE((*file)->write_at(std::as_bytes(std::span<const char>(content)), 0));
  }
  void make_directory(const std::string& path) {
    REQUIRE(space.create(path, {.type = vfs::FileType::directory, .mode = 0755}));
  }
  std::unique_ptr<server::LiveAssets> assets(server::LiveOptions options = {}) {
    options.hash = simple_hash;
    auto made = server::LiveAssets::create(space, std::move(options));
    REQUIRE(made);
    return std::move(*made);
  }

  vfs::Timestamp now{.seconds = 1'700'000'000, .nanoseconds = 0};
  vfs::Namespace space;

 private:
  std::optional<vfs::Mount> mount_;
};

}  // namespace seabag::test
