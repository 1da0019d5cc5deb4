#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "seabag/vfs/result.h"

namespace seabag::tls {

/// What one session ticket is protected with: AES-256-CBC and HMAC-SHA256 (RFC 5077 §4).
struct TicketKey {
  std::array<unsigned char, 16> name{};
  std::array<unsigned char, 32> cipher{};
  std::array<unsigned char, 32> mac{};
};

/// The keys of session tickets, in memory that processes forked from here share: what one worker
/// hands out another one accepts. A new key comes every twelve hours, made by whoever needs it
/// first; the one before it is accepted for as long, then it is gone everywhere. Safe for
/// concurrent use, also by processes one of which may be killed at any moment.
class TicketKeys {
 public:
  using Seconds = std::uint64_t;
  static constexpr Seconds kRotation = 12 * 60 * 60;

  /// `now` counts from any moment. Errors: ENOMEM.
  [[nodiscard]] static Result<std::unique_ptr<TicketKeys>> make(Seconds now);
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys();

  /// The key for new tickets. False when no new one can be made although it is time.
  [[nodiscard]] bool current(Seconds now, TicketKey& key);

  enum class Match : std::uint8_t { none, current, previous };
  /// The key of this name, as long as it is accepted.
  [[nodiscard]] Match find(std::span<const unsigned char, 16> name, Seconds now, TicketKey& key);

 private:
  struct Shared;
  class Lock;
  explicit TicketKeys(Shared* shared) : shared_(shared) {}

  Shared* shared_;
};

}  // namespace seabag::tls
