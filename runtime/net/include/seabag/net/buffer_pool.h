#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace seabag::net {

class BufferPool;

/// A buffer borrowed from a pool, which gets it back at the end of this object's life. Move-only.
class PooledBuffer {
 public:
  PooledBuffer() = default;
  PooledBuffer(PooledBuffer&& other) noexcept;
  PooledBuffer& operator=(PooledBuffer&& other) noexcept;
  ~PooledBuffer() { reset(); }

  [[nodiscard]] explicit operator bool() const { return bytes_ != nullptr; }
  /// All of its space, or nothing.
  [[nodiscard]] std::span<char> space() const;
  void reset();

 private:
  friend class BufferPool;
  PooledBuffer(BufferPool& pool, std::unique_ptr<char[]> bytes, std::size_t size);

  BufferPool* pool_ = nullptr;
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Buffers that connections hold only while they have something half done, so that one which idles
/// costs none. A few are kept for the next user, all others go back to the system. Must outlive the
/// buffers. One thread at a time.
class BufferPool {
 public:
  /// Buffers have `buffer_size` bytes; up to `kept` unused ones stay.
  BufferPool(std::size_t buffer_size, std::size_t kept);

  [[nodiscard]] std::size_t buffer_size() const { return buffer_size_; }

  [[nodiscard]] PooledBuffer borrow();

 private:
  friend class PooledBuffer;
  void give_back(std::unique_ptr<char[]> bytes);

  std::size_t buffer_size_;
  std::size_t kept_;
  std::vector<std::unique_ptr<char[]>> free_;
};

}  // namespace seabag::net
