#include "seabag/auth/gate.h"

#include <sodium.h>

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "attempts.h"
#include "credential.h"
#include "seabag/pool/elastic_pool.h"

namespace seabag::auth {
namespace {

using Digest = std::array<unsigned char, crypto_generichash_BYTES>;
using Key = std::array<unsigned char, crypto_generichash_KEYBYTES>;

}  // namespace

struct Gate::State {
  State(Passwords the_passwords, const GateOptions& the_options)
      : options(the_options),
        passwords(std::make_shared<const Passwords>(std::move(the_passwords))),
        attempts(
            {.attempts = options.attempts, .pause = options.pause, .clients = options.clients}) {
    randombytes_buf(key.data(), key.size());
  }

  [[nodiscard]] Digest digest_of(std::string_view text) const;
  [[nodiscard]] std::optional<Verdict> recall(const Digest& digest, std::string_view client);
  void start_pool();
  [[nodiscard]] std::shared_ptr<const Passwords> current();
  void settle(const Digest& digest, const std::string& client, bool is_right,
              const std::shared_ptr<const Passwords>& by);
  void give_up(const Digest& digest, const std::string& client);

  const GateOptions options;
  Key key{};

  std::mutex mutex;  ///< for all that follows
  std::shared_ptr<const Passwords> passwords;
  std::map<Digest, Verdict> verdicts;
  std::deque<Digest> order;  ///< of the verdicts, the oldest first
  std::set<Digest> pending;
  Attempts attempts;
  std::unique_ptr<pool::ElasticPool> pool;  ///< null until it is needed: threads don't fork
  pool::ElasticPool::Lane* lane = nullptr;

  class Verification;
};

/// Finds out about one credential on a thread of the pool.
class Gate::State::Verification final : public pool::Task {
 public:
  Verification(State& state, const Digest& digest, Credential credential, std::string client)
      : state_(&state),
        digest_(digest),
        credential_(std::move(credential)),
        client_(std::move(client)) {}
  ~Verification() override {
    sodium_memzero(credential_.password.data(), credential_.password.size());
  }

  void run() override {
    const std::shared_ptr<const Passwords> judges = state_->current();
    const bool is_right = judges->verify(credential_.name, credential_.password);
    state_->settle(digest_, client_, is_right, judges);
  }
  void refuse(pool::Refusal) override { state_->give_up(digest_, client_); }

 private:
  State* state_;
  Digest digest_;
  Credential credential_;
  std::string client_;
};

Digest Gate::State::digest_of(std::string_view text) const {
  Digest digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data(),
                     key.size());
  return digest;
}

/// What is known already, or can't be found out now; nothing when it has to be found out, which
/// has been noted.
std::optional<Verdict> Gate::State::recall(const Digest& digest, std::string_view client) {
  const std::lock_guard lock(mutex);
  if (const auto known = verdicts.find(digest); known != verdicts.end()) {
    return known->second;
  }
  if (pending.contains(digest)) {
    return Verdict::pending;
  }
  if (pending.size() >= options.waiting) {
    return Verdict::busy;
  }
  if (!attempts.take(client, Attempts::Clock::now())) {
    return Verdict::limited;
  }
  pending.insert(digest);
  start_pool();
  return std::nullopt;
}

void Gate::State::start_pool() {
  if (pool == nullptr) {
    pool = std::make_unique<pool::ElasticPool>(pool::PoolOptions{.threads = 1});
    lane = &pool->add_lane({.name = "passwords",
                            .concurrency = 1,
                            .queue = options.waiting,
                            .wait = std::chrono::minutes(1)});
  }
}

std::shared_ptr<const Passwords> Gate::State::current() {
  const std::lock_guard lock(mutex);
  return passwords;
}

/// What older passwords say counts no more: who asks again starts another verification.
void Gate::State::settle(const Digest& digest, const std::string& client, bool is_right,
                         const std::shared_ptr<const Passwords>& by) {
  const std::lock_guard lock(mutex);
  pending.erase(digest);
  if (is_right || by != passwords) {
    attempts.give_back(client);
  }
  if (by != passwords) {
    return;
  }
  if (verdicts.emplace(digest, is_right ? Verdict::right : Verdict::wrong).second) {
    order.push_back(digest);
  }
  if (order.size() > options.remembered) {
    verdicts.erase(order.front());
    order.pop_front();
  }
}

void Gate::State::give_up(const Digest& digest, const std::string& client) {
  const std::lock_guard lock(mutex);
  pending.erase(digest);
  attempts.give_back(client);
}

Gate::Gate(Passwords passwords, const GateOptions& options)
    : state_(std::make_unique<State>(std::move(passwords), options)) {}

Gate::~Gate() = default;

void Gate::replace(Passwords passwords) {
  auto fresh = std::make_shared<const Passwords>(std::move(passwords));
  const std::lock_guard lock(state_->mutex);
  state_->passwords.swap(fresh);
  state_->verdicts.clear();
  state_->order.clear();
}

Verdict Gate::judge(std::string_view authorization, std::string_view client) {
  std::optional<Credential> credential = read_basic(authorization);
  if (!credential) {
    return Verdict::wrong;
  }
  const Digest digest = state_->digest_of(credential->name + ":" + credential->password);
  if (const auto verdict = state_->recall(digest, client)) {
    return *verdict;
  }
  // Without the lock: a task may be refused at once.
  state_->pool->submit(
      *state_->lane, std::make_unique<State::Verification>(*state_, digest, std::move(*credential),
                                                           std::string(client)));
  return Verdict::pending;
}

}  // namespace seabag::auth
