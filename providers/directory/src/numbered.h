#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "seabag/vfs/node.h"

namespace seabag::providers {

/// Objects by the numbers of their nodes. Numbers are given in order and never again, so a row of
/// blocks is a table without hashing; a block goes with the last of its objects. One thread at a
/// time, or any number that change nothing.
template <typename T>
class Numbered {
 public:
  /// Null when there is none. Valid until it is erased.
  [[nodiscard]] T* find(vfs::NodeId node) {
    return const_cast<T*>(std::as_const(*this).find(node));
  }
  [[nodiscard]] const T* find(vfs::NodeId node) const {
    const std::uint64_t block = block_of(node);
    return block < blocks_.size() && blocks_[block] != nullptr
               ? blocks_[block]->objects[place_of(node)].get()
               : nullptr;
  }

  /// For a number that has none yet.
  T& add(vfs::NodeId node, T object) {
    const std::uint64_t block = block_of(node);
    if (block >= blocks_.size()) {
      blocks_.resize(block + 1);
    }
    if (blocks_[block] == nullptr) {
      blocks_[block] = std::make_unique<Block>();
    }
    ++blocks_[block]->count;
    ++count_;
    auto& place = blocks_[block]->objects[place_of(node)];
    place = std::make_unique<T>(std::move(object));
    return *place;
  }

  /// For a number that has one.
  void erase(vfs::NodeId node) {
    auto& block = blocks_[block_of(node)];
    block->objects[place_of(node)].reset();
    --count_;
    if (--block->count == 0) {
      block.reset();
    }
  }

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  static constexpr std::uint64_t kBlockSize = 256;
  struct Block {
    std::array<std::unique_ptr<T>, kBlockSize> objects;
    std::size_t count = 0;
  };
  static std::uint64_t block_of(vfs::NodeId node) {
    return static_cast<std::uint64_t>(node) / kBlockSize;
  }
  static std::size_t place_of(vfs::NodeId node) {
    return static_cast<std::uint64_t>(node) % kBlockSize;
  }

  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t count_ = 0;
};

}  // namespace seabag::providers
