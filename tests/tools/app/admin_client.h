#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "seabag/net/address.h"
#include "support/catch.h"
#include "support/loopback.h"

namespace seabag::testing {

/// An operator.
class AdminClient {
 public:
  /// `line` is what the server has printed: `Admin on http://ADDR:PORT` or `Admin on unix:PATH`.
  explicit AdminClient(std::string_view line) {
    constexpr std::string_view kStart = "Admin on ";
    constexpr std::string_view kScheme = "http://";
    INFO(line);
    REQUIRE(line.starts_with(kStart));
    line.remove_prefix(kStart.size());
    line.remove_prefix(line.starts_with(kScheme) ? kScheme.size() : 0);
    address_ = net::Address::parse(line).value();
  }

  [[nodiscard]] test::Reply get(const std::string& target) const {
    test::Loopback client(address_);
    return client.ask("GET " + target +
                      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  [[nodiscard]] nlohmann::json status() const {
    return nlohmann::json::parse(get("/status.json").body);
  }

  /// Asks until the answer is as it should be.
  void wait_until(const std::function<bool(const nlohmann::json& status)>& is_so) const {
    while (!is_so(status())) {
    }
  }
  void wait_until_ready() const {
    wait_until([](const nlohmann::json& status) { return status["ready"].get<bool>(); });
  }

 private:
  net::Address address_;
};

}  // namespace seabag::testing
