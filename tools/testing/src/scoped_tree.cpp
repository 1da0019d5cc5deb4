#include "seabag/testing/scoped_tree.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <utility>

#include "seabag/intercept/attach.h"
#include "seabag/intercept/session.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/prefix.h"
#include "seabag/vfs/shortcuts.h"

namespace seabag::testing {

namespace {

/// The interception that all trees of this process share.
struct Stage {
  std::unique_ptr<intercept::Session> session;
  std::unique_ptr<intercept::Attachment> attachment;
};

// One process can be attached once, so trees share what the first of them made.
Result<std::shared_ptr<Stage>> shared_stage() {
  static std::mutex mutex;
  static std::weak_ptr<Stage> current;
  const std::lock_guard lock(mutex);
  if (auto stage = current.lock()) {
    return stage;
  }
  auto stage = std::make_shared<Stage>();
  stage->session = SEABAG_TRY(intercept::Session::start());
  stage->attachment =
      std::make_unique<intercept::Attachment>(SEABAG_TRY(intercept::attach(*stage->session)));
  current = stage;
  return stage;
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

// `/etc` of `/etc/app/app.conf`.
std::string first_component(std::string_view path) {
  const std::size_t begin = path.find_first_not_of('/');
  return "/" + std::string(path.substr(begin, path.find('/', begin) - begin));
}

Result<void> check(const TreeFile& file) {
  if (!file.path.starts_with('/') || file.path.find_first_not_of('/') == std::string::npos ||
      folder_of(file.path).find_first_not_of('/') == std::string_view::npos) {
    return make_error(std::errc::invalid_argument, "make a tree", file.path,
                      "expected an absolute path with at least one directory");
  }
  return {};
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "seabag::testing::ScopedTree: %s\n", error.message().c_str());
  std::abort();
}

template <typename T>
T value_or_exit(Result<T> result) {
  if (!result) {
    give_up(result.error());
  }
  return std::move(result).value();
}

}  // namespace

struct ScopedTree::State {
  std::shared_ptr<Stage> stage;
  std::vector<std::string> folders;      ///< the first components
  std::vector<intercept::Mount> mounts;  ///< of `stage`, in the order of `folders`

  Result<void> add_node(Snapshot& snapshot, const std::string& path) const;
};

ScopedTree::ScopedTree(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScopedTree::ScopedTree(ScopedTree&&) noexcept = default;
ScopedTree& ScopedTree::operator=(ScopedTree&&) noexcept = default;
ScopedTree::~ScopedTree() {
  if (state_ != nullptr) {
    state_->mounts.clear();
  }
}

ScopedTree::ScopedTree(std::initializer_list<TreeFile> files)
    : ScopedTree(value_or_exit(make(std::vector<TreeFile>(files)))) {}

ScopedTree::ScopedTree(const std::vector<TreeFile>& files, const TreeOptions& options)
    : ScopedTree(value_or_exit(make(files, options))) {}

Result<ScopedTree> ScopedTree::make(const std::vector<TreeFile>& files,
                                    const TreeOptions& options) {
  // Made beside the mounts, so that no fault is spent on it.
  std::shared_ptr<vfs::WritableFileSystem> memory = providers::make_memory_file_system();
  vfs::Namespace names;
  const vfs::Mount root = SEABAG_TRY(names.mount("/", memory));
  std::set<std::string> folders;
  for (const TreeFile& file : files) {
    SEABAG_TRY(check(file));
    SEABAG_TRY(vfs::create_directories(names, folder_of(file.path)));
    if (!file.path.ends_with('/')) {
      if (SEABAG_TRY(vfs::exists(names, file.path))) {
        return make_error(std::errc::file_exists, "make a tree", file.path);
      }
      SEABAG_TRY(vfs::write_file(names, file.path, file.content, {.mode = file.mode}));
    }
    folders.insert(first_component(file.path));
  }
  auto state = std::make_unique<State>();
  state->stage = SEABAG_TRY(shared_stage());
  for (const std::string& folder : folders) {
    auto part = SEABAG_TRY(vfs::make_writable_prefix(memory, folder));
    state->mounts.push_back(
        SEABAG_TRY(state->stage->session->mount(folder, std::move(part),
                                                {.view = intercept::View::overlay,
                                                 .faults = options.faults,
                                                 .longest_read = options.longest_read})));
    state->folders.push_back(folder);
  }
  return ScopedTree(std::move(state));
}

Result<std::string> ScopedTree::read(std::string_view path) const {
  return vfs::read_file(state_->stage->session->files(), path);
}

Result<void> ScopedTree::write(std::string_view path, std::string_view content,
                               std::uint32_t mode) {
  vfs::Namespace& files = state_->stage->session->files();
  SEABAG_TRY(vfs::create_directories(files, folder_of(path)));
  return vfs::write_file(files, path, content, {.mode = mode});
}

// A node and, for a directory, what is below it. What goes meanwhile is left out.
Result<void> ScopedTree::State::add_node(Snapshot& snapshot, const std::string& path) const {
  vfs::Namespace& files = stage->session->files();
  std::vector<std::string> pending = {path};
  while (!pending.empty()) {
    const std::string current = std::move(pending.back());
    pending.pop_back();
    const vfs::Attributes attributes = SEABAG_TRY(files.lstat(current));
    Snapshot::Node node{.type = attributes.type, .mode = attributes.mode, .content = {}};
    if (attributes.type == vfs::FileType::regular) {
      node.content = SEABAG_TRY(vfs::read_file(files, current));
    } else if (attributes.type == vfs::FileType::symlink) {
      node.content = SEABAG_TRY(files.read_link(current));
    } else if (attributes.type == vfs::FileType::directory) {
      for (const vfs::DirectoryEntry& entry : SEABAG_TRY(files.list(current))) {
        pending.push_back(current + "/" + entry.name);
      }
    }
    snapshot.nodes_[current] = std::move(node);
  }
  return {};
}

Snapshot ScopedTree::snapshot() const {
  Snapshot snapshot;
  for (const std::string& folder : state_->folders) {
    const auto added = state_->add_node(snapshot, folder);
    if (!added) {
      give_up(added.error());
    }
  }
  return snapshot;
}

std::vector<Change> ScopedTree::changes_since(const Snapshot& before) const {
  const Snapshot after = snapshot();
  std::map<std::string, ChangeKind> changes;
  for (const auto& [path, node] : before.nodes()) {
    const auto found = after.nodes().find(path);
    if (found == after.nodes().end()) {
      changes[path] = ChangeKind::removed;
    } else if (found->second != node) {
      changes[path] = ChangeKind::modified;
    }
  }
  for (const auto& [path, node] : after.nodes()) {
    if (!before.nodes().contains(path)) {
      changes[path] = ChangeKind::created;
    }
  }
  std::vector<Change> sorted;
  for (const auto& [path, kind] : changes) {
    sorted.push_back({kind, path});
  }
  return sorted;
}

std::string describe(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += text.empty() ? "" : ", ";
    switch (change.kind) {
      case ChangeKind::created:
        text += "created '";
        break;
      case ChangeKind::modified:
        text += "modified '";
        break;
      case ChangeKind::removed:
        text += "removed '";
        break;
    }
    text += change.path + "'";
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace seabag::testing
