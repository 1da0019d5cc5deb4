#include "session.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

// libfuse's session refers to the start of character devices in user space (CUSE), of which there
// are none here. Answered at this place, that code stays out of static executables, and with it all
// of libfuse's high-level interface, its modules and dlopen.
extern "C" void cuse_lowlevel_init(fuse_req_t request, fuse_ino_t /*node*/,
                                   const void* /*arguments*/) {
  fuse_reply_err(request, ENOSYS);
}

namespace seabag::mount {

namespace {

constexpr unsigned kFewestThreads = 4;
constexpr unsigned kMostThreads = 64;

unsigned thread_count(unsigned wanted) {
  const unsigned usual = std::max(2 * std::thread::hardware_concurrency(), kFewestThreads);
  return std::min(wanted == 0 ? usual : wanted, kMostThreads);
}

void raise_event(int event) {
  const std::uint64_t one = 1;
  // Fails only when the counter is at its limit, and then it is raised already.
  [[maybe_unused]] const ssize_t written = write(event, &one, sizeof one);
}

// A request as libfuse reads it; the room for it is kept for the next one.
struct RequestBuffer {
  fuse_buf content{};

  RequestBuffer() = default;
  RequestBuffer(const RequestBuffer&) = delete;
  RequestBuffer& operator=(const RequestBuffer&) = delete;
  ~RequestBuffer() { std::free(content.mem); }
};

// What is done through the mount is told to everybody but the mount's own cache.
Subject quiet(Subject subject, const KernelCache* cache) {
  if (cache != nullptr) {
    const auto files = subject.observed->quiet_for(*cache);
    subject.writable = subject.writable == nullptr ? nullptr : files.get();
    subject.files = files;
  }
  return subject;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const std::string& directory, Subject subject,
                                               const KernelMountOptions& options) {
  if (subject.files == nullptr) {
    return make_error(std::errc::invalid_argument, "mount", directory, "no file system");
  }
  if (options.access == vfs::MountAccess::read_only) {
    subject.writable = nullptr;
  }
  const MountPoint point = SEABAG_TRY(find_mount_point(directory));
  auto watcher = Watcher::start(point);
  if (!watcher) {
    return with_path(watcher.error(), directory);
  }
  Attachment attachment = SEABAG_TRY(
      attach(point, {.source = options.source, .is_read_only = subject.writable == nullptr}));
  watcher->expect(attachment);
  std::unique_ptr<Session> session(
      new Session(std::move(subject), options, std::move(attachment), std::move(*watcher)));
  if (auto started = session->start(thread_count(options.threads)); !started) {
    return with_path(started.error(), directory);
  }
  return session;
}

Session::Session(Subject subject, const KernelMountOptions& options, Attachment attachment,
                 Watcher watcher)
    : cache_(subject.observed == nullptr ? nullptr : std::make_unique<KernelCache>()),
      subject_(quiet(std::move(subject), cache_.get())),
      bridge_{.files = *subject_.files, .writable = subject_.writable, .changes = options.changes},
      attachment_(std::move(attachment)),
      watcher_(std::make_unique<Watcher>(std::move(watcher))),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      ended_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Session::~Session() {
  // Whoever wants to know calls unmount.
  (void)unmount();
}

Result<void> Session::start(unsigned threads) {
  if (!stop_.is_open() || !ended_.is_open()) {
    return make_error(std::errc::too_many_files_open, "eventfd");
  }
  const fuse_lowlevel_ops operations = operations_for(bridge_);
  std::string name = "seabag";
  std::array<char*, 2> arguments{name.data(), nullptr};
  fuse_args parsed FUSE_ARGS_INIT(1, arguments.data());
  session_.reset(fuse_session_new(&parsed, &operations, sizeof operations, &bridge_));
  fuse_opt_free_args(&parsed);
  const std::string connection = "/dev/fd/" + std::to_string(attachment_.connection.get());
  if (session_ == nullptr || fuse_session_mount(session_.get(), connection.c_str()) != 0) {
    return make_error(std::errc::not_enough_memory, "mount", {}, "libfuse gave no session");
  }
  // From here on it is the session's.
  [[maybe_unused]] const int connected = attachment_.connection.release();
  if (cache_ != nullptr) {
    cache_->connect(*session_);
    subject_.observed->add_observer(*cache_);
  }

  // Signals are for the threads of the program.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Result<void> started;
  running_ = threads;
  for (unsigned i = 0; i < threads && started; ++i) {
    auto waiter = make_waiter();
    if (!waiter) {
      running_ -= threads - i;
      started = waiter.error();
      break;
    }
    threads_.emplace_back([this, own = std::move(*waiter)] { serve(own); });
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

// Wakes one thread a request, not all.
Result<net::Descriptor> Session::make_waiter() const {
  net::Descriptor waiter(epoll_create1(EPOLL_CLOEXEC));
  epoll_event request{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {}};
  epoll_event stop{.events = EPOLLIN, .data = {}};
  if (!waiter.is_open() ||
      epoll_ctl(waiter.get(), EPOLL_CTL_ADD, fuse_session_fd(session_.get()), &request) != 0 ||
      epoll_ctl(waiter.get(), EPOLL_CTL_ADD, stop_.get(), &stop) != 0) {
    return errno_error(errno, "epoll");
  }
  return waiter;
}

void Session::serve(const net::Descriptor& waiter) {
  RequestBuffer buffer;
  while (!is_stopping_) {
    epoll_event event{};
    if (epoll_wait(waiter.get(), &event, 1, -1) < 0 && errno != EINTR) {
      break;
    }
    const int size = fuse_session_receive_buf(session_.get(), &buffer.content);
    if (size > 0) {
      fuse_session_process_buf(session_.get(), &buffer.content);
    } else if (size != -EAGAIN && size != -EINTR) {
      break;  // unmounted: the others need not wait for the kernel to tell them one by one
    }
  }
  stop();
  if (--running_ == 0) {
    raise_event(ended_.get());
  }
}

void Session::stop() {
  is_stopping_ = true;
  raise_event(stop_.get());
}

Result<void> Session::unmount() {
  if (watcher_ == nullptr) {
    return {};
  }
  Result<void> done;
  const auto present = device_at(attachment_.directory.c_str());
  if (present && *present == attachment_.device) {
    done = detach(attachment_.directory, attachment_.way);
  }
  stop();
  join();
  if (cache_ != nullptr) {
    subject_.observed->remove_observer(*cache_);
  }
  // Closes the connection: what is still open on the mount is answered by the kernel, ENOTCONN.
  session_.reset();
  bridge_.open.close_all();
  attachment_.connection.reset();
  watcher_.reset();
  return done;
}

void Session::join() {
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
  raise_event(ended_.get());
}

}  // namespace seabag::mount
