#include "foreign_changes.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>

#include "posix_object.h"

namespace seabag::providers {
namespace {

constexpr std::uint32_t kEvents = IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::size_t kBufferSize = std::size_t{64} * 1024;
constexpr int kHalfMoveMilliseconds = 10;
constexpr int kForever = -1;

bool has(const InotifyEvent& event, std::uint32_t bits) { return (event.mask & bits) != 0; }

}  // namespace

ForeignChanges::~ForeignChanges() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    // Eight bytes to an eventfd that nobody else counts up are always taken.
    [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof(one));
    thread_.join();
  }
}

Result<void> ForeignChanges::begin(vfs::NodeId node) {
  const Pinned pinned = SEABAG_TRY(tree_.pin(node, "watch"));
  const std::lock_guard lock(mutex_);
  SEABAG_TRY(start());
  const int watch = SEABAG_TRY(add_watch(inotify_.get(), pinned.descriptor, kEvents, "watch"));
  Watched& watched = watched_[watch];
  watched.node = node;
  watched.type = node == vfs::kRootNode ? vfs::FileType::directory : pinned.status.attributes.type;
  ++watched.count;
  return {};
}

void ForeignChanges::end(vfs::NodeId node) {
  const std::lock_guard lock(mutex_);
  for (auto each = watched_.begin(); each != watched_.end(); ++each) {
    if (each->second.node == node) {
      if (--each->second.count == 0) {
        ::inotify_rm_watch(inotify_.get(), each->first);
        watched_.erase(each);
      }
      return;
    }
  }
}

Result<void> ForeignChanges::start() {
  if (thread_.joinable()) {
    return {};
  }
  inotify_ = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify_.is_open()) {
    if (errno == EMFILE) {
      return make_error(std::errc::too_many_files_open, "watch", {},
                        "the process has no descriptors left, or the user no inotify instances: "
                        "raise RLIMIT_NOFILE or fs.inotify.max_user_instances");
    }
    return errno_error(errno, "watch");
  }
  stop_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  if (!stop_.is_open()) {
    return errno_error(errno, "watch");
  }
  buffer_.resize(kBufferSize);
  thread_ = std::thread([this] { run(); });
  return {};
}

void ForeignChanges::run() {
  while (wait_for_event(kForever)) {
    std::vector<InotifyEvent> events;
    read_events(events);
    if (ends_in_half_a_move(events) && wait_for_event(kHalfMoveMilliseconds)) {
      read_events(events);
    }
    for (const InotifyChange& change : merge_events(std::move(events))) {
      tell(change);
    }
  }
}

/// False when it is time to stop, or nothing has come in time.
bool ForeignChanges::wait_for_event(int milliseconds) const {
  std::array<pollfd, 2> polled{{{.fd = inotify_.get(), .events = POLLIN, .revents = 0},
                                {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
  int ready = 0;
  do {
    ready = ::poll(polled.data(), polled.size(), milliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0 && polled[1].revents == 0;
}

void ForeignChanges::read_events(std::vector<InotifyEvent>& events) {
  const ssize_t count = ::read(inotify_.get(), buffer_.data(), buffer_.size());
  if (count > 0) {
    auto parsed = parse_events(std::span(buffer_).first(static_cast<std::size_t>(count)));
    events.insert(events.end(), std::make_move_iterator(parsed.begin()),
                  std::make_move_iterator(parsed.end()));
  }
}

void ForeignChanges::tell(const InotifyChange& change) {
  const InotifyEvent& event = change.event;
  if (has(event, IN_Q_OVERFLOW)) {
    feed_.publish({.kind = vfs::ChangeKind::lost});
    return;
  }
  const auto watched = find(event.watch);
  if (!watched || has(event, IN_IGNORED)) {
    return;
  }
  if (event.name.empty()) {
    tell_own(*watched, event);
  } else if (has(event, IN_MOVED_FROM) && change.moved_to.watch >= 0) {
    tell_move(*watched, change);
  } else {
    vfs::Change told{.parent = watched->node, .name = event.name};
    if (has(event, IN_CREATE | IN_MOVED_TO)) {
      told.kind = vfs::ChangeKind::created;
      describe(event, watched->node, told.node, told.type);
    } else if (has(event, IN_DELETE | IN_MOVED_FROM)) {
      told.kind = vfs::ChangeKind::removed;
    } else {
      told.kind = has(event, IN_MODIFY) ? vfs::ChangeKind::modified : vfs::ChangeKind::attributes;
    }
    feed_.publish(told);
  }
}

void ForeignChanges::tell_own(const Watched& watched, const InotifyEvent& event) {
  vfs::Change told{.node = watched.node, .type = watched.type};
  if (has(event, IN_DELETE_SELF)) {
    told.kind = vfs::ChangeKind::removed;
  } else if (has(event, IN_MOVE_SELF)) {
    told.kind = vfs::ChangeKind::moved;
  } else if (has(event, IN_MODIFY)) {
    told.kind = vfs::ChangeKind::modified;
  } else {
    const auto pinned = tree_.pin(watched.node, "watch");
    if (!pinned || pinned->is_lost) {
      return;  // its last name goes, which is told on its own
    }
    told.kind = vfs::ChangeKind::attributes;
  }
  feed_.publish(told);
}

void ForeignChanges::tell_move(const Watched& from, const InotifyChange& change) {
  vfs::Change told{.kind = vfs::ChangeKind::moved, .parent = from.node, .name = change.event.name};
  const auto to = find(change.moved_to.watch);
  if (!to) {
    told.kind = vfs::ChangeKind::removed;
    feed_.publish(told);
    return;
  }
  told.new_parent = to->node;
  told.new_name = change.moved_to.name;
  describe(change.moved_to, to->node, told.node, told.type);
  feed_.publish(told);
}

std::optional<ForeignChanges::Watched> ForeignChanges::find(int watch) {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(watch);
  return found == watched_.end() ? std::nullopt : std::optional(found->second);
}

void ForeignChanges::describe(const InotifyEvent& event, vfs::NodeId parent, vfs::NodeId& node,
                              vfs::FileType& type) {
  type = has(event, IN_ISDIR) ? vfs::FileType::directory : vfs::FileType::regular;
  const auto directory = tree_.pin_directory(parent, "watch");
  if (!directory) {
    return;
  }
  const auto status = tree_.look_up(directory->descriptor, parent, event.name, "watch");
  if (status) {
    node = status->attributes.node;
    type = status->attributes.type;
  }
}

}  // namespace seabag::providers
