#include "conduit.h"

#include <exception>
#include <utility>

namespace seabag::server {

void Mailbox::post(std::shared_ptr<Conduit> conduit) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      return;
    }
    posted_.push_back(std::move(conduit));
    if (posted_.size() > 1) {
      return;
    }
  }
  const std::lock_guard waking(waking_);
  if (loop_ != nullptr) {
    loop_->notify();
  }
}

void Mailbox::deliver() {
  std::vector<std::shared_ptr<Conduit>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const std::shared_ptr<Conduit>& conduit : posted) {
    if (ConduitHost* const host = conduit->host()) {
      host->on_stirred(*conduit);
    }
  }
}

void Mailbox::close() {
  std::vector<std::shared_ptr<Conduit>> posted;
  const std::lock_guard waking(waking_);
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
  is_closed_ = true;
  posted.swap(posted_);
}

/// Tells the loop, unless it will look anyway. Unlocks.
void Conduit::stir(std::unique_lock<std::mutex>& lock) {
  const bool is_news = !std::exchange(is_posted_, true) && !is_closed_;
  lock.unlock();
  if (is_news) {
    mailbox_->post(shared_from_this());
  }
}

Flow Conduit::give(Head head, Response response) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || has_begun_ || end_ != End::open) {
    return Flow::closed;
  }
  has_begun_ = true;
  waiting_.head = head;
  waiting_.response = std::move(response);
  if (head == Head::whole) {
    waiting_.end = end_ = End::finished;
  }
  stir(lock);
  return Flow::taken;
}

Flow Conduit::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || !has_begun_ || end_ != End::open) {
    return Flow::closed;
  }
  if (waiting_.bytes.size() >= Reply::kAhead) {
    is_refusing_ = true;
    return Flow::full;
  }
  waiting_.bytes += bytes;
  stir(lock);
  return Flow::taken;
}

Flow Conduit::write_waiting(std::string_view bytes) {
  while (true) {
    if (const Flow flow = write(bytes); flow != Flow::full) {
      return flow;
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return is_closed_ || end_ != End::open || waiting_.bytes.size() < Reply::kAhead;
    });
  }
}

void Conduit::finish() {
  std::unique_lock lock(mutex_);
  if (!is_closed_ && has_begun_ && end_ == End::open) {
    waiting_.end = end_ = End::finished;
    stir(lock);
  }
}

void Conduit::abort(std::string trouble) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || end_ != End::open) {
    return;
  }
  waiting_.trouble = std::move(trouble);
  if (has_begun_) {
    waiting_.end = end_ = End::aborted;
  } else {
    has_begun_ = true;
    waiting_.head = Head::whole;
    waiting_.response = Response::error(http::Status::internal_server_error);
    waiting_.end = end_ = End::finished;
  }
  stir(lock);
}

void Conduit::on_drained(std::function<void()> call) {
  auto shared = std::make_shared<const std::function<void()>>(std::move(call));
  const std::lock_guard lock(mutex_);
  if (!is_closed_) {
    drained_.swap(shared);  // the old one goes without the lock
  }
}

void Conduit::on_closed(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_closed_) {
      closed_.swap(call);
      return;
    }
  }
  call();
}

void Conduit::keep_alive(Heartbeat heartbeat) {
  std::unique_lock lock(mutex_);
  heartbeat_ = std::move(heartbeat);
  stir(lock);
}

