#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>

#include "seabag/vfs/file_system.h"

namespace seabag::vfs {

/// Every call of the contracts. Those of open files end in `_file`, where the file system has one
/// of the same name.
enum class ContractCall : std::uint8_t {
  lookup,
  attributes,
  open,
  list,
  read_link,
  xattr,
  xattrs,
  statistics,
  create,
  create_unnamed,
  open_writable,
  link,
  remove,
  rename,
  set_attributes,
  set_xattr,
  remove_xattr,
  sync,
  read_at,
  attributes_file,
  find_extent,
  write_at,
  append,
  resize,
  allocate,
  sync_file,
};
inline constexpr std::size_t kContractCallCount = 26;

/// Calls that are to fail, before they reach the inner file system.
struct Fault {
  ContractCall call;
  std::errc error = std::errc::io_error;
  std::uint64_t nth = 1;    ///< the first call that fails: 1 is the next one
  std::uint64_t times = 1;  ///< how many fail from there on
};

/// What is to go wrong, when. Shared by a test and the file systems that it made faulty. Safe for
/// concurrent use.
class FaultPlan {
 public:
  /// Called before every call, with no lock held: it may block to make things slow, or to hold one
  /// call until another has happened.
  using Hook = std::function<void(ContractCall)>;

  FaultPlan();
  ~FaultPlan();
  FaultPlan(const FaultPlan&) = delete;
  FaultPlan& operator=(const FaultPlan&) = delete;

  /// Adds a fault; calls are counted from now on. Where several apply to a call the first added
  /// one tells the error.
  void add(const Fault& fault);

  /// Room for that many bytes more: the write that goes beyond is cut short there, and writes and
  /// allocations without any room are ENOSPC. Absent: no limit.
  void limit_space(std::optional<std::uint64_t> bytes);

  void set_hook(Hook hook);

  /// Removes all faults, the limit and the hook.
  void clear();

  /// How often a call has been made since the plan was made, failed ones included.
  [[nodiscard]] std::uint64_t count(ContractCall call) const;

 private:
  friend class FaultPoint;
  struct State;

  std::unique_ptr<State> state_;
};

/// A file system that behaves as `inner` except where the plan says otherwise. There are no short
/// reads: to the contract they are the end of the file. Both must not be null, and are kept alive.
/// Safe for concurrent use.
[[nodiscard]] std::shared_ptr<FileSystem> make_faulty(std::shared_ptr<FileSystem> inner,
                                                      std::shared_ptr<FaultPlan> plan);
[[nodiscard]] std::shared_ptr<WritableFileSystem> make_writable_faulty(
    std::shared_ptr<WritableFileSystem> inner, std::shared_ptr<FaultPlan> plan);

}  // namespace seabag::vfs
