#include "seabag/vfs/overlay.h"

#include <algorithm>
#include <utility>

#include "node_copy.h"
#include "overlay_file_system.h"

namespace seabag::vfs {
namespace {

std::vector<std::optional<NodeId>> roots(std::size_t count) {
  return std::vector<std::optional<NodeId>>(count, kRootNode);
}

}  // namespace

OverlayFileSystem::OverlayFileSystem(OverlayOptions options, std::unique_ptr<OverlayLedger> ledger)
    : upper_(std::move(options.upper)),
      lowers_(std::move(options.lowers)),
      ledger_(std::move(ledger)),
      numbers_(lowers_.size()),
      capabilities_(upper_->capabilities()) {
  // A lower's node cannot be asked for by number before it was met by name.
  capabilities_.persistent_nodes = false;
  capabilities_.immutable = false;
  capabilities_.changes = nullptr;  // the upper's feed speaks of the upper's numbers
}

Result<void> OverlayFileSystem::prepare_root() {
  auto root = std::make_unique<Directory>();
  root->upper = kRootNode;
  root->lower_path.assign(1, '/');  // = "/" is -Wrestrict for GCC 12 at -O2, falsely
  if (ledger_->mark(kRootNode) == nullptr) {
    root->lowers = roots(lowers_.size());
  }
  {
    const std::lock_guard lock(table_);
    known_.clear();
    known_[kRootNode].directory = std::move(root);
  }
  if (lowers_.empty() || ledger_->origin(kRootNode)) {
    return {};
  }
  const Attributes source = SEABAG_TRY(lowers_.front()->attributes(kRootNode));
  SEABAG_TRY(copy_xattrs(*lowers_.front(), source, *upper_, kRootNode));
  (void)SEABAG_TRY(upper_->set_attributes(kRootNode, changes_to(source)));
  return ledger_->apply({{.kind = OverlayChange::Kind::origin,
                          .node = kRootNode,
                          .base = numbers_.base_of(kRootNode)}});
}

Result<std::shared_ptr<Overlay>> make_overlay(OverlayOptions options) {
  const bool is_complete =
      options.upper != nullptr &&
      std::ranges::all_of(options.lowers, [](const auto& lower) { return lower != nullptr; });
  if (!is_complete) {
    return make_error(std::errc::invalid_argument, "overlay", {}, "a file system is missing");
  }
  auto ledger = SEABAG_TRY(OverlayLedger::open(options.records));
  auto overlay = std::make_shared<OverlayFileSystem>(std::move(options), std::move(ledger));
  SEABAG_TRY(overlay->prepare_root());
  return std::shared_ptr<Overlay>(std::move(overlay));
}

}  // namespace seabag::vfs