bool Conduit::is_closed() {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

void Conduit::on_part(std::function<void(std::string_view)> call) {
  auto shared = std::make_shared<const std::function<void(std::string_view)>>(std::move(call));
  std::unique_lock lock(mutex_);
  if (!is_closed_ && !has_ended_content_) {
    part_.swap(shared);
    stir(lock);
  }
}

void Conduit::on_end(std::function<void(UploadEnd)> call) {
  UploadEnd end = UploadEnd::complete;
  {
    const std::lock_guard lock(mutex_);
    if (!has_ended_content_) {
      content_end_.swap(call);
      return;
    }
    end = is_broken_ ? UploadEnd::broken : UploadEnd::complete;
  }
  call(end);
}

void Conduit::set_held(bool is_held) {
  std::unique_lock lock(mutex_);
  if (std::exchange(is_held_, is_held) && !is_held) {
    stir(lock);
  }
}

void Conduit::on_silence(std::chrono::milliseconds interval, std::function<void()> call) {
  auto shared = std::make_shared<const std::function<void()>>(std::move(call));
  std::unique_lock lock(mutex_);
  if (!is_closed_) {
    silence_.swap(shared);  // the old one goes without the lock
    waiting_.silence = interval;
    stir(lock);
  }
}

void Conduit::on_drain(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  if (!is_closed_) {
    drain_.swap(call);
  }
}

std::optional<std::string> Conduit::read() {
  std::unique_lock lock(mutex_);
  if (!std::exchange(is_read_, true)) {
    stir(lock);
    lock.lock();
  }
  changed_.wait(lock, [this] { return !unread_.empty() || has_ended_content_; });
  if (unread_.empty()) {
    return std::nullopt;
  }
  std::string part = std::exchange(unread_, {});
  if (part.size() >= Reply::kAhead) {
    stir(lock);
  }
  return part;
}

bool Conduit::is_broken() {
  const std::lock_guard lock(mutex_);
  return is_broken_;
}

Conduit::Delivery Conduit::take() {
  const std::lock_guard lock(mutex_);
  const bool has_drained = is_refusing_ && drained_ != nullptr;
  is_refusing_ = false;
  is_posted_ = has_drained;  // the host takes again after it has told that
  Delivery delivery = std::exchange(waiting_, {});
  delivery.has_drained = has_drained;
  if (!delivery.bytes.empty()) {
    changed_.notify_all();
  }
  return delivery;
}

/// An exception of a function that we were given ends the answer.
template <typename Call>
void Conduit::guarded(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) {
    abort(error.what());
  }
}

void Conduit::tell_drained() {
  std::shared_ptr<const std::function<void()>> call;
  {
    const std::lock_guard lock(mutex_);
    call = drained_;
  }
  if (call != nullptr) {
    guarded([&] { (*call)(); });
  }
}

void Conduit::tell_silence() {
  std::shared_ptr<const std::function<void()>> call;
  {
    const std::lock_guard lock(mutex_);
    call = silence_;
  }
  if (call != nullptr && *call) {
    guarded([&] { (*call)(); });
  }
}

void Conduit::tell_drain() {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex_);
    call.swap(drain_);
  }
  if (call) {
    guarded(call);
  }
}

void Conduit::close() {
  host_ = nullptr;
  std::function<void()> call;
  std::function<void()> drain;
  std::shared_ptr<const std::function<void()>> drained;
  std::shared_ptr<const std::function<void()>> silence;
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
      return;
    }
    is_closed_ = true;
    call.swap(closed_);
    drained.swap(drained_);
    silence.swap(silence_);
    drain.swap(drain_);
    waiting_ = {};
    if (end_ != End::open) {
      call = nullptr;
    }
    changed_.notify_all();
  }
  end_content(UploadEnd::broken);
  if (call) {
    guarded(call);
  }
}

bool Conduit::wants_content() {
  const std::lock_guard lock(mutex_);
  return is_read_ ? unread_.size() < Reply::kAhead : part_ != nullptr && !is_held_;
}

Conduit::Heartbeat Conduit::heartbeat() {
  const std::lock_guard lock(mutex_);
  return heartbeat_;
}

void Conduit::give_part(std::string_view part) {
  std::shared_ptr<const std::function<void(std::string_view)>> call;
  {
    const std::lock_guard lock(mutex_);
    call = part_;
    if (is_read_) {
      unread_ += part;
      changed_.notify_all();
      return;
    }
  }
  heard_ = std::chrono::steady_clock::now();
  if (call != nullptr) {
    guarded([&] { (*call)(part); });
  }
}

void Conduit::end_content(UploadEnd end) {
  std::function<void(UploadEnd)> call;
  std::shared_ptr<const std::function<void(std::string_view)>> part;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_ended_content_, true)) {
      return;
    }
    is_broken_ = end == UploadEnd::broken;
    changed_.notify_all();
    call.swap(content_end_);
    part.swap(part_);
  }
  if (call) {
    guarded([&] { call(end); });
  }
}

}  // namespace seabag::server
