#include "seabag/server/reply.h"

#include <utility>

#include "conduit.h"

namespace seabag::server {

/// Ends what nobody will complete.
struct Reply::Holder {
  explicit Holder(std::shared_ptr<Conduit> its_conduit) : conduit(std::move(its_conduit)) {}
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { conduit->abort("the handler has given no complete answer"); }

  const std::shared_ptr<Conduit> conduit;
};

Reply::Reply(std::shared_ptr<Conduit> conduit)
    : holder_(std::make_shared<const Holder>(std::move(conduit))) {}

Flow Reply::send(Response response) const {
  return holder_->conduit->give(Conduit::Head::whole, std::move(response));
}

Flow Reply::begin(Response response) const {
  return holder_->conduit->give(Conduit::Head::open, std::move(response));
}

Flow Reply::accept(std::vector<std::pair<std::string, std::string>> fields) const {
  return holder_->conduit->give(Conduit::Head::tunnel,
                                {.content_type = {}, .fields = std::move(fields)});
}

Flow Reply::write(std::string_view bytes) const { return holder_->conduit->write(bytes); }

Flow Reply::write_waiting(std::string_view bytes) const {
  return holder_->conduit->write_waiting(bytes);
}

void Reply::finish() const { holder_->conduit->finish(); }

void Reply::abort() const { holder_->conduit->abort("the handler has broken its answer off"); }

void Reply::on_drained(std::function<void()> call) const {
  holder_->conduit->on_drained(std::move(call));
}

void Reply::on_closed(std::function<void()> call) const {
  holder_->conduit->on_closed(std::move(call));
}

void Reply::keep_alive(std::chrono::milliseconds interval, std::string bytes) const {
  holder_->conduit->keep_alive({.interval = interval, .bytes = std::move(bytes)});
}

// Weak, since the conduit keeps what it is given.
void Reply::finish_on_drain() const {
  holder_->conduit->on_drain([weak = std::weak_ptr<Conduit>(holder_->conduit)] {
    if (const auto conduit = weak.lock()) {
      conduit->finish();
    }
  });
}

bool Reply::is_closed() const { return holder_->conduit->is_closed(); }

Upload::Upload(std::shared_ptr<Conduit> conduit) : conduit_(std::move(conduit)) {}

void Upload::on_part(std::function<void(std::string_view part)> call) const {
  conduit_->on_part(std::move(call));
}

void Upload::on_end(std::function<void(UploadEnd end)> call) const {
  conduit_->on_end(std::move(call));
}

void Upload::hold() const { conduit_->set_held(true); }

void Upload::on_silence(std::chrono::milliseconds interval, std::function<void()> call) const {
  conduit_->on_silence(interval, std::move(call));
}

void Upload::on_drain(std::function<void()> call) const { conduit_->on_drain(std::move(call)); }

void Upload::resume() const { conduit_->set_held(false); }

std::optional<std::string> Upload::read() const { return conduit_->read(); }

bool Upload::is_broken() const { return conduit_->is_broken(); }

}  // namespace seabag::server
