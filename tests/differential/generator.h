#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "operation.h"

namespace seabag::testing {

/// What a provider documents that it cannot do is not asked of it.
struct Abilities {
  bool special_files = true;
  bool reservations = true;  ///< fallocate(2) with FALLOC_FL_KEEP_SIZE behind the end
};

/// Random operations, the same for the same seed and the same `learn` calls. One thread at a time.
class Generator {
 public:
  Generator(std::uint64_t seed, Abilities abilities) : abilities_(abilities), random_(seed) {}

  [[nodiscard]] Operation next();

  /// A path that exists now: operations meet it more often than by chance.
  void learn(std::string path);
  /// Replaces all that was learnt.
  void learn_all(std::vector<std::string> paths) { known_ = std::move(paths); }

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] bool one_in(std::uint64_t chance) { return below(chance) == 0; }
  template <typename Container>
  [[nodiscard]] const auto& one_of(const Container& all) {
    return all[below(all.size())];
  }

  [[nodiscard]] Act pick_act();
  [[nodiscard]] std::string name();
  [[nodiscard]] std::string known_path();
  [[nodiscard]] std::string new_path();
  [[nodiscard]] std::string odd_path();
  [[nodiscard]] std::string decorated(std::string path);
  /// For what should exist, and for what should not.
  [[nodiscard]] std::string old_path();
  [[nodiscard]] std::string free_path();
  [[nodiscard]] std::string link_target();
  [[nodiscard]] std::string xattr_name();
  [[nodiscard]] std::uint64_t offset();
  [[nodiscard]] std::uint64_t length();
  [[nodiscard]] std::uint32_t mode();
  [[nodiscard]] std::optional<std::uint32_t> owner();
  [[nodiscard]] std::optional<vfs::NewTime> time();
  void fill_open(Operation& operation);
  void fill_path(Operation& operation);
  void fill_changes(Operation& operation);
  void fill_file(Operation& operation);

  Abilities abilities_;
  std::mt19937_64 random_;
  std::vector<std::string> known_;
};

}  // namespace seabag::testing
