// Clients that count strictly: a request that was sent on a connection which its server had not
// announced to close, and that did not get its whole answer, has failed, and so has a connection
// that was refused. Nothing is tried again in silence.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/metrics/histogram.h"
#include "seabag/net/descriptor.h"

namespace seabag::soak {

using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

struct CrowdOptions {
  std::uint16_t port = 0;  ///< on 127.0.0.1
  std::string path = "/";
  unsigned kept = 64;  ///< clients that keep their connection
  unsigned anew = 0;   ///< clients with a connection for each request
  /// Requests a second of all together, due at even distances; 0: each asks when it was answered.
  double rate = 0;
  std::chrono::milliseconds timeout{15'000};
  /// Answers that took longer than this are told one by one.
  std::chrono::milliseconds slow{1'000'000};
};

/// Something that went wrong, or took long, with one request.
struct Incident {
  Moment at;                 ///< when it was noticed
  std::string kind;          ///< refused, connect, reset, closed, malformed, timed_out; slow
  unsigned port = 0;         ///< of the client
  std::int64_t took_us = 0;  ///< since it was sent, or since connecting began
};

/// Answers of one kind.
struct Answers {
  metrics::Histogram since_sent{60'000'000};  ///< microseconds
  metrics::Histogram since_due{60'000'000};   ///< the same with the wait for a free client
};

struct CrowdFigures {
  Answers good;      ///< 2xx
  Answers rejected;  ///< 503
  std::uint64_t others = 0;
  std::map<std::string, std::uint64_t> failed;  ///< by Incident::kind
  std::vector<Incident> incidents;              ///< the first kMostIncidents of them
  std::uint64_t connections = 0;
  std::uint64_t unsent = 0;  ///< were due, and no client was free until the end
  double seconds = 0;

  [[nodiscard]] std::uint64_t answers() const {
    return good.since_sent.count() + rejected.since_sent.count() + others;
  }
  [[nodiscard]] std::uint64_t failures() const;
};

/// One thread.
class Crowd {
 public:
  explicit Crowd(CrowdOptions options);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();

  /// Goes on for a while.
  void run(std::chrono::duration<double> time);
  /// Sends nothing more and waits for the answers that are missing.
  void finish();
  /// Forgets what was counted.
  void clear();

  /// Until now, since the last `clear`.
  [[nodiscard]] const CrowdFigures& figures();

 private:
  struct Client;

  void connect(Client& client);
  void set_free(Client& client);
  void send_due(Moment now);
  void begin(Client& client, Moment due);
  void send(Client& client);
  void on_event(Client& client, std::uint32_t events);
  void on_connected(Client& client);
  void receive(Client& client);
  bool take(Client& client, std::string_view bytes);
  void on_answer(Client& client);
  void on_end(Client& client, const char* kind);
  void fail(Client& client, const char* kind);
  void restart(Client& client);
  void look_at_times(Moment now);
  void turn(int wait);

  CrowdOptions options_;
  std::string request_;
  net::Descriptor poller_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::deque<Client*> free_;  ///< who waits for something to ask; into `clients_`
  std::deque<Client*> back_;  ///< who tries to connect again soon
  std::vector<char> buffer_;
  CrowdFigures figures_;
  Moment started_;           ///< `figures_` are since then
  Moment first_due_;         ///< of an even rate
  std::uint64_t begun_ = 0;  ///< of those that were due
  std::uint64_t under_way_ = 0;
  Moment looked_;
  bool is_finishing_ = false;
};

}  // namespace seabag::soak
