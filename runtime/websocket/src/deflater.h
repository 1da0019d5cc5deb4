#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "seabag/websocket/deflate.h"

namespace seabag::websocket {

/// Compresses messages as permessage-deflate wants them. One thread at a time.
class Deflater {
 public:
  Deflater(int window_bits, int level, Takeover takeover);
  ~Deflater();

  /// Appends the compressed message; false without memory, and nothing is sure then.
  [[nodiscard]] bool deflate(std::string_view message, std::string& out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  Takeover takeover_;
};

}  // namespace seabag::websocket
