#include "seabag/vfs/mount.h"

#include <utility>

#include "mount_table.h"

namespace seabag::vfs {

Mount::Mount(std::weak_ptr<MountTable> table, std::shared_ptr<const MountState> state)
    : table_(std::move(table)), state_(std::move(state)), point_(state_->point()) {}

Mount::Mount(Mount&& other) noexcept
    : table_(std::exchange(other.table_, {})),
      state_(std::exchange(other.state_, nullptr)),
      point_(std::move(other.point_)) {}

Mount& Mount::operator=(Mount&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(state_, other.state_);
  std::swap(point_, other.point_);
  return *this;
}

Mount::~Mount() {
  if (state_ != nullptr) {
    (void)unmount(UnmountMode::lazy);  // EINVAL when the namespace has unmounted it: all is done
  }
}

Result<void> Mount::unmount(UnmountMode mode) {
  const std::shared_ptr<MountTable> table = table_.lock();
  if (table == nullptr || state_ == nullptr) {
    return make_error(std::errc::invalid_argument, "unmount", point_,
                      "it has been unmounted already");
  }
  SEABAG_TRY(table->remove(*state_, mode));
  keep();
  return {};
}

void Mount::keep() {
  state_.reset();
  table_.reset();
}

MountObservation::MountObservation(std::weak_ptr<MountTable> table,
                                   std::shared_ptr<const MountObserver> observer)
    : table_(std::move(table)), observer_(std::move(observer)) {}

MountObservation& MountObservation::operator=(MountObservation&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(observer_, other.observer_);
  return *this;
}

MountObservation::~MountObservation() {
  if (const std::shared_ptr<MountTable> table = table_.lock(); table != nullptr) {
    table->remove_observer(observer_);
  }
}

}  // namespace seabag::vfs
