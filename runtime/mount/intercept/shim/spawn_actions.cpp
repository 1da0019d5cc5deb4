#include "spawn_actions.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

// Out of the way of programs that count on the lowest numbers.
constexpr int kFirstNumber = 640;

/// One action of a list that the C library does not know of.
struct Action {
  const posix_spawn_file_actions_t* list = nullptr;
  Action* next = nullptr;
  bool is_directory = false;
  int number = -1;  ///< what the child duplicates; the file itself only while it is started
  int flags = 0;
  mode_t mode = 0;
  std::array<char, kLongestPath> path{};  ///< of a directory: empty when it is a real one
};

Action* first = nullptr;  // in the order in which they were added
std::atomic<bool> is_any{false};
std::atomic<bool> is_held{false};

void hold() {
  while (is_held.exchange(true, std::memory_order_acquire)) {
    sched_yield();
  }
}
void let_go() { is_held.store(false, std::memory_order_release); }

class Guard {
 public:
  Guard() { hold(); }
  ~Guard() { let_go(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
};

Action* add(const posix_spawn_file_actions_t* list) {
  void* memory = std::malloc(sizeof(Action));
  if (memory == nullptr) {
    return nullptr;
  }
  auto* action = new (memory) Action;
  action->list = list;
  const Guard guard;
  Action** last = &first;
  while (*last != nullptr) {
    last = &(*last)->next;
  }
  *last = action;
  is_any.store(true);
  return action;
}

void remove_all(const posix_spawn_file_actions_t* list) {
  if (!is_any.load()) {
    return;
  }
  const Guard guard;
  for (Action** each = &first; *each != nullptr;) {
    Action* action = *each;
    if (action->list != list) {
      each = &action->next;
      continue;
    }
    *each = action->next;
    if (action->number >= 0) {
      raw::close(action->number);
    }
    std::free(action);
  }
  is_any.store(first != nullptr);
}

// The last directory that a list changes into; null when there is none.
Action* last_directory(const posix_spawn_file_actions_t* list) {
  Action* last = nullptr;
  for (Action* each = first; each != nullptr; each = each->next) {
    if (each->list == list && each->is_directory) {
      last = each;
    }
  }
  return last;
}

// Something that can be duplicated, to keep the number.
int make_place() {
  const int opened = raw::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (opened < 0) {
    return -1;
  }
  const long number = raw::call(SYS_fcntl, opened, F_DUPFD_CLOEXEC, kFirstNumber);
  raw::close(opened);
  return number < 0 ? -1 : static_cast<int>(number);
}

void clear_place(int number) {
  const int opened = raw::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (opened >= 0) {
    raw::call(SYS_dup3, opened, number, O_CLOEXEC);
    raw::close(opened);
  }
}

// A path from the directory that the list changes into, when that is in a mount.
void place_path(const posix_spawn_file_actions_t* list, const char* path,
                std::array<char, kLongestPath>& out) {
  const Guard guard;
  const Action* directory = path[0] == '/' ? nullptr : last_directory(list);
  if (directory == nullptr || directory->path[0] == '\0') {
    copy_text(out, path);
    return;
  }
  const std::size_t length = std::strlen(directory->path.data());
  const std::size_t size = strnlen(path, out.size() - length - 2);
  std::memcpy(out.data(), directory->path.data(), length);
  out[length] = '/';
  std::memcpy(out.data() + length + 1, path, size);
  out[length + 1 + size] = '\0';
}

bool touches(const char* path) {
  if (is_outside(AT_FDCWD, path)) {
    return false;
  }
  Errand errand(Operation::status);
  return errand.take(AT_FDCWD, path);
}

int open_for(Action& action) {
  const int opened =
      open_anywhere(AT_FDCWD, action.path.data(), action.flags | O_CLOEXEC, action.mode);
  if (opened < 0) {
    return errno;
  }
  const long moved = raw::call(SYS_dup3, opened, action.number, O_CLOEXEC);
  raw::close(opened);
  return moved < 0 ? static_cast<int>(-moved) : 0;
}

}  // namespace

// Held for as long as the child is being started: the numbers are the list's own.
SpawnActions::SpawnActions(const posix_spawn_file_actions_t* actions) : actions_(actions) {
  if (actions == nullptr || !is_any.load()) {
    return;
  }
  hold();
  is_held_ = true;
  for (Action* each = first; each != nullptr && error_ == 0; each = each->next) {
    if (each->list == actions && !each->is_directory) {
      error_ = open_for(*each);
    }
  }
  if (const Action* last = last_directory(actions)) {
    directory_ = last->path.data();
  }
}

SpawnActions::~SpawnActions() {
  if (!is_held_) {
    return;
  }
  for (const Action* each = first; each != nullptr; each = each->next) {
    if (each->list == actions_ && !each->is_directory) {
      clear_place(each->number);
    }
  }
  let_go();
}

namespace {

int add_open(posix_spawn_file_actions_t* list, int descriptor, const char* path, int flags,
             mode_t mode) {
  const auto native = SEABAG_NATIVE(posix_spawn_file_actions_addopen);
  std::array<char, kLongestPath> whole{};
  if (page() == nullptr || path == nullptr) {
    return native(list, descriptor, path, flags, mode);
  }
  place_path(list, path, whole);
  if (!touches(whole.data())) {
    return native(list, descriptor, path, flags, mode);
  }
  const int number = make_place();
  Action* action = number < 0 ? nullptr : add(list);
  if (action == nullptr) {
    return ENOMEM;
  }
  action->number = number;
  action->flags = flags;
  action->mode = mode;
  action->path = whole;
  return posix_spawn_file_actions_adddup2(list, number, descriptor);
}

// The path of a directory of a mount; false for every other.
bool find_directory(int from, const char* path, std::array<char, kLongestPath>& out) {
  Errand errand(Operation::enter);
  if (!errand.take(from, path) || errand.run() != Ending::done) {
    return false;
  }
  const std::size_t length = errand.answer().length;
  if (length >= out.size()) {
    return false;
  }
  std::memcpy(out.data(), errand.data(), length);
  out[length] = '\0';
  return true;
}

// Remembers where the child is to work; an empty path for a real directory. An errno, or 0.
int add_directory(const posix_spawn_file_actions_t* list, const char* path) {
  Action* action = add(list);
  if (action == nullptr) {
    return ENOMEM;
  }
  action->is_directory = true;
  copy_text(action->path, path);
  return 0;
}

}  // namespace

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

int posix_spawn_file_actions_init(posix_spawn_file_actions_t* list) noexcept {
  remove_all(list);
  return SEABAG_NATIVE(posix_spawn_file_actions_init)(list);
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t* list) noexcept {
  remove_all(list);
  return SEABAG_NATIVE(posix_spawn_file_actions_destroy)(list);
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t* list, int descriptor,
                                     const char* path, int flags, mode_t mode) noexcept {
  return add_open(list, descriptor, path, flags, mode);
}

int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t* list,
                                         const char* path) noexcept {
  const auto native = SEABAG_NATIVE(posix_spawn_file_actions_addchdir_np);
  if (page() == nullptr || path == nullptr) {
    return native(list, path);
  }
  std::array<char, kLongestPath> whole{};
  std::array<char, kLongestPath> directory{};
  place_path(list, path, whole);
  if (find_directory(AT_FDCWD, whole.data(), directory)) {
    return add_directory(list, directory.data());
  }
  const int failed = add_directory(list, "");
  return failed != 0 ? failed : native(list, path);
}

int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t* list,
                                          int descriptor) noexcept {
  const auto native = SEABAG_NATIVE(posix_spawn_file_actions_addfchdir_np);
  if (page() == nullptr) {
    return native(list, descriptor);
  }
  std::array<char, kLongestPath> directory{};
  if (is_virtual_directory(descriptor) && find_directory(descriptor, ".", directory)) {
    return add_directory(list, directory.data());
  }
  const int failed = add_directory(list, "");
  return failed != 0 ? failed : native(list, descriptor);
}

}  // extern "C"
