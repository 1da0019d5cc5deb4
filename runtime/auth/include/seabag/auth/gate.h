#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "seabag/auth/passwords.h"

namespace seabag::auth {

enum class Verdict : std::uint8_t {
  right,
  wrong,    ///< or none at all
  pending,  ///< it is being found out: ask again soon
  limited,  ///< too many attempts of this client
  busy,     ///< too many attempts of all clients
};

struct GateOptions {
  /// Credentials whose verdict is remembered.
  std::size_t remembered = 1024;
  /// Credentials that wait to be verified.
  std::size_t waiting = 64;
  /// Verifications that one client may cause at once; then one for each `pause`. Those that turn
  /// out right are not counted.
  std::size_t attempts = 10;
  std::chrono::seconds pause{6};
  /// Clients whose attempts are counted; beyond it the one that was quiet for longest is forgotten.
  std::size_t clients = 4096;
};

/// Tells who may pass by Basic authentication (RFC 7617), without ever waiting: slow hashes are
/// computed by a thread of its own, one after the other, which starts with the first attempt. A
/// verdict is remembered under a keyed hash of the credential, never the credential itself.
///
/// Safe for concurrent use.
class Gate {
 public:
  explicit Gate(Passwords passwords, const GateOptions& options = {});
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  /// What the value of an `Authorization` field is worth, sent by `client` (an address).
  [[nodiscard]] Verdict judge(std::string_view authorization, std::string_view client);

  /// From now on these passwords count, and every credential is verified anew.
  void replace(Passwords passwords);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seabag::auth
