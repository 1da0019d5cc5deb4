// Greets whoever is named in the path, in the words of a file that the executable carries; and
// shows a clock that ticks, a route that blocks, and an upload that is never in memory as a whole.
#include <seabag/app/app.h>
#include <seabag/server/event_stream.h>
#include <seabag/server/json.h>
#include <seabag/vfs/shortcuts.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using seabag::server::Flow;
using seabag::server::JsonWriter;
using seabag::server::Reply;
using seabag::server::Request;
using seabag::server::Response;
using seabag::server::Upload;
using seabag::server::UploadEnd;

// Tells everybody who listens how often it has ticked.
class Clock {
 public:
  void add(seabag::server::EventStream listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::move(listener));
    if (!thread_.joinable()) {
      thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
  }

 private:
  void run(const std::stop_token& stop) {
    for (std::uint64_t tick = 1; !stop.stop_requested(); ++tick) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      const std::lock_guard lock(mutex_);
      std::erase_if(listeners_, [tick](const seabag::server::EventStream& listener) {
        return listener.send({.data = std::to_string(tick), .event = "tick"}) == Flow::closed;
      });
    }
  }

  std::mutex mutex_;
  std::vector<seabag::server::EventStream> listeners_;
  std::jthread thread_;
};

// As if a database took its time.
Response slow_answer(const Request&) {
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return Response::text("worth the wait\n");
}

// Adds up what is sent, part by part.
void sum_up(const Request&, const Upload& upload, const Reply& reply) {
  const auto sum = std::make_shared<std::uint64_t>(0);
  upload.on_part([sum](std::string_view part) {
    for (const char byte : part) {
      *sum += static_cast<unsigned char>(byte);
    }
  });
  upload.on_end([sum, reply](UploadEnd end) {
    if (end == UploadEnd::complete) {
      reply.send(Response::text(std::to_string(*sum) + "\n"));
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  seabag::app::App app;
  // Files of the bundle are read by path, without a directory beside the executable.
  std::string words = read_file(app.files(), "/words.txt").value_or("Hello,\n");
  words.pop_back();  // the line end

  app.get("/api/greet/:name", [words](const Request& request) {
    const std::string greeting = words + " " + std::string(request.param("name")) + "!";
    return Response::json(
        JsonWriter().begin_object().member("greeting", greeting).end_object().take());
  });
  Clock clock;
  app.get("/api/clock", [&clock](const Request& request, const Reply& reply) {
    clock.add({request, reply});
  });
  app.get("/api/slow", slow_answer,
          {.blocking = seabag::server::Blocking{.concurrency = 4, .queue = 32}});
  app.post("/api/sum", sum_up, {.content_limit = 1'000'000'000});
  return app.run(argc, argv);
}
