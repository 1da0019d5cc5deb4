// A room in which everybody hears everybody, over WebSockets.
#include <seabag/app/app.h>
#include <seabag/server/websocket.h>

#include <string>

using seabag::server::Request;
using seabag::server::Socket;
using seabag::server::SocketEnd;
using seabag::server::SocketGroup;
using seabag::server::SocketHandlers;
using seabag::server::SocketMessage;
using seabag::websocket::Message;
using seabag::websocket::MessageKind;

int main(int argc, char** argv) {
  seabag::app::App app;
  SocketGroup room;

  SocketHandlers handlers;
  handlers.on_open = [&room](const Socket& socket, const Request&) {
    room.add(socket);
    socket.send_text("Welcome aboard: " + std::to_string(room.size()) + " in the room");
  };
  handlers.on_message = [&room](const Socket&, const SocketMessage& message) {
    // What came as a text is UTF-8, so making one of it can't fail.
    if (message.kind == MessageKind::text) {
      if (const auto said = Message::text(std::string(message.payload))) {
        room.send(*said);
      }
    }
  };
  handlers.on_close = [&room](const Socket& socket, const SocketEnd&) { room.remove(socket); };

  app.websocket("/chat", std::move(handlers), {.limits = {.message = 4096, .frame = 4096}});
  return app.run(argc, argv);
}
