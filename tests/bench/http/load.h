// A closed loop of clients: each sends its requests, waits for all answers, and sends again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "seabag/net/address.h"

namespace seabag::bench {

struct LoadOptions {
  net::Address address;
  /// The bytes of requests that are made in turn, by each connection from another one on.
  std::vector<std::string> requests;
  unsigned connections = 64;
  unsigned depth = 1;     ///< requests that are sent together
  unsigned status = 200;  ///< of every answer
  std::uint64_t length =
      0;  ///< Content-Length that every answer must have, unless it has no content
  bool has_content = true;     ///< false: a 304, or an answer to HEAD
  bool connects_anew = false;  ///< for every request
};

struct LoadFigures {
  std::uint64_t answers = 0;  ///< all of them of the right status and length
  double seconds = 0;
  std::string error = {};  ///< what was wrong with an answer or a connection; empty: nothing
};

/// One thread. The connections stay open between runs.
class Load {
 public:
  /// Connects; trouble shows in the next `run`.
  explicit Load(LoadOptions options);
  ~Load();

  [[nodiscard]] bool is_connected() const { return error_.empty(); }

  /// Keeps the server busy for this long.
  LoadFigures run(double seconds);

 private:
  struct Client;

  bool connect(Client& client);
  void send_batch(Client& client);
  void receive(Client& client);
  void take(Client& client, std::string_view bytes);
  bool take_head(Client& client, std::string_view& bytes);
  bool check_head(std::string_view head);
  void fail(std::string cause);

  LoadOptions options_;
  std::vector<std::string> batches_;  ///< one that begins with each request
  std::string good_;                  ///< how a good answer begins
  std::string known_head_;            ///< what a good head looked like, to know the next one faster
  std::size_t length_offset_ = 0;     ///< where in it the length is
  std::size_t length_size_ = 0;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<char> buffer_;
  int poller_;
  std::uint64_t answers_ = 0;
  std::string error_;
};

}  // namespace seabag::bench
