#include "providers/sqlite_crash/load.h"

#include <algorithm>
#include <array>
#include <memory>

namespace seabag::testing {
namespace {

constexpr std::uint64_t kNames = 12;
constexpr std::uint64_t kLargestAppend = 150'000;
constexpr std::uint64_t kLargestFile = 1'000'000;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

using OpenFile = std::unique_ptr<vfs::WritableFile>;

/// Runs steps on a directory. Every now and then a file stays open, so that what is removed or
/// replaced is an orphan.
class Runner {
 public:
  Runner(vfs::WritableFileSystem& files, vfs::NodeId directory)
      : files_(files), directory_(directory) {}

  Result<void> run(const LoadStep& step, const LoadFile& before) {
    switch (step.action) {
      case LoadAction::create: {
        const auto made = files_.create(directory_, step.name, {.mode = 0644});
        return made ? Result<void>() : made.error();
      }
      case LoadAction::append:
        return append(step, before);
      case LoadAction::resize:
        return SEABAG_TRY(open(step.name))->resize(step.amount);
      case LoadAction::rename:
        return files_.rename(directory_, step.name, directory_, step.other,
                             vfs::RenameMode::replace);
      case LoadAction::remove:
        return files_.remove(directory_, step.name, vfs::RemoveKind::file);
      case LoadAction::sync:
        return files_.sync();
    }
    return {};
  }

 private:
  Result<OpenFile> open(const std::string& name) {
    return files_.open_writable(SEABAG_TRY(files_.lookup(directory_, name)).node);
  }

  Result<void> append(const LoadStep& step, const LoadFile& before) {
    auto file = SEABAG_TRY(open(step.name));
    const std::string bytes = stream_bytes(step.stream, before.size, step.amount);
    SEABAG_TRY(file->append(bytes_of(bytes)));
    kept_open_[step.amount % kept_open_.size()] = std::move(file);
    return {};
  }

  vfs::WritableFileSystem& files_;
  const vfs::NodeId directory_;
  std::array<OpenFile, 3> kept_open_;
};

Result<LoadState> sizes_of(vfs::WritableFileSystem& files, vfs::NodeId directory) {
  LoadState state;
  for (const auto& entry : SEABAG_TRY(files.list(directory, 0, 1000))) {
    state[entry.name].size = SEABAG_TRY(files.attributes(entry.node)).size;
  }
  return state;
}

bool has_same_sizes(const LoadState& found, const LoadState& wanted) {
  return std::ranges::equal(found, wanted, [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.size == other.second.size;
  });
}

Result<bool> has_same_bytes(vfs::WritableFileSystem& files, vfs::NodeId directory,
                            const LoadState& wanted) {
  for (const auto& [name, file] : wanted) {
    const auto node = SEABAG_TRY(files.lookup(directory, name)).node;
    std::string bytes(file.size, '\0');
    const std::size_t count = SEABAG_TRY(
        SEABAG_TRY(files.open(node))->read_at(std::as_writable_bytes(std::span(bytes)), 0));
    if (count != bytes.size() || bytes != stream_bytes(file.stream, 0, file.size)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string stream_bytes(std::uint64_t stream, std::uint64_t offset, std::uint64_t count) {
  std::string bytes(count, '\0');
  for (std::uint64_t position = 0; position < count; ++position) {
    const std::uint64_t mixed = (offset + position + 1) * (2 * stream + 1) * 0x9E3779B97F4A7C15U;
    bytes[position] = static_cast<char>(mixed >> 56U);
  }
  return bytes;
}

std::uint64_t LoadModel::below(std::uint64_t end) { return random_() % end; }

std::string LoadModel::some_name() { return "file " + std::to_string(below(kNames)); }

LoadStep LoadModel::next() {
  LoadStep step{.name = some_name(), .other = some_name()};
  const auto found = state_.find(step.name);
  const bool is_there = found != state_.end();
  const std::uint64_t choice = below(100);
  const bool is_change = is_there && step.name != step.other;
  if (choice < 8) {
    step.action = LoadAction::sync;
  } else if (is_change && choice < 16) {
    step.action = LoadAction::rename;
  } else if (is_there && (choice < 24 || found->second.size > kLargestFile)) {
    step.action = LoadAction::remove;
  } else if (is_there && choice < 30) {
    step.action = LoadAction::resize;
    step.amount = below(found->second.size + 1);
  } else if (is_there) {
    step.action = LoadAction::append;
    step.amount = 1 + (choice < 80 ? below(5000) : below(kLargestAppend));
    step.stream = found->second.stream;
  } else {
    step.action = LoadAction::create;
    step.stream = ++streams_;
  }
  return step;
}

void LoadModel::apply(const LoadStep& step) {
  switch (step.action) {
    case LoadAction::create:
      state_[step.name] = {.stream = step.stream};
      return;
    case LoadAction::append:
      state_[step.name].size += step.amount;
      return;
    case LoadAction::resize:
      state_[step.name].size = step.amount;
      return;
    case LoadAction::rename:
      state_[step.other] = state_[step.name];
      state_.erase(step.name);
      return;
    case LoadAction::remove:
      state_.erase(step.name);
      return;
    case LoadAction::sync:
      return;
  }
}

Error run_load(vfs::WritableFileSystem& files, vfs::NodeId directory, std::uint64_t seed,
               LoadProgress& progress) {
  LoadModel model(seed);
  Runner runner(files, directory);
  for (std::uint64_t number = 1;; ++number) {
    const LoadStep step = model.next();
    const auto found = model.state().find(step.name);
    const LoadFile before = found == model.state().end() ? LoadFile{} : found->second;
    progress.begun = number;
    const auto done = runner.run(step, before);
    if (!done) {
      return done.error();
    }
    model.apply(step);
    if (step.action == LoadAction::sync) {
      progress.synced = number;
    }
  }
}

std::optional<std::string> check_load(vfs::WritableFileSystem& files, vfs::NodeId directory,
                                      std::uint64_t seed,
                                      std::pair<std::uint64_t, std::uint64_t> steps) {
  const auto found = sizes_of(files, directory);
  if (!found) {
    return found.error().message();
  }
  LoadModel model(seed);
  bool is_size_right = false;
  for (std::uint64_t number = 0; number <= steps.second; ++number) {
    if (number >= steps.first && has_same_sizes(*found, model.state())) {
      is_size_right = true;
      const auto same = has_same_bytes(files, directory, model.state());
      if (!same) {
        return same.error().message();
      }
      if (*same) {
        return std::nullopt;
      }
    }
    model.apply(model.next());
  }
  return std::string(is_size_right ? "other bytes" : "other names or sizes") +
         " than after any step from " + std::to_string(steps.first) + " to " +
         std::to_string(steps.second);
}

}  // namespace seabag::testing
