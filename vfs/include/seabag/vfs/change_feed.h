#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

enum class ChangeKind : std::uint8_t {
  created,     ///< a node, or one more name for one, appeared under `name`
  modified,    ///< content or size
  attributes,  ///< mode, owner, times, extended attributes
  removed,     ///< `name` is gone
  moved,       ///< from `name` to `new_name`, replacing `other` if that was there
  exchanged,   ///< `name` and `new_name`, the latter of `other`, have changed places
  lost,        ///< changes were missed; nothing else is told about them
};

/// One successful mutation, in the terms of the contract. Views live as long as the call that tells
/// it.
struct Change {
  ChangeKind kind = ChangeKind::lost;
  /// What has changed; 0 when the driver cannot tell any more.
  NodeId node{};
  FileType type = FileType::regular;
  /// The directory and the name in it; 0 and empty where a mutation works on a node by itself.
  NodeId parent{};
  std::string_view name = {};
  /// The other name of `moved` and `exchanged`.
  NodeId new_parent{};
  std::string_view new_name = {};
  /// The node that `moved` replaced or that was exchanged; 0 when there was none.
  NodeId other{};
  FileType other_type = FileType::regular;
};

/// Called on the thread that made the change, before the mutating call returns, and so while locks
/// of the feed are held: it must be quick, must not wait for other threads that may be changing the
/// same file system, and must neither change it nor start or end an observation. It may read it.
using ChangeObserver = std::function<void(const Change&)>;

/// What has to be done before changes are told, where others make changes too (inotify(7)). Such a
/// feed tells the names that changed in a directory, and of a file that it has changed itself. Safe
/// for concurrent use.
class ChangeInterest {
 public:
  virtual ~ChangeInterest() = default;

  /// From now on changes of the entries of a directory, or of a file itself, are told. ENOSPC when
  /// a limit of the system is reached.
  [[nodiscard]] virtual Result<void> begin(NodeId node) = 0;

  /// Ends one `begin` of this node.
  virtual void end(NodeId node) = 0;
};

/// Tells observers what changes in one file system, as it happens: exactly one Change for every
/// mutation that succeeded and had an effect, in the order of the mutations as far as names are
/// concerned. Costs a mutation one uncontended lock while nobody observes, and a read nothing.
///
/// Found as `Capabilities::changes`. Driven by `make_observed`, or by a provider itself. Safe for
/// concurrent use.
class ChangeFeed {
 public:
  /// An observation, which ends with this object: afterwards the observer is not called any more.
  /// May outlive the feed. Move-only; one thread at a time.
  class [[nodiscard]] Observation {
   public:
    Observation() = default;
    Observation(Observation&&) noexcept = default;
    Observation& operator=(Observation&& other) noexcept;
    ~Observation() { end(); }
    void end();

   private:
    friend class ChangeFeed;
    struct Entry;
    struct State;
    Observation(std::shared_ptr<State> state, std::shared_ptr<const Entry> entry)
        : state_(std::move(state)), entry_(std::move(entry)) {}

    std::shared_ptr<State> state_;
    std::shared_ptr<const Entry> entry_;
  };

  /// `interest` is told which directories are watched; null where the driver tells everything. It
  /// must outlive the feed's use by watches.
  explicit ChangeFeed(ChangeInterest* interest = nullptr);
  ~ChangeFeed();
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;

  /// Every change from now on. `prepare` runs first, while no name can change through the driver:
  /// what it reads is exactly what the first change changes. Its error is the answer.
  [[nodiscard]] Result<Observation> observe(ChangeObserver observer,
                                            const std::function<Result<void>()>& prepare);
  [[nodiscard]] Observation observe(ChangeObserver observer);

  [[nodiscard]] ChangeInterest* interest() const { return interest_; }

  // For drivers.

  [[nodiscard]] bool is_observed() const { return is_observed_.load(std::memory_order_acquire); }

  /// Tells a change that concerns no name, or that was made by others.
  void publish(const Change& change) const;

  /// Held by a driver around a mutation of names, so that the order of changes is theirs.
  class NameChange {
   public:
    explicit NameChange(const ChangeFeed& feed);
    NameChange(const NameChange&) = delete;
    NameChange& operator=(const NameChange&) = delete;

    /// False: make the mutation and tell nothing.
    [[nodiscard]] bool is_observed() const { return exclusive_.owns_lock(); }
    void publish(const Change& change) const;
    /// Lets others go on; nothing is to be published any more.
    void end();

   private:
    const ChangeFeed& feed_;
    std::shared_lock<std::shared_mutex> shared_;
    std::unique_lock<std::shared_mutex> exclusive_;
  };

 private:
  std::shared_ptr<Observation::State> state_;
  std::atomic<bool>& is_observed_;  ///< of state_
  ChangeInterest* interest_;
};

}  // namespace seabag::vfs
