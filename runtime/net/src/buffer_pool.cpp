#include "seabag/net/buffer_pool.h"

#include <utility>

namespace seabag::net {

PooledBuffer::PooledBuffer(BufferPool& pool, std::unique_ptr<char[]> bytes, std::size_t size)
    : pool_(&pool), bytes_(std::move(bytes)), size_(size) {}

PooledBuffer::PooledBuffer(PooledBuffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)) {}

PooledBuffer& PooledBuffer::operator=(PooledBuffer&& other) noexcept {
  if (this != &other) {
    reset();
    pool_ = std::exchange(other.pool_, nullptr);
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

std::span<char> PooledBuffer::space() const { return {bytes_.get(), size_}; }

void PooledBuffer::reset() {
  if (bytes_ != nullptr) {
    pool_->give_back(std::move(bytes_));
  }
  pool_ = nullptr;
  size_ = 0;
}

BufferPool::BufferPool(std::size_t buffer_size, std::size_t kept)
    : buffer_size_(buffer_size), kept_(kept) {
  free_.reserve(kept);
}

PooledBuffer BufferPool::borrow() {
  if (free_.empty()) {
    return {*this, std::make_unique_for_overwrite<char[]>(buffer_size_), buffer_size_};
  }
  PooledBuffer buffer(*this, std::move(free_.back()), buffer_size_);
  free_.pop_back();
  return buffer;
}

void BufferPool::give_back(std::unique_ptr<char[]> bytes) {
  if (free_.size() < kept_) {
    free_.push_back(std::move(bytes));
  }
}

}  // namespace seabag::net
