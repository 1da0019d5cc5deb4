#include "output.h"

#include <algorithm>
#include <array>
#include <utility>

namespace seabag::server {
namespace {

using net::Transfer;
using net::TransferState;

/// Parts of one sendmsg(2): what a batch of pipelined answers needs; more go in the next call.
constexpr std::size_t kMaxParts = 64;

bool is_memory(const Segment& segment) {
  return segment.kind == Segment::Kind::scratch || segment.kind == Segment::Kind::memory;
}

}  // namespace

void SendQueue::clear() {
  segments_.clear();
  first_ = 0;
}

SendState SendQueue::send(net::Stream& stream, net::BufferPool& buffers, std::uint64_t& sent) {
  std::uint64_t share = kShare;
  while (!is_empty()) {
    if (share == 0) {
      return SendState::paused;
    }
    Segment& segment = segments_[first_];
    Transfer transfer;
    if (is_memory(segment)) {
      transfer = send_memory(stream, share);
    } else if (segment.kind == Segment::Kind::kernel) {
      transfer = send_kernel(stream, share);
    } else {
      transfer = send_reader(stream, buffers);
    }
    sent += transfer.bytes;
    share -= std::min<std::uint64_t>(share, transfer.bytes);
    consume(transfer.bytes);
    if (transfer.state == TransferState::partial) {
      return SendState::full;
    }
    if (transfer.state != TransferState::complete) {
      return SendState::failed;
    }
  }
  clear();
  return SendState::done;
}

Transfer SendQueue::send_memory(net::Stream& stream, std::uint64_t share) {
  std::array<iovec, kMaxParts> parts;
  std::size_t count = 0;
  std::size_t next = first_;
  for (; next < segments_.size() && is_memory(segments_[next]) && count < kMaxParts && share > 0;
       ++next) {
    const Segment& segment = segments_[next];
    const auto length = static_cast<std::size_t>(std::min(segment.length, share));
    parts[count++] = {.iov_base = const_cast<char*>(segment.bytes), .iov_len = length};
    share -= length;
  }
  const bool is_last = next == segments_.size() || share == 0;
  const auto follows = is_last ? net::Follows::nothing : net::Follows::more;
  if (count == 1) {
    const auto* bytes = static_cast<const char*>(parts[0].iov_base);
    return stream.send(std::span(bytes, parts[0].iov_len), follows);
  }
  return stream.send(std::span<const iovec>(parts.data(), count), follows);
}

Transfer SendQueue::send_kernel(net::Stream& stream, std::uint64_t share) {
  Segment& segment = segments_[first_];
  const auto length = static_cast<std::size_t>(std::min(segment.length, share));
  const Transfer transfer = stream.send_file(segment.descriptor, segment.offset, length);
  if (transfer.state != TransferState::file_failed || segment.bytes == nullptr) {
    return transfer;
  }
  // Some file systems can't be sent from; the same bytes are mapped.
  segment.kind = Segment::Kind::memory;
  return {transfer.bytes, TransferState::complete};
}

Transfer SendQueue::send_reader(net::Stream& stream, net::BufferPool& buffers) {
  const Segment& segment = segments_[first_];
  const net::PooledBuffer buffer = buffers.borrow();
  const std::span<char> space = buffer.space();
  const std::span<char> wanted =
      space.first(static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), segment.length)));
  const auto count = segment.reader->read_at(std::as_writable_bytes(wanted), segment.offset);
  if (!count || *count == 0) {
    return {0, TransferState::file_failed};
  }
  const bool is_all = *count == segment.length && first_ + 1 == segments_.size();
  return stream.send(std::span<const char>(wanted.first(*count)),
                     is_all ? net::Follows::nothing : net::Follows::more);
}

void SendQueue::consume(std::uint64_t bytes) {
  while (bytes > 0) {
    Segment& segment = segments_[first_];
    const std::uint64_t part = std::min(bytes, segment.length);
    bytes -= part;
    segment.length -= part;
    segment.offset += part;
    if (segment.bytes != nullptr) {
      segment.bytes += part;
    }
    if (segment.length == 0) {
      segment.owner.reset();
      ++first_;
    }
  }
}

std::unique_ptr<SendQueue> SendQueue::detach() {
  auto rest = std::make_unique<SendQueue>();
  for (; !is_empty(); ++first_) {
    Segment& segment = segments_[first_];
    if (segment.kind == Segment::Kind::scratch) {
      const auto length = static_cast<std::size_t>(segment.length);
      const std::shared_ptr<char[]> copy = std::make_shared_for_overwrite<char[]>(length);
      std::copy_n(segment.bytes, length, copy.get());
      segment.kind = Segment::Kind::memory;
      segment.bytes = copy.get();
      segment.owner = copy;
    }
    rest->add(std::move(segment));
  }
  clear();
  return rest;
}

Output::Output(std::size_t capacity)
    : buffer_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

std::span<char> Output::prepare(std::size_t size) {
  if (size <= room()) {
    return {buffer_.get() + used_, room()};
  }
  overflow_ = std::make_shared_for_overwrite<char[]>(size);
  return {overflow_.get(), size};
}

void Output::commit(std::size_t size) {
  if (overflow_ == nullptr) {
    used_ += size;
    return;
  }
  const char* bytes = overflow_.get();
  add({.kind = Segment::Kind::memory,
       .bytes = bytes,
       .length = size,
       .owner = std::exchange(overflow_, nullptr)});
}

void Output::append(std::string_view bytes) {
  const std::span<char> space = prepare(bytes.size());
  std::copy(bytes.begin(), bytes.end(), space.begin());
  commit(bytes.size());
}

void Output::close_run() {
  if (run_start_ < used_) {
    queue_.add({.kind = Segment::Kind::scratch,
                .bytes = buffer_.get() + run_start_,
                .length = used_ - run_start_});
    run_start_ = used_;
  }
}

void Output::add(Segment segment) {
  if (segment.length > 0) {
    close_run();
    queue_.add(std::move(segment));
  }
}

void Output::clear() {
  queue_.clear();
  used_ = run_start_ = 0;
}

SendState Output::send(net::Stream& stream, net::BufferPool& buffers,
                       std::unique_ptr<SendQueue>& rest) {
  if (queue_.is_empty()) {
    // The common case: one run of bytes and one call.
    const Transfer transfer = stream.send(std::span<const char>(buffer_.get(), used_));
    if (transfer.state == TransferState::complete) {
      used_ = 0;
      return SendState::done;
    }
    if (transfer.state == TransferState::failed) {
      clear();
      return SendState::failed;
    }
    run_start_ = transfer.bytes;
    close_run();
    rest = queue_.detach();
    clear();
    return SendState::full;
  }
  close_run();
  std::uint64_t sent = 0;
  const SendState state = queue_.send(stream, buffers, sent);
  if (state == SendState::full || state == SendState::paused) {
    rest = queue_.detach();
  }
  clear();
  return state;
}

}  // namespace seabag::server
