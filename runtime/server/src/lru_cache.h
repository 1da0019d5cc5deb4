#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace seabag::server {

/// The entries that were used last, up to a number of bytes, each as large as its `size()` says.
/// One thread at a time.
template <typename Entry>
class LruCache {
 public:
  explicit LruCache(std::size_t capacity) : capacity_(capacity) {}

  /// The entry of this key, or null.
  [[nodiscard]] std::shared_ptr<const Entry> find(std::string_view key) {
    const auto place = places_.find(key);
    if (place == places_.end()) {
      return nullptr;
    }
    order_.splice(order_.begin(), order_, place->second);
    return place->second->entry;
  }

  /// Keeps an entry, in the place of one that may be there, unless it is larger than all space.
  void put(std::string_view key, std::shared_ptr<const Entry> entry) {
    remove(key);
    const std::size_t size = entry->size();
    if (size > capacity_) {
      return;
    }
    used_ += size;
    order_.push_front({.key = std::string(key), .size = size, .entry = std::move(entry)});
    places_.emplace(order_.front().key, order_.begin());
    while (used_ > capacity_) {
      remove(std::string(order_.back().key));
    }
  }

  void remove(std::string_view key) {
    const auto place = places_.find(key);
    if (place == places_.end()) {
      return;
    }
    const auto kept = place->second;
    used_ -= kept->size;
    places_.erase(place);
    order_.erase(kept);
  }

 private:
  struct Kept {
    std::string key;
    std::size_t size;
    std::shared_ptr<const Entry> entry;
  };
  using Order = std::list<Kept>;

  std::size_t capacity_;
  std::size_t used_ = 0;
  Order order_;  ///< the one that was used last is in front
  std::unordered_map<std::string_view, typename Order::iterator> places_;  ///< views into `order_`
};

}  // namespace seabag::server
