#include "seabag/net/stream.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace seabag::net {
namespace {

/// Read at once from a file whose bytes have to be protected: four of the largest records of TLS.
constexpr std::size_t kFilePart = 64 * 1024;

int flags_for(Follows follows) {
  return MSG_DONTWAIT | MSG_NOSIGNAL | (follows == Follows::more ? MSG_MORE : 0);
}

/// Errors of sendfile(2) that speak of the file and not of the socket.
bool is_file_error(int number) {
  return number == EIO || number == EINVAL || number == EBADF || number == EOVERFLOW;
}

}  // namespace

Stream::Stream(EventLoop& loop, Descriptor socket, Watcher& watcher,
               std::unique_ptr<Channel> channel)
    : loop_(&loop), watcher_(&watcher), socket_(std::move(socket)), channel_(std::move(channel)) {}

Result<void> Stream::start() {
  SEABAG_TRY(loop_->add(socket_.get(), Interest::input | Interest::edge, *watcher_));
  is_started_ = true;
  return {};
}

HandshakeState Stream::handshake() {
  if (channel_ == nullptr) {
    return HandshakeState::complete;
  }
  const HandshakeState state = channel_->handshake(socket_.get());
  if (state == HandshakeState::needs_output) {
    watch_output();
  }
  return state;
}

Transfer Stream::receive(std::span<char> space) {
  if (channel_ != nullptr) [[unlikely]] {
    return channel_->receive(socket_.get(), space);
  }
  ssize_t count = 0;
  do {
    count = recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    const auto bytes = static_cast<std::size_t>(count);
    const bool is_full = bytes == space.size();
    return {bytes, is_full ? TransferState::complete : TransferState::partial};
  }
  if (count == 0) {
    return {0, TransferState::end};
  }
  return {0, errno == EAGAIN ? TransferState::partial : TransferState::failed};
}

Transfer Stream::send(std::span<const char> bytes, Follows follows) {
  if (channel_ != nullptr) [[unlikely]] {
    const iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    return send_secured({&part, 1});
  }
  ssize_t sent = 0;
  do {
    sent = ::send(socket_.get(), bytes.data(), bytes.size(), flags_for(follows));
  } while (sent < 0 && errno == EINTR);
  return after_send(sent, bytes.size());
}

Transfer Stream::send(std::span<const iovec> parts, Follows follows) {
  if (channel_ != nullptr) [[unlikely]] {
    return send_secured(parts);
  }
  std::size_t wanted = 0;
  for (const iovec& part : parts) {
    wanted += part.iov_len;
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  ssize_t sent = 0;
  do {
    sent = sendmsg(socket_.get(), &message, flags_for(follows));
  } while (sent < 0 && errno == EINTR);
  return after_send(sent, wanted);
}

Transfer Stream::send_secured(std::span<const iovec> parts) {
  const Transfer transfer = channel_->send(socket_.get(), parts);
  if (transfer.state == TransferState::partial) {
    watch_output();
  }
  return transfer;
}

Transfer Stream::send_file_secured(int file, std::uint64_t offset, std::size_t length) {
  std::array<char, kFilePart> buffer;  // written before it is read
  std::size_t total = 0;
  while (total < length) {
    const std::size_t wanted = std::min(buffer.size(), length - total);
    const ssize_t count = pread(file, buffer.data(), wanted, static_cast<off_t>(offset + total));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return {total, TransferState::file_failed};
    }
    const Transfer transfer = send(std::span(buffer.data(), static_cast<std::size_t>(count)));
    total += transfer.bytes;
    if (transfer.state != TransferState::complete) {
      return {total, transfer.state};
    }
  }
  return {total, TransferState::complete};
}

Transfer Stream::send_file(int file, std::uint64_t offset, std::size_t length) {
  if (channel_ != nullptr) [[unlikely]] {
    return send_file_secured(file, offset, length);
  }
  // Until EAGAIN: a short answer alone does not say that the socket is full.
  auto position = static_cast<off_t>(offset);
  std::size_t total = 0;
  while (total < length) {
    const ssize_t sent = sendfile(socket_.get(), file, &position, length - total);
    if (sent > 0) {
      total += static_cast<std::size_t>(sent);
    } else if (sent == 0 || is_file_error(errno)) {
      return {total, TransferState::file_failed};
    } else if (errno == EAGAIN) {
      watch_output();
      return {total, TransferState::partial};
    } else if (errno != EINTR) {
      return {total, TransferState::failed};
    }
  }
  return {total, TransferState::complete};
}

Transfer Stream::after_send(ssize_t sent, std::size_t wanted) {
  if (sent < 0 && errno != EAGAIN) {
    return {0, TransferState::failed};
  }
  const std::size_t bytes = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  if (bytes == wanted) {
    return {bytes, TransferState::complete};
  }
  watch_output();
  return {bytes, TransferState::partial};
}

void Stream::watch_output() {
  if (watches_output_) {
    return;
  }
  // Once asked for, it stays: without a full socket buffer the kernel reports nothing.
  const Interest interest = Interest::input | Interest::output | Interest::edge;
  watches_output_ = loop_->change(socket_.get(), interest, *watcher_).has_value();
}

void Stream::finish_sending() {
  if (channel_ != nullptr) {
    channel_->finish(socket_.get());
  }
  shutdown(socket_.get(), SHUT_WR);
}

void Stream::abort() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  // When that fails it ends as it would have without it.
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  channel_.reset();
  close();
}

void Stream::close() {
  if (socket_.is_open() && channel_ != nullptr) {
    channel_->finish(socket_.get());
  }
  if (socket_.is_open() && is_started_) {
    loop_->remove(socket_.get(), *watcher_);
  }
  socket_.reset();
}

}  // namespace seabag::net
