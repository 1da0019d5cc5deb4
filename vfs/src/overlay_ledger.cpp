#include "overlay_ledger.h"

#include <span>
#include <utility>

namespace seabag::vfs {
namespace {

using Kind = OverlayChange::Kind;

struct SplitPath {
  std::string directory;
  std::string name;
};

SplitPath split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {.directory = slash == 0 ? "/" : path.substr(0, slash), .name = path.substr(slash + 1)};
}

/// Every change since the last reset, in order.
class MemoryRecords final : public OverlayRecords {
 public:
  Result<std::vector<OverlayChange>> load() override { return changes_; }

  Result<void> write(std::span<const OverlayChange> changes) override {
    for (const OverlayChange& change : changes) {
      if (change.kind == Kind::reset) {
        changes_.clear();
      } else {
        changes_.push_back(change);
      }
    }
    return {};
  }

 private:
  std::vector<OverlayChange> changes_;
};

}  // namespace

std::unique_ptr<OverlayRecords> make_memory_overlay_records() {
  return std::make_unique<MemoryRecords>();
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory == "/" ? "" : directory).append("/").append(name);
  return path;
}

Result<std::unique_ptr<OverlayLedger>> OverlayLedger::open(
    std::shared_ptr<OverlayRecords> records) {
  std::unique_ptr<OverlayLedger> ledger(new OverlayLedger(std::move(records)));
  if (ledger->records_ != nullptr) {
    for (const OverlayChange& change : SEABAG_TRY(ledger->records_->load())) {
      ledger->remember(change);
    }
  }
  return ledger;
}

Result<void> OverlayLedger::apply(const std::vector<OverlayChange>& changes) {
  if (records_ != nullptr && !changes.empty()) {
    SEABAG_TRY(records_->write(changes));
  }
  for (const OverlayChange& change : changes) {
    remember(change);
  }
  return {};
}

void OverlayLedger::remember(const OverlayChange& change) {
  switch (change.kind) {
    case Kind::hide: {
      const SplitPath parts = split(change.path);
      hidden_[parts.directory].insert(parts.name);
      break;
    }
    case Kind::show:
      show(change.path);
      break;
    case Kind::opaque:
      marks_.insert_or_assign(change.node, Mark{});
      break;
    case Kind::redirect:
      marks_.insert_or_assign(change.node, Mark{.redirect = change.path});
      break;
    case Kind::origin:
      origins_.insert_or_assign(change.node, change.base);
      copies_.insert_or_assign(change.base, change.node);
      break;
    case Kind::forget:
      marks_.erase(change.node);
      break;
    case Kind::reset:
      hidden_.clear();
      marks_.clear();
      origins_.clear();
      copies_.clear();
      break;
  }
}

void OverlayLedger::show(const std::string& path) {
  const SplitPath parts = split(path);
  const auto found = hidden_.find(parts.directory);
  if (found == hidden_.end()) {
    return;
  }
  found->second.erase(parts.name);
  if (found->second.empty()) {
    hidden_.erase(found);
  }
}

bool OverlayLedger::is_hidden(const std::string& directory, std::string_view name) const {
  if (hidden_.empty()) {
    return false;
  }
  const auto found = hidden_.find(directory);
  return found != hidden_.end() && found->second.contains(name);
}

std::vector<std::string> OverlayLedger::hidden_in(const std::string& directory) const {
  const auto found = hidden_.find(directory);
  return found == hidden_.end()
             ? std::vector<std::string>()
             : std::vector<std::string>(found->second.begin(), found->second.end());
}

const OverlayLedger::Mark* OverlayLedger::mark(NodeId upper) const {
  const auto found = marks_.find(upper);
  return found == marks_.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> OverlayLedger::origin(NodeId upper) const {
  const auto found = origins_.find(upper);
  return found == origins_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<NodeId> OverlayLedger::copy_of(std::uint64_t base) const {
  const auto found = copies_.find(base);
  return found == copies_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace seabag::vfs
