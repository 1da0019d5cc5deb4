#include "open_files.h"

#include <fcntl.h>

namespace seabag::providers {

void OpenFiles::add(Link& link) {
  const std::lock_guard lock(mutex_);
  Link*& head = lists_[list_of(link.node)];
  link.next = head;
  link.held_by = &head;
  if (head != nullptr) {
    head->held_by = &link.next;
  }
  head = &link;
}

void OpenFiles::remove(Link& link) {
  const std::lock_guard lock(mutex_);
  *link.held_by = link.next;
  if (link.next != nullptr) {
    link.next->held_by = link.held_by;
  }
}

bool OpenFiles::contains(vfs::NodeId node) const {
  const std::lock_guard lock(mutex_);
  const Link* link = lists_[list_of(node)];
  while (link != nullptr && link->node != node) {
    link = link->next;
  }
  return link != nullptr;
}

OpenFiles::Borrowed OpenFiles::borrow(vfs::NodeId node) const {
  // Under the lock, so that the owner cannot close it in between.
  const std::lock_guard lock(mutex_);
  const Link* chosen = nullptr;
  for (const Link* link = lists_[list_of(node)]; link != nullptr; link = link->next) {
    if (link->node == node && (chosen == nullptr || link->mode == Mode::writing)) {
      chosen = link;
    }
  }
  if (chosen == nullptr) {
    return {};
  }
  return {.descriptor = Descriptor(::fcntl(chosen->descriptor, F_DUPFD_CLOEXEC, 0)),
          .mode = chosen->mode};
}

}  // namespace seabag::providers
