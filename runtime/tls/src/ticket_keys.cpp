#include "ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace seabag::tls {
namespace {

bool make_key(TicketKey& key) {
  return RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
         RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1 &&
         RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1;
}

}  // namespace

struct TicketKeys::Shared {
  pthread_mutex_t mutex;
  Seconds since;  ///< when `current` was made
  TicketKey current;
  TicketKey previous;

  /// Brings the keys up to date; false when there is no randomness.
  bool rotate(Seconds now) {
    if (now < since + kRotation) {
      return true;
    }
    TicketKey next;
    // After a long sleep the last key is too old even to be accepted.
    const bool is_stale = now >= since + 2 * kRotation;
    if (!make_key(next) || (is_stale && !make_key(current))) {
      return false;
    }
    previous = current;
    current = next;
    since = now;
    OPENSSL_cleanse(&next, sizeof next);
    return true;
  }
};

/// A process that dies while it holds the lock leaves keys that are whole or unused: whoever comes
/// next goes on with them.
class TicketKeys::Lock {
 public:
  explicit Lock(Shared& shared) : mutex_(&shared.mutex) {
    if (pthread_mutex_lock(mutex_) == EOWNERDEAD) {
      pthread_mutex_consistent(mutex_);
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { pthread_mutex_unlock(mutex_); }

 private:
  pthread_mutex_t* mutex_;
};

Result<std::unique_ptr<TicketKeys>> TicketKeys::make(Seconds now) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return errno_error(errno, "mmap");
  }
  madvise(memory, sizeof(Shared), MADV_DONTDUMP);
  auto* shared = new (memory) Shared{};
  auto keys = std::unique_ptr<TicketKeys>(new TicketKeys(shared));
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared->mutex, &kind);
  pthread_mutexattr_destroy(&kind);
  shared->since = now;
  if (!make_key(shared->current) || !make_key(shared->previous)) {
    return make_error(std::errc::io_error, "tls", {}, "there is no randomness for keys");
  }
  return keys;
}

TicketKeys::~TicketKeys() { munmap(shared_, sizeof(Shared)); }

bool TicketKeys::current(Seconds now, TicketKey& key) {
  const Lock lock(*shared_);
  if (!shared_->rotate(now)) {
    return false;
  }
  key = shared_->current;
  return true;
}

TicketKeys::Match TicketKeys::find(std::span<const unsigned char, 16> name, Seconds now,
                                   TicketKey& key) {
  const Lock lock(*shared_);
  if (!shared_->rotate(now)) {
    return Match::none;
  }
  const auto is_named = [&](const TicketKey& one) {
    return std::equal(name.begin(), name.end(), one.name.begin());
  };
  if (is_named(shared_->current)) {
    key = shared_->current;
    return Match::current;
  }
  if (is_named(shared_->previous)) {
    key = shared_->previous;
    return Match::previous;
  }
  return Match::none;
}

}  // namespace seabag::tls
