#include "attempts.h"

#include <algorithm>

namespace seabag::auth {

Attempts::Budget& Attempts::budget_of(std::string_view client, Clock::time_point now) {
  if (const auto place = places_.find(client); place != places_.end()) {
    order_.splice(order_.begin(), order_, place->second);
    return order_.front();
  }
  if (places_.size() >= options_.clients) {
    places_.erase(order_.back().client);
    order_.pop_back();
  }
  order_.push_front({.client = std::string(client), .left = options_.attempts, .since = now});
  places_.emplace(order_.front().client, order_.begin());
  return order_.front();
}

bool Attempts::take(std::string_view client, Clock::time_point now) {
  Budget& budget = budget_of(client, now);
  const auto added = static_cast<std::size_t>((now - budget.since) / options_.pause);
  if (budget.left + added >= options_.attempts) {
    budget.left = options_.attempts;
    budget.since = now;
  } else {
    budget.left += added;
    budget.since += static_cast<int>(added) * options_.pause;
  }
  if (budget.left == 0) {
    return false;
  }
  --budget.left;
  return true;
}

void Attempts::give_back(std::string_view client) {
  if (const auto place = places_.find(client); place != places_.end()) {
    place->second->left = std::min(place->second->left + 1, options_.attempts);
  }
}

}  // namespace seabag::auth
