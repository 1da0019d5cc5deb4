#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "answer_times.h"
#include "seabag/net/buffer_pool.h"
#include "seabag/net/stream.h"
#include "seabag/vfs/file.h"

namespace seabag::server {

/// A piece of answers on its way out.
struct Segment {
  enum class Kind : std::uint8_t {
    scratch,  ///< bytes in an Output's buffer, which is used again after the turn
    memory,   ///< bytes that live as long as `owner`
    kernel,   ///< a range of a kernel file
    reader,   ///< a range of `reader`
  };

  Kind kind = Kind::memory;
  const char* bytes = nullptr;  ///< scratch and memory
  int descriptor = -1;          ///< kernel
  std::uint64_t offset = 0;     ///< kernel and reader
  std::uint64_t length = 0;
  std::shared_ptr<const void> owner = {};  ///< keeps bytes, descriptor and reader; may be null
  const vfs::File* reader = nullptr;
};

enum class SendState : std::uint8_t {
  done,    ///< everything is with the kernel
  full,    ///< the socket takes no more for now
  paused,  ///< this turn's share is used up
  failed,  ///< the connection is lost, or a file ended too early: it can't be used any more
};

/// Segments that go out in order. One thread at a time.
class SendQueue {
 public:
  [[nodiscard]] bool is_empty() const { return first_ == segments_.size(); }
  void add(Segment segment) { segments_.push_back(std::move(segment)); }
  void clear();

  /// Sends until nothing is left, the socket is full or `kShare` bytes have gone. `buffers` is for
  /// what must be read first. `sent` grows by what went out.
  [[nodiscard]] SendState send(net::Stream& stream, net::BufferPool& buffers, std::uint64_t& sent);

  /// Moves what is left out of the reach of the buffer that scratch segments point into.
  [[nodiscard]] std::unique_ptr<SendQueue> detach();

  /// Of the answers that are complete in here.
  AnswerTimes times;

  /// Most bytes for one connection in one turn of the loop, so that all get theirs.
  static constexpr std::uint64_t kShare = 512 * 1024;

 private:
  net::Transfer send_memory(net::Stream& stream, std::uint64_t share);
  net::Transfer send_kernel(net::Stream& stream, std::uint64_t share);
  net::Transfer send_reader(net::Stream& stream, net::BufferPool& buffers);
  [[nodiscard]] std::size_t memory_run() const;
  void consume(std::uint64_t bytes);

  std::vector<Segment> segments_;
  std::size_t first_ = 0;
};

/// Where the answers of one connection are put together in one turn: heads and short content in a
/// buffer, everything else by reference. One for each loop; it is empty between connections, and
/// adding allocates nothing once its vectors have grown. One thread at a time.
class Output {
 public:
  explicit Output(std::size_t capacity);

  /// Free bytes in the buffer.
  [[nodiscard]] std::size_t room() const { return capacity_ - used_; }
  /// Space for `size` bytes to be written in place: in the buffer, or allocated when that is full.
  [[nodiscard]] std::span<char> prepare(std::size_t size);
  /// The first `size` bytes of what `prepare` gave have been written.
  void commit(std::size_t size);
  /// Copies bytes in.
  void append(std::string_view bytes);
  /// Adds by reference.
  void add(Segment segment);

  [[nodiscard]] bool is_empty() const { return used_ == 0 && queue_.is_empty(); }
  void clear();

  /// As SendQueue::send, and nothing is left in here afterwards: what did not go is in `rest`.
  [[nodiscard]] SendState send(net::Stream& stream, net::BufferPool& buffers,
                               std::unique_ptr<SendQueue>& rest);

 private:
  void close_run();

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::size_t run_start_ = 0;         ///< bytes from here on belong to no segment yet
  std::shared_ptr<char[]> overflow_;  ///< what `prepare` gave, when not from the buffer
  SendQueue queue_;
};

}  // namespace seabag::server
