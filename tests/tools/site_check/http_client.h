#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "seabag/net/address.h"
#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::site_check {

/// One answer of a server.
struct Reply {
  int status = 0;
  std::map<std::string, std::string> fields = {};  ///< names in lower case
  std::string body = {};

  /// The value of a field, or nothing at all when it is missing.
  [[nodiscard]] std::string_view field(const std::string& name) const;
};

/// A blocking HTTP/1.1 client on one keep-alive connection. One thread at a time.
class HttpClient {
 public:
  /// Errors: those of connect(2).
  [[nodiscard]] static Result<HttpClient> connect(const net::Address& address);

  /// Sends a request and waits for its answer, whose length must be told. `target` is sent as it
  /// is. Errors: EPROTO for an answer that makes no sense, those of send(2) and recv(2).
  [[nodiscard]] Result<Reply> ask(std::string_view method, std::string_view target,
                                  std::string_view fields);

 private:
  explicit HttpClient(net::Descriptor socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Result<void> send(std::string_view bytes);
  [[nodiscard]] Result<void> receive_more();
  [[nodiscard]] Result<Reply> receive_head();

  net::Descriptor socket_;
  std::string received_;  ///< and not handed out yet
};

}  // namespace seabag::site_check
