#include "serve.h"

#include <csignal>
#include <thread>

#include "seabag/net/address.h"
#include "seabag/net/listener.h"
#include "seabag/server/server.h"

namespace seabag::app {

namespace {

constexpr const char* kDefaultAddress = "127.0.0.1:8080";

Result<std::vector<net::ListenerGroup>> open_listeners(const std::vector<std::string>& addresses) {
  std::vector<net::ListenerGroup> groups;
  for (const std::string& text : addresses) {
    const net::Address address = SEABAG_TRY(net::Address::parse(text));
    groups.push_back(SEABAG_TRY(net::ListenerGroup::open(address, 1)));
  }
  return groups;
}

std::string url_of(const net::Address& address) {
  if (address.is_unix()) {
    return address.text();
  }
  const std::string text = address.text();
  // Every interface has no name that a browser understands; this machine's own does.
  return "http://" + (text.starts_with('*') ? "localhost" + text.substr(1) : text);
}

// Takes the signals that end a server in a thread of its own, where anything may be called.
class StopOnSignal {
 public:
  explicit StopOnSignal(server::Server& server) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this, &server] {
      int signal = 0;
      while (sigwait(&signals_, &signal) == 0 && signal != SIGUSR2) {
        server.stop();
      }
    });
  }
  ~StopOnSignal() {
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  sigset_t signals_{};
  std::thread thread_;
};

}  // namespace

Result<void> serve(const vfs::AssetSource& assets, const ServeOptions& options, console::Io& io) {
  std::vector<std::string> addresses = options.listen;
  if (addresses.empty()) {
    addresses.emplace_back(kDefaultAddress);
  }
  const auto groups = SEABAG_TRY(open_listeners(addresses));
  const auto server = SEABAG_TRY(server::Server::create({}, {.assets = &assets}));
  for (const net::ListenerGroup& group : groups) {
    SEABAG_TRY(server->listen(group.listener(0)));
    SEABAG_TRY(io.out.write("Serving on " + url_of(group.address()) + "\n"));
  }
  SEABAG_TRY(io.out.flush());
  const StopOnSignal stop(*server);
  return server->run();
}

}  // namespace seabag::app
