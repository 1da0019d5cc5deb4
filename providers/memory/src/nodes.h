#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "node.h"

namespace seabag::providers {

/// All nodes by number. Numbers are given in order and never again, so a row of blocks is a table
/// without hashing; a block goes with the last of its nodes. The tree's lock guards it.
class MemoryNodes {
 public:
  /// The number that the next node will have.
  [[nodiscard]] std::uint64_t next_id() const { return next_id_; }

  /// Null when there is no such node.
  [[nodiscard]] Node* find(std::uint64_t id) const {
    const std::uint64_t block = id / kBlockSize;
    if (block >= blocks_.size() || blocks_[block] == nullptr) {
      return nullptr;
    }
    return blocks_[block]->nodes[id % kBlockSize].get();
  }

  /// Adds the node whose number is `next_id`.
  Node& add(std::unique_ptr<Node> node) {
    const std::uint64_t block = next_id_ / kBlockSize;
    if (block >= blocks_.size()) {
      blocks_.resize(block + 1);
    }
    if (blocks_[block] == nullptr) {
      blocks_[block] = std::make_unique<Block>();
    }
    ++blocks_[block]->count;
    auto& place = blocks_[block]->nodes[next_id_++ % kBlockSize];
    place = std::move(node);
    return *place;
  }

  /// Destroys a node that is there.
  void erase(std::uint64_t id) {
    auto& block = blocks_[id / kBlockSize];
    block->nodes[id % kBlockSize].reset();
    if (--block->count == 0) {
      block.reset();
    }
  }

 private:
  static constexpr std::uint64_t kBlockSize = 256;
  struct Block {
    std::array<std::unique_ptr<Node>, kBlockSize> nodes;
    std::size_t count = 0;
  };

  std::vector<std::unique_ptr<Block>> blocks_;
  std::uint64_t next_id_ = 1;
};

}  // namespace seabag::providers
