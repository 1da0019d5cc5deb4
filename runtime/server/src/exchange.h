#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "answer.h"
#include "body_reader.h"
#include "dialogue.h"
#include "engine.h"
#include "seabag/http/request_parser.h"
#include "seabag/net/address.h"

namespace seabag::server {

/// The dialogue in HTTP/1.1: one request after the other.
class Exchange final : public Dialogue {
 public:
  /// Both must outlive this.
  Exchange(Engine& engine, const net::Peer& client);

  Progress take(std::string_view input) override;
  [[nodiscard]] net::Milliseconds deadline() const override;
  State on_deadline() override;
  State drain() override;

 private:
  Progress take_head(std::string_view input);
  Progress take_content(std::string_view input);
  Progress begin_content(std::string_view head_bytes, std::string_view content);
  State answer(std::string_view content, State after);
  Progress answer_error(http::Status status, const char* reason);
  void restore_head(const BodyReader& body);
  [[nodiscard]] net::Milliseconds content_deadline() const;

  Engine* engine_;
  const net::Peer* client_;
  http::ParseProgress progress_;      ///< of the head at the start of the next input
  std::unique_ptr<BodyReader> body_;  ///< content that is on its way
  net::Milliseconds head_started_;
  bool is_in_head_ = false;
  bool has_answered_ = false;
  bool ends_soon_ = false;  ///< a drain waits for one more request, but not for long
};

}  // namespace seabag::server
