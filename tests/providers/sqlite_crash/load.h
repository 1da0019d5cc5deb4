#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "seabag/vfs/file_system.h"

/// A load of changes that is the same for the same seed, so that what a killed process left can be
/// compared with what it must have left.
namespace seabag::testing {

/// One file of the load: its bytes are the start of an endless stream that its number tells.
struct LoadFile {
  std::uint64_t stream = 0;
  std::uint64_t size = 0;

  bool operator==(const LoadFile&) const = default;
};

/// What a directory holds after some step of the load.
using LoadState = std::map<std::string, LoadFile>;

enum class LoadAction : std::uint8_t { create, append, resize, rename, remove, sync };

struct LoadStep {
  LoadAction action = LoadAction::sync;
  std::string name = {};
  std::string other = {};    ///< rename: the new name
  std::uint64_t amount = 0;  ///< append: bytes; resize: the new size
  std::uint64_t stream = 0;  ///< of a file that the step makes
};

/// The bytes of a stream from an offset on.
[[nodiscard]] std::string stream_bytes(std::uint64_t stream, std::uint64_t offset,
                                       std::uint64_t count);

/// Generates the steps and knows what they come to.
class LoadModel {
 public:
  explicit LoadModel(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] LoadStep next();
  void apply(const LoadStep& step);
  [[nodiscard]] const LoadState& state() const { return state_; }

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t end);
  [[nodiscard]] std::string some_name();

  std::mt19937_64 random_;
  LoadState state_;
  std::uint64_t streams_ = 0;
};

/// How far a process has come; in memory that it shares with whoever kills it.
struct LoadProgress {
  std::atomic<std::uint64_t> begun{0};   ///< steps begun
  std::atomic<std::uint64_t> synced{0};  ///< steps known to be durable
};

/// Runs the load in a directory until an error, which it gives back.
[[nodiscard]] Error run_load(vfs::WritableFileSystem& files, vfs::NodeId directory,
                             std::uint64_t seed, LoadProgress& progress);

/// Whether the directory holds what the load must have left: the state after one of the steps from
/// `first` on and before `end`. Otherwise a line that says what is wrong.
[[nodiscard]] std::optional<std::string> check_load(vfs::WritableFileSystem& files,
                                                    vfs::NodeId directory, std::uint64_t seed,
                                                    std::pair<std::uint64_t, std::uint64_t> steps);

}  // namespace seabag::testing
