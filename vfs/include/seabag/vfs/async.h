#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

#include "seabag/vfs/executor.h"
#include "seabag/vfs/result.h"

/// Every call that gives a Result, on an executor: one mechanism for Namespace, files, shortcuts,
/// glob, and whatever else there is.
///
///   vfs::ThreadExecutor executor(4);
///   auto text = vfs::async(executor, stop, vfs::read_file, std::ref(files), "/etc/motd");
///   auto row = vfs::async(executor, stop, &vfs::Namespace::stat, &files, "/etc");
///   ... text.get() ...
///
/// The call and its arguments are copied or moved into the work, text as std::string; pass objects
/// as std::ref or by pointer, and keep them, and what spans lead to, until the answer is there.
/// Functions with default arguments need all of them, or a lambda: `async(executor, stop, [&] {
/// return files.open("/a"); })`.
///
/// Cancelling: when `stop` is requested before the call begins, it is not made and the answer is at
/// once ECANCELED; also when the executor drops it. A call that has begun is finished.
namespace seabag::vfs {

namespace async_detail {

/// How an argument is kept until the call.
template <typename T>
using Owned = std::conditional_t<std::is_convertible_v<const std::decay_t<T>&, std::string_view> &&
                                     !std::is_same_v<std::decay_t<T>, std::nullptr_t>,
                                 std::string, std::decay_t<T>>;

template <typename Function, typename... Arguments>
using Answer = std::invoke_result_t<Owned<Function>, Owned<Arguments>&&...>;

/// The answer of one call, once. Safe for concurrent use.
template <typename Answer>
class Slot {
 public:
  using Callback = std::function<void(Answer)>;

  void fill(Answer answer) {
    std::unique_lock lock(mutex_);
    if (callback_) {
      const Callback callback = std::move(callback_);
      lock.unlock();
      callback(std::move(answer));
      return;
    }
    answer_.emplace(std::move(answer));
    lock.unlock();
    filled_.notify_all();
  }
  [[nodiscard]] bool is_filled() {
    const std::lock_guard lock(mutex_);
    return answer_.has_value();
  }
  Answer take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return answer_.has_value(); });
    return *std::move(answer_);
  }
  void then(Callback callback) {
    std::unique_lock lock(mutex_);
    if (!answer_) {
      callback_ = std::move(callback);
      return;
    }
    lock.unlock();
    callback(*std::move(answer_));
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::optional<Answer> answer_;  ///< guarded by mutex_
  Callback callback_;             ///< guarded by mutex_
};

/// Whoever claims a call first, its thread or its cancellation, answers it.
template <typename Answer>
class Ticket {
 public:
  explicit Ticket(std::shared_ptr<Slot<Answer>> slot) : slot_(std::move(slot)) {}

  [[nodiscard]] bool claim() { return !claimed_.exchange(true); }
  void fill(Answer answer) { slot_->fill(std::move(answer)); }
  void cancel() {
    if (claim()) {
      fill(make_error(std::errc::operation_canceled, "async"));
    }
  }

 private:
  std::shared_ptr<Slot<Answer>> slot_;
  std::atomic<bool> claimed_{false};
};

template <typename Answer, typename Call>
class CallWork final : public Work {
 public:
  CallWork(std::shared_ptr<Ticket<Answer>> ticket, const std::stop_token& stop, Call call)
      : ticket_(std::move(ticket)),
        call_(std::move(call)),
        on_stop_(stop, [ticket = ticket_] { ticket->cancel(); }) {}
  ~CallWork() override { ticket_->cancel(); }

  void run() override {
    if (ticket_->claim()) {
      ticket_->fill(call_());
    }
  }

 private:
  std::shared_ptr<Ticket<Answer>> ticket_;
  Call call_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace async_detail

/// An answer that is on its way. Dropping it does not stop the call. Move-only; one thread at a
/// time.
template <typename Answer>
class [[nodiscard]] Pending {
 public:
  explicit Pending(std::shared_ptr<async_detail::Slot<Answer>> slot) : slot_(std::move(slot)) {}
  Pending(Pending&&) noexcept = default;
  Pending& operator=(Pending&&) noexcept = default;

  [[nodiscard]] bool is_ready() const { return slot_->is_filled(); }

  /// Waits for the answer. Once.
  [[nodiscard]] Answer get() && { return slot_->take(); }

  /// Has `callback` called with the answer, instead of waiting: on the thread that gives it, or at
  /// once when it is there. Once.
  void then(std::function<void(Answer)> callback) && { slot_->then(std::move(callback)); }

 private:
  std::shared_ptr<async_detail::Slot<Answer>> slot_;
};

/// Makes a call on the executor: a function, a member function and its object, or a lambda, that
/// returns a Result.
template <typename Function, typename... Arguments>
auto async(Executor& executor, const std::stop_token& stop, Function&& function,
           Arguments&&... arguments) -> Pending<async_detail::Answer<Function, Arguments...>> {
  using Answer = async_detail::Answer<Function, Arguments...>;
  using Kept = std::tuple<async_detail::Owned<Arguments>...>;
  auto call = [function = std::decay_t<Function>(std::forward<Function>(function)),
               kept = Kept(std::forward<Arguments>(arguments)...)]() mutable {
    return std::apply(
        [&](auto&... owned) { return std::invoke(std::move(function), std::move(owned)...); },
        kept);
  };
  auto slot = std::make_shared<async_detail::Slot<Answer>>();
  auto ticket = std::make_shared<async_detail::Ticket<Answer>>(slot);
  executor.execute(std::make_unique<async_detail::CallWork<Answer, decltype(call)>>(
      std::move(ticket), stop, std::move(call)));
  return Pending<Answer>(std::move(slot));
}

}  // namespace seabag::vfs
