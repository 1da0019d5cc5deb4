#include "seabag/server/websocket.h"

#include <algorithm>
#include <utility>

#include "seabag/server/handler.h"
#include "socket_link.h"

namespace seabag::server {
namespace {

using http::Status;
using websocket::Handshake;

Response refusal(const Handshake& handshake) {
  Response response = Response::error(handshake.status);
  response.fields = handshake.fields;
  if (handshake.status == Status::upgrade_required) {
    response.fields.emplace_back("Upgrade", "websocket");
  }
  return response;
}

void open(const std::shared_ptr<const SocketRoute>& route, const Request& request,
          const SocketLink::Ends& ends) {
  const http::RequestHead& head = request.head();
  const auto& allows = route->options.allows;
  if (allows ? !allows(request) : !websocket::is_same_origin(head)) {
    ends.reply.send(Response::error(Status::forbidden));
    return;
  }
  const Handshake handshake = head.method == http::Method::connect
                                  ? websocket::answer_connect(head, route->handshake)
                                  : websocket::answer_upgrade(head, route->handshake);
  if (!handshake.is_accepted()) {
    ends.reply.send(refusal(handshake));
    return;
  }
  ends.reply.accept(handshake.fields);
  std::make_shared<SocketLink>(route, ends, handshake)->start(request);
}

}  // namespace

Result<void> add_websocket(Router& router, std::string_view pattern, SocketHandlers handlers,
                           SocketOptions options) {
  const auto route = std::make_shared<SocketRoute>();
  route->handlers = std::move(handlers);
  route->handshake = {.protocols = options.protocols, .deflate = options.deflate};
  route->options = std::move(options);
  SEABAG_TRY(router.add_tunnel(pattern, "websocket",
                               [route](const Request& request, Upload upload, Reply reply) {
                                 open(route, request, {std::move(reply), std::move(upload)});
                               }));
  auto plain = router.add(http::Method::get, pattern,
                          [](const Request&) { return refusal(websocket::ask_for_upgrade()); });
  if (!plain && !plain.error().is(std::errc::file_exists)) {
    return plain;
  }
  return {};
}

Sent Socket::send_text(std::string text) const {
  const auto message = websocket::Message::text(std::move(text));
  return message ? send(*message) : Sent::malformed;
}

Sent Socket::send_binary(std::string bytes) const {
  return send(websocket::Message::binary(std::move(bytes)));
}

Sent Socket::send(const websocket::SharedMessage& message) const { return link_->send(message); }

void Socket::close(websocket::CloseCode code, std::string_view reason) const {
  link_->close(code, reason);
}

bool Socket::is_open() const { return link_->is_open(); }

std::size_t Socket::buffered() const { return link_->buffered(); }

std::string_view Socket::protocol() const { return link_->protocol(); }

void SocketGroup::add(const Socket& socket) {
  const std::lock_guard lock(mutex_);
  sockets_.push_back(socket);
}

void SocketGroup::remove(const Socket& socket) {
  const std::lock_guard lock(mutex_);
  std::erase(sockets_, socket);
}

void SocketGroup::send(const websocket::SharedMessage& message) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sockets_,
                [&](const Socket& socket) { return socket.send(message) == Sent::closed; });
}

std::size_t SocketGroup::size() const {
  const std::lock_guard lock(mutex_);
  return sockets_.size();
}

}  // namespace seabag::server
