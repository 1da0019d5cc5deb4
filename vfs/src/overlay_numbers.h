#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// How an overlay numbers the nodes of its layers: layer 0 is the upper, 1 the topmost lower. The
/// numbers are `node * layers + layer`, so nothing has to be kept to tell them apart; kRootNode is
/// all roots at once, and nobody else's (it would be node 0).
class OverlayNumbers {
 public:
  struct Place {
    std::size_t layer = 0;
    NodeId node{};
  };

  explicit OverlayNumbers(std::size_t lowers) : lowers_(lowers) {}

  /// EOVERFLOW for a layer whose own numbers are too large.
  [[nodiscard]] Result<NodeId> outward(Place place) const {
    if (place.node == kRootNode) {
      return kRootNode;
    }
    const auto number = static_cast<std::uint64_t>(place.node);
    if (number > (std::numeric_limits<std::uint64_t>::max() - lowers_) / (lowers_ + 1)) {
      return make_error(std::errc::value_too_large, "overlay", {},
                        "a layer's node numbers leave no room for those of the overlay");
    }
    return NodeId{number * (lowers_ + 1) + place.layer};
  }

  [[nodiscard]] Place inward(NodeId id) const {
    const auto number = static_cast<std::uint64_t>(id);
    return {.layer = static_cast<std::size_t>(number % (lowers_ + 1)),
            .node = NodeId{number / (lowers_ + 1)}};
  }

  /// The number of a lower's node (or the root) as `OverlayChange::base` has it, and back.
  [[nodiscard]] std::uint64_t base_of(NodeId id) const {
    if (id == kRootNode) {
      return lowers_;
    }
    const Place place = inward(id);
    return static_cast<std::uint64_t>(place.node) * lowers_ + place.layer - 1;
  }
  [[nodiscard]] NodeId of_base(std::uint64_t base) const {
    const std::uint64_t node = base / lowers_;
    return node == static_cast<std::uint64_t>(kRootNode)
               ? kRootNode
               : NodeId{node * (lowers_ + 1) + base % lowers_ + 1};
  }

 private:
  std::size_t lowers_;
};

}  // namespace seabag::vfs
