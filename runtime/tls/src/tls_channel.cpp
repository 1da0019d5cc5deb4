#include "tls_channel.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace seabag::tls {
namespace {

using net::HandshakeState;
using net::Transfer;
using net::TransferState;

/// Plain bytes that are protected before they are sent with one call: four large records.
constexpr std::size_t kBatch = 4 * RecordSizes::kLarge;
/// More answers to a client that makes us answer without receiving them end the connection.
constexpr std::size_t kMaxUnsent = 256 * 1024;

ssize_t send_bytes(int socket, std::string_view bytes) {
  ssize_t sent = 0;
  do {
    sent = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

}  // namespace

/// Walks over the caller's parts.
class TlsChannel::Parts {
 public:
  explicit Parts(std::span<const iovec> parts) : parts_(parts) {
    for (const iovec& part : parts) {
      left_ += part.iov_len;
    }
  }

  [[nodiscard]] std::size_t left() const { return left_; }

  void skip(std::size_t size) {
    left_ -= size;
    offset_ += size;
    while (index_ < parts_.size() && offset_ >= parts_[index_].iov_len) {
      offset_ -= parts_[index_].iov_len;
      ++index_;
    }
  }

  /// The next `size` bytes in one piece: where they are, or put together in `space`.
  const char* take(std::size_t size, std::span<char> space) {
    const auto* const start = static_cast<const char*>(parts_[index_].iov_base) + offset_;
    if (size <= parts_[index_].iov_len - offset_) {
      skip(size);
      return start;
    }
    for (std::size_t filled = 0; filled < size;) {
      const iovec& part = parts_[index_];
      const std::size_t count = std::min(size - filled, part.iov_len - offset_);
      std::memcpy(space.data() + filled, static_cast<const char*>(part.iov_base) + offset_, count);
      filled += count;
      skip(count);
    }
    return space.data();
  }

 private:
  std::span<const iovec> parts_;
  std::size_t index_ = 0;
  std::size_t offset_ = 0;  ///< in that part
  std::size_t left_ = 0;
};

TlsChannel::TlsChannel(std::shared_ptr<const ServerContext> context, OpensslPointer<SSL> connection,
                       Scratch& scratch)
    : context_(std::move(context)), connection_(std::move(connection)), scratch_(&scratch) {}

TlsChannel::~TlsChannel() = default;

OpensslPointer<BIO_METHOD> TlsChannel::make_method() {
  OpensslPointer<BIO_METHOD> method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "seabag"));
  if (method == nullptr) {
    return nullptr;
  }
  BIO_meth_set_read(method.get(), [](BIO* bio, char* data, int size) {
    return static_cast<TlsChannel*>(BIO_get_data(bio))->read_socket(bio, data, size);
  });
  BIO_meth_set_write(method.get(), [](BIO* bio, const char* data, int size) {
    auto* self = static_cast<TlsChannel*>(BIO_get_data(bio));
    self->scratch_->output.append(data, static_cast<std::size_t>(size));
    return size;
  });
  BIO_meth_set_ctrl(method.get(), [](BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1L : 0L;
  });
  return method;
}

bool TlsChannel::attach() {
  BIO* bio = BIO_new(scratch_->method.get());
  if (bio == nullptr) {
    return false;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_.get(), bio, bio);
  return true;
}

