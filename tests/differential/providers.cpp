#include "providers.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "seabag/providers/directory.h"
#include "seabag/providers/memory.h"
#include "seabag/providers/sqlite.h"
#include "seabag/providers/sqlite_overlay.h"
#include "seabag/vfs/overlay.h"
#include "support/temp_dir.h"

namespace seabag::testing {
namespace {

/// A present that moves at every look, so that no two changes have one time. What a contender
/// makes later shares the first one's: two of them would tell one time twice.
vfs::Clock moving_clock() {
  constexpr std::uint32_t kSecond = 1'000'000'000;
  const std::int64_t start = vfs::system_now().seconds;
  auto looks = std::make_shared<std::atomic<std::uint64_t>>(0);
  return [start, looks] {
    const std::uint64_t look = looks->fetch_add(1, std::memory_order_relaxed);
    return vfs::Timestamp{.seconds = start + static_cast<std::int64_t>(look / kSecond),
                          .nanoseconds = static_cast<std::uint32_t>(look % kSecond)};
  };
}

template <typename T>
T opened(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "cannot open the provider: %s\n", result.error().message().c_str());
    std::exit(2);
  }
  return *std::move(result);
}

class Memory final : public Contender {
 public:
  explicit Memory(const KernelMount&) {}
  std::shared_ptr<vfs::WritableFileSystem> file_system() override { return files_; }
  Likeness likeness() const override {
    return {.has_small_holes = true, .counts_blocks = true, .keeps_reservations = true};
  }

 private:
  std::shared_ptr<vfs::WritableFileSystem> files_ =
      providers::make_memory_file_system({.clock = moving_clock()});
};

/// A directory of the reference's mount for a contender to live in.
class Place {
 public:
  Place(const KernelMount& mount, std::string name) : mount_(mount), name_(std::move(name)) {
    ::close(mount.make_directory(name_));
  }
  ~Place() { mount_.remove_directory(name_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] std::string path() const { return mount_.path_of(name_); }

 private:
  const KernelMount& mount_;
  std::string name_;
};

class Directory final : public Contender {
 public:
  explicit Directory(const KernelMount& mount) : place_(mount, "directory") {}
  std::shared_ptr<vfs::WritableFileSystem> file_system() override { return files_; }
  Likeness likeness() const override {
    return {.has_small_holes = true, .counts_blocks = true, .keeps_reservations = true};
  }

 private:
  Place place_;
  std::shared_ptr<vfs::WritableFileSystem> files_ =
      opened(providers::DirectoryFileSystem::open_root(place_.path()));
};

class Sqlite final : public Contender {
 public:
  explicit Sqlite(const KernelMount&) {}
  std::shared_ptr<vfs::WritableFileSystem> file_system() override { return files_; }
  Likeness likeness() const override { return {}; }
  std::shared_ptr<vfs::WritableFileSystem> renewed() override {
    files_ = nullptr;
    files_ = open();
    return files_;
  }

 private:
  [[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> open() const {
    return opened(providers::open_sqlite_file_system(place_ / "files.db", {.clock = clock_}));
  }

  TempDir place_;
  vfs::Clock clock_ = moving_clock();
  std::shared_ptr<vfs::WritableFileSystem> files_ = open();
};

/// Memory over memory: all that was there before is in the lower, or in the overlay below it.
class Overlaid final : public Contender {
 public:
  explicit Overlaid(const KernelMount&) {}
  std::shared_ptr<vfs::WritableFileSystem> file_system() override { return files_; }
  Likeness likeness() const override {
    return {.has_small_holes = true, .copies_up = true, .keeps_reservations = true};
  }
  std::shared_ptr<vfs::WritableFileSystem> renewed() override {
    files_ = over(files_);
    return files_;
  }

 private:
  [[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> memory() const {
    return providers::make_memory_file_system({.clock = clock_});
  }
  [[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> over(
      std::shared_ptr<vfs::FileSystem> lower) const {
    return opened(vfs::make_overlay({.upper = memory(), .lowers = {std::move(lower)}}));
  }

  vfs::Clock clock_ = moving_clock();
  std::shared_ptr<vfs::WritableFileSystem> files_ = over(memory());
};

/// Databases over each other: all are opened again before another one is laid on top.
class OverlaidSqlite final : public Contender {
 public:
  explicit OverlaidSqlite(const KernelMount&) { files_ = over_new(); }
  std::shared_ptr<vfs::WritableFileSystem> file_system() override { return files_; }
  Likeness likeness() const override { return {.copies_up = true}; }
  std::shared_ptr<vfs::WritableFileSystem> renewed() override {
    files_ = nullptr;
    std::shared_ptr<vfs::WritableFileSystem> below = lowest_;
    for (std::size_t number = 0; number < databases_; ++number) {
      below = over(std::move(below), number);
    }
    files_ = std::move(below);
    files_ = over_new();
    return files_;
  }

 private:
  [[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> over_new() {
    return over(files_ == nullptr ? lowest_ : files_, databases_++);
  }
  [[nodiscard]] std::shared_ptr<vfs::WritableFileSystem> over(
      std::shared_ptr<vfs::FileSystem> lower, std::size_t number) const {
    const std::string path = place_ / (std::to_string(number) + ".db");
    const providers::SqliteUpper upper = opened(
        providers::open_sqlite_upper(path, {.lowers = "the same", .files = {.clock = clock_}}));
    return opened(vfs::make_overlay(
        {.upper = upper.files, .lowers = {std::move(lower)}, .records = upper.records}));
  }

  TempDir place_;
  vfs::Clock clock_ = moving_clock();
  std::shared_ptr<vfs::WritableFileSystem> lowest_ =
      providers::make_memory_file_system({.clock = clock_});
  std::size_t databases_ = 0;
  std::shared_ptr<vfs::WritableFileSystem> files_;
};

template <typename T>
std::unique_ptr<Contender> make(const KernelMount& mount) {
  return std::make_unique<T>(mount);
}

struct Known {
  const char* name;
  std::unique_ptr<Contender> (*make)(const KernelMount&);
};
constexpr Known kKnown[] = {
    {"memory", make<Memory>},    {"directory", make<Directory>},           {"sqlite", make<Sqlite>},
    {"overlay", make<Overlaid>}, {"sqlite-overlay", make<OverlaidSqlite>},
};

}  // namespace

const std::vector<std::string>& contender_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Known& known : kKnown) {
      names.emplace_back(known.name);
    }
    return names;
  }();
  return kNames;
}

std::unique_ptr<Contender> make_contender(const std::string& name, const KernelMount& mount) {
  const auto known = std::ranges::find(kKnown, name, &Known::name);
  return known == std::end(kKnown) ? nullptr : known->make(mount);
}

}  // namespace seabag::testing
