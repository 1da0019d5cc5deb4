#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace seabag::auth {

/// How many attempts each client has left. One thread at a time.
class Attempts {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    std::size_t attempts = 10;
    std::chrono::seconds pause{6};
    std::size_t clients = 4096;
  };

  explicit Attempts(const Options& options) : options_(options) {}

  /// Takes one; false when there is none left.
  bool take(std::string_view client, Clock::time_point now);
  /// Gives one back.
  void give_back(std::string_view client);

 private:
  struct Budget {
    std::string client;
    std::size_t left = 0;
    Clock::time_point since;  ///< when the last one was added
  };
  using Order = std::list<Budget>;

  Budget& budget_of(std::string_view client, Clock::time_point now);

  Options options_;
  Order order_;  ///< the client that came last is in front
  std::unordered_map<std::string_view, Order::iterator> places_;  ///< views into `order_`
};

}  // namespace seabag::auth