/// Whatever is not there, be it for now or for ever, is "not now" to OpenSSL: an end must not keep
/// us from sending, and an error is ours to tell.
int TlsChannel::read_socket(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  ssize_t count = -1;
  if (input_ == Input::open) {
    do {
      count = recv(socket_, data, static_cast<std::size_t>(size), MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count == 0) {
      input_ = Input::ended;
    } else if (count < 0 || count < size) {
      input_ = Input::drained;
      is_lost_ = is_lost_ || (count < 0 && errno != EAGAIN);
    }
  }
  if (count <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // A record begins with its type, which is no letter; a request begins with its method.
  if (!has_begun_ && data[0] >= 'A' && data[0] <= 'Z') {
    is_clear_text_ = true;
    return -1;
  }
  has_begun_ = true;
  return static_cast<int>(count);
}

void TlsChannel::begin(int socket) {
  socket_ = socket;
  input_ = Input::open;
  assert(scratch_->output.empty());
}

/// Sends what is in the scratch space, behind what was left before; false when some of it stays.
bool TlsChannel::flush() {
  std::string& output = scratch_->output;
  is_held_ = false;
  if (!unsent_.empty()) {
    unsent_ += output;
    output.clear();
  }
  const std::string_view bytes = unsent_.empty() ? output : unsent_;
  if (bytes.empty() || is_lost_) {
    output.clear();
    return !is_lost_;
  }
  const ssize_t sent = send_bytes(socket_, bytes);
  is_lost_ = is_lost_ || (sent < 0 && errno != EAGAIN) || bytes.size() > kMaxUnsent;
  const std::size_t gone = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  const bool is_all = gone == bytes.size();
  if (is_all) {
    unsent_ = std::string();  // and its memory
  } else if (unsent_.empty()) {
    unsent_ = output.substr(gone);
  } else {
    unsent_.erase(0, gone);
  }
  output.clear();
  return is_all;
}

Transfer TlsChannel::fail() {
  is_lost_ = true;
  ERR_clear_error();
  return {0, TransferState::failed};
}

HandshakeState TlsChannel::handshake(int socket) {
  begin(socket);
  const int state = is_established_ ? 1 : SSL_do_handshake(connection_.get());
  if (state == 1) {
    is_established_ = true;
    return end_handshake();
  }
  const bool is_waiting = SSL_get_error(connection_.get(), state) == SSL_ERROR_WANT_READ;
  const bool is_flushed = flush();
  if (is_clear_text_) {
    fail();
    return HandshakeState::clear_text;
  }
  if (!is_waiting || is_lost_ || input_ == Input::ended) {
    fail();
    return HandshakeState::failed;
  }
  return is_flushed ? HandshakeState::needs_input : HandshakeState::needs_output;
}

HandshakeState TlsChannel::end_handshake() {
  // A request has come with the last message. Its answer takes the tickets along, which are all
  // that is left to say in TLS 1.3.
  if (SSL_version(connection_.get()) == TLS1_3_VERSION && unsent_.empty() &&
      SSL_has_pending(connection_.get()) == 1) {
    unsent_.swap(scratch_->output);
    is_held_ = !unsent_.empty();
    has_drained_ = input_ == Input::drained;
    return HandshakeState::complete;
  }
  if (flush()) {
    return HandshakeState::complete;
  }
  return is_lost_ ? HandshakeState::failed : HandshakeState::needs_output;
}

Transfer TlsChannel::receive(int socket, std::span<char> space) {
  begin(socket);
  if (is_lost_) {
    return fail();
  }
  bool may_be_open = std::exchange(has_drained_, false);
  input_ = may_be_open ? Input::drained : Input::open;
  std::size_t received = 0;
  bool has_more = true;
  while (has_more && received < space.size()) {
    std::size_t count = 0;
    const int state =
        SSL_read_ex(connection_.get(), space.data() + received, space.size() - received, &count);
    received += count;
    if (state == 1) {
      // Without this OpenSSL would be asked once more only to say that there is nothing.
      has_more = input_ == Input::open || SSL_has_pending(connection_.get()) == 1;
      continue;
    }
    const int reason = SSL_get_error(connection_.get(), state);
    has_more = reason == SSL_ERROR_WANT_READ && received == 0 && std::exchange(may_be_open, false);
    if (has_more) {
      input_ = Input::open;
    } else if (reason == SSL_ERROR_ZERO_RETURN) {
      input_ = Input::ended;
    } else if (reason != SSL_ERROR_WANT_READ) {
      flush();  // tells the other side why
      return fail();
    }
  }
  if (!scratch_->output.empty() || (is_held_ && received == 0)) {
    flush();
  }
  return after_receive(received, space.size());
}

Transfer TlsChannel::after_receive(std::size_t received, std::size_t wanted) {
  if (is_lost_ && received == 0) {
    return fail();
  }
  if (received == wanted) {
    return {received, TransferState::complete};
  }
  if (input_ != Input::ended) {
    return {received, TransferState::partial};
  }
  // With bytes before it, the end is told the next time: the caller must come again for it.
  return {received, received > 0 ? TransferState::complete : TransferState::end};
}

/// Protects as many bytes as go together; false when OpenSSL fails.
bool TlsChannel::encrypt(Parts& parts, std::size_t& size) {
  while (size < kBatch && parts.left() > 0) {
    const std::size_t wanted = sizes_.take(std::min(parts.left(), kBatch - size));
    const char* bytes = parts.take(wanted, scratch_->plain);
    std::size_t written = 0;
    if (SSL_write_ex(connection_.get(), bytes, wanted, &written) != 1 || written != wanted) {
      return false;
    }
    size += wanted;
  }
  return true;
}

Transfer TlsChannel::send(int socket, std::span<const iovec> parts) {
  begin(socket);
  if (!unsent_.empty() && !is_held_ && !flush()) {
    return is_lost_ ? fail() : Transfer{0, TransferState::partial};
  }
  if (is_lost_) {
    return fail();
  }
  Parts rest(parts);
  std::size_t done = std::min(std::exchange(owed_, 0), rest.left());
  rest.skip(done);
  while (rest.left() > 0) {
    std::size_t size = 0;
    if (!encrypt(rest, size)) {
      scratch_->output.clear();
      return fail();
    }
    if (!flush()) {
      owed_ = size;
      return is_lost_ ? fail() : Transfer{done, TransferState::partial};
    }
    done += size;
  }
  return {done, TransferState::complete};
}

void TlsChannel::finish(int socket) {
  if (std::exchange(is_finished_, true) || !is_established_ || is_lost_ ||
      (!unsent_.empty() && !is_held_)) {
    return;
  }
  begin(socket);
  if (SSL_shutdown(connection_.get()) < 0) {
    ERR_clear_error();
  }
  flush();
}

bool TlsChannel::is_resumed() const { return SSL_session_reused(connection_.get()) == 1; }

std::string_view TlsChannel::negotiated_protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace seabag::tls
