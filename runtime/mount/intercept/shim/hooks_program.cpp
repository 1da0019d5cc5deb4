// execve(2), posix_spawn(3) and their kin: starting programs of a mount, and taking interception
// along into whatever is started.
#include <alloca.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>

#include "hooks.h"
#include "needed_libraries.h"
#include "program_variables.h"
#include "spawn_actions.h"

namespace seabag::intercept::shim {

namespace {

constexpr int kMostInterpreters = 4;
constexpr std::size_t kHead = 256;
// File actions of posix_spawn count on low numbers.
constexpr int kProgramNumber = 600;

#define SEABAG_VARIABLES(given, place)                                                     \
  auto** const room =                                                                      \
      static_cast<char**>(alloca((count(given) + Variables::kAdded + 1) * sizeof(char*))); \
  Variables variables(given, room, place)

/// What is known of a program that is to be started.
struct Program {
  enum class Kind : std::uint8_t { real, loadable, script, failed };

  Kind kind = Kind::real;
  int descriptor = -1;                    ///< `loadable`: to be closed afterwards
  std::array<char, kLongestPath> path{};  ///< what the kernel is to start
  std::array<char, kHead> line{};         ///< `script`: interpreter, NUL, argument, NUL
  const char* argument = nullptr;         ///< of the interpreter; may be null
};

// Takes `#! INTERPRETER [ARGUMENT]` apart, as the kernel does.
bool read_script(const char* head, long length, Program& program) {
  if (length < 2 || head[0] != '#' || head[1] != '!') {
    return false;
  }
  const auto size = static_cast<std::size_t>(length);
  std::size_t end = 2;
  while (end < size && head[end] != '\n' && head[end] != '\0') {
    ++end;
  }
  std::memcpy(program.line.data(), head, end);
  char* text = program.line.data();
  text[end < kHead ? end : kHead - 1] = '\0';
  for (char* last = text + std::strlen(text);
       last > text && (last[-1] == ' ' || last[-1] == '\t');) {
    *--last = '\0';
  }
  text += 2;
  text += std::strspn(text, " \t");
  const std::size_t name = std::strcspn(text, " \t");
  if (name == 0) {
    return false;
  }
  if (text[name] != '\0') {
    text[name] = '\0';
    program.argument = text + name + 1 + std::strspn(text + name + 1, " \t");
  }
  std::memmove(program.path.data(), text, name + 1);
  program.kind = Program::Kind::script;
  return true;
}

Program failure(int number) {
  errno = number;
  Program program;
  program.kind = Program::Kind::failed;
  return program;
}

void copy_into(Program& program, const char* path) { copy_text(program.path, path); }

// A program of a mount: by its descriptor, or by its interpreter.
Program examine_virtual(int descriptor) {
  Program program;
  std::array<char, kHead> head{};
  const long length = raw::read_at(descriptor, head.data(), head.size(), 0);
  if (read_script(head.data(), length, program)) {
    raw::close(descriptor);
    return program;
  }
  const auto high =
      static_cast<int>(raw::call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, kProgramNumber));
  program.descriptor = high >= 0 ? high : descriptor;
  if (high >= 0) {
    raw::close(descriptor);
  }
  program.kind = Program::Kind::loadable;
  std::snprintf(program.path.data(), program.path.size(), "/proc/self/fd/%d", program.descriptor);
  return program;
}

// A real script may have an interpreter that only we know.
bool has_virtual_interpreter(const char* path, Program& program) {
  const int descriptor = raw::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return false;
  }
  std::array<char, kHead> head{};
  const long length = raw::read_at(descriptor, head.data(), head.size(), 0);
  raw::close(descriptor);
  return read_script(head.data(), length, program) && touches_mount(program.path.data());
}

Program examine(int directory, const char* path) {
  Program program;
  Errand errand(Operation::access);
  if (!errand.take(directory, path)) {
    if (directory == AT_FDCWD && has_virtual_interpreter(path, program)) {
      return program;
    }
    program.kind = Program::Kind::real;
    copy_into(program, path);
    return program;
  }
  errand.request().mode = X_OK;
  errand.request().flags = kFollow;
  switch (errand.run()) {
    case Ending::failed:
      return failure(errno);
    case Ending::real:
      if (!has_virtual_interpreter(errand.real_path(), program)) {
        program.kind = Program::Kind::real;
        copy_into(program, errand.real_path());
      }
      return program;
    case Ending::done:
      break;
  }
  const int descriptor = open_anywhere(directory, path, O_RDONLY | O_CLOEXEC, 0);
  if (descriptor < 0) {
    return failure(errno);
  }
  if (is_virtual_directory(descriptor)) {
    raw::close(descriptor);
    return failure(EACCES);
  }
  return examine_virtual(descriptor);
}

void release(const Program& program) {
  if (program.descriptor >= 0) {
    const int number = errno;
    raw::close(program.descriptor);
    errno = number;
  }
}

bool has_virtual_folder(const char* folders) {
  std::array<char, kLongestPath> folder;
  while (folders != nullptr && *folders != '\0') {
    const std::size_t length = std::strcspn(folders, ":");
    if (length > 0 && length < folder.size()) {
      std::memcpy(folder.data(), folders, length);
      folder[length] = '\0';
      if (touches_mount(folder.data())) {
        return true;
      }
    }
    folders += length + (folders[length] == ':' ? 1 : 0);
  }
  return false;
}

// `path` is what the program is started as.
void add_libraries(Variables& variables, const Program& program, const char* path) {
  int descriptor = program.descriptor;
  if (program.kind == Program::Kind::real) {
    if (!has_virtual_folder(variables.folders())) {
      return;
    }
    descriptor = raw::open(program.path.data(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  }
  if (descriptor < 0) {
    return;
  }
  const NeededLibraries libraries(descriptor, path, variables.folders());
  variables.add_libraries(libraries.list());
  if (program.kind == Program::Kind::real) {
    raw::close(descriptor);
  }
}

// Starts a program in one of two ways; `go` gets the path for the kernel and the arguments.
template <typename Go>
int start(const char* path, Words arguments, Variables& variables, int depth, Go go) {
  const Program program = examine(AT_FDCWD, path);
  switch (program.kind) {
    case Program::Kind::failed:
      return -1;
    case Program::Kind::real:
    case Program::Kind::loadable: {
      add_libraries(variables, program, path);
      const int done = go(program.path.data(), arguments);
      release(program);
      return done;
    }
    case Program::Kind::script:
      break;
  }
  if (depth >= kMostInterpreters) {
    errno = ELOOP;
    return -1;
  }
  const std::size_t given = count(arguments);
  auto** words = static_cast<char**>(alloca((given + 4) * sizeof(char*)));
  std::size_t size = 0;
  words[size++] = const_cast<char*>(program.path.data());
  if (program.argument != nullptr) {
    words[size++] = const_cast<char*>(program.argument);
  }
  words[size++] = const_cast<char*>(path);
  for (std::size_t each = 1; each < given; ++each) {
    words[size++] = arguments[each];
  }
  words[size] = nullptr;
  return start(program.path.data(), words, variables, depth + 1, go);
}

int execute(const char* path, Words arguments, Words given) {
  if (page() == nullptr || path == nullptr) {
    return SEABAG_NATIVE(execve)(path, arguments, given);
  }
  SEABAG_VARIABLES(given, nullptr);
  return start(path, arguments, variables, 0, [&](const char* program, Words words) {
    return SEABAG_NATIVE(execve)(program, words, variables.get());
  });
}

// Tries a name in every directory of PATH; `attempt` gives a positive number when it is done.
template <typename Attempt>
int search(const char* name, Attempt attempt) {
  const char* folders = std::getenv("PATH");
  if (folders == nullptr) {
    folders = "/bin:/usr/bin";
  }
  bool was_refused = false;
  std::array<char, kLongestPath> path;
  while (true) {
    const std::size_t length = std::strcspn(folders, ":");
    if (length + std::strlen(name) + 2 <= path.size()) {
      const int here = static_cast<int>(length);
      std::snprintf(path.data(), path.size(), "%.*s%s%s", here, folders, here > 0 ? "/" : "", name);
      const int done = attempt(path.data());
      if (done >= 0) {
        return done;
      }
      was_refused = was_refused || errno == EACCES;
      if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ESTALE &&
          errno != ENODEV && errno != ETIMEDOUT) {
        return -1;
      }
    }
    if (folders[length] == '\0') {
      errno = was_refused ? EACCES : ENOENT;
      return -1;
    }
    folders += length + 1;
  }
}

// A file without a format that the kernel knows is a script of the shell's.
int execute_with_shell(const char* path, Words arguments, Words given) {
  const std::size_t number = count(arguments);
  auto** words = static_cast<char**>(alloca((number + 3) * sizeof(char*)));
  words[0] = const_cast<char*>("/bin/sh");
  words[1] = const_cast<char*>(path);
  std::size_t size = 2;
  for (std::size_t each = 1; each < number; ++each) {
    words[size++] = arguments[each];
  }
  words[size] = nullptr;
  return execute(words[0], words, given);
}

int execute_or_shell(const char* path, Words arguments, Words given) {
  const int done = execute(path, arguments, given);
  return errno == ENOEXEC ? execute_with_shell(path, arguments, given) : done;
}

int execute_by_name(const char* name, Words arguments, Words given) {
  if (name == nullptr || name[0] == '\0') {
    errno = ENOENT;
    return -1;
  }
  if (std::strchr(name, '/') != nullptr) {
    return execute_or_shell(name, arguments, given);
  }
  return search(name, [&](const char* path) { return execute_or_shell(path, arguments, given); });
}

using Actions = const posix_spawn_file_actions_t*;
using Attributes = const posix_spawnattr_t*;

int spawn(pid_t* process, const char* path, Actions actions, Attributes attributes, Words arguments,
          Words given) {
  const auto native = SEABAG_NATIVE(posix_spawn);
  if (page() == nullptr || path == nullptr) {
    return native(process, path, actions, attributes, arguments, given);
  }
  const SpawnActions prepared(actions);
  if (prepared.error() != 0) {
    return prepared.error();
  }
  SEABAG_VARIABLES(given, prepared.directory());
  int failed = 0;
  const int before = errno;
  const int done = start(path, arguments, variables, 0, [&](const char* program, Words words) {
    failed = native(process, program, actions, attributes, words, variables.get());
    return failed == 0 ? 0 : -1;
  });
  const int number = errno;
  errno = before;
  return done == 0 ? 0 : (failed != 0 ? failed : number);
}

int spawn_by_name(pid_t* process, const char* name, Actions actions, Attributes attributes,
                  Words arguments, Words given) {
  if (page() == nullptr || name == nullptr) {
    return SEABAG_NATIVE(posix_spawnp)(process, name, actions, attributes, arguments, given);
  }
  if (std::strchr(name, '/') != nullptr) {
    return spawn(process, name, actions, attributes, arguments, given);
  }
  const int before = errno;
  const int done = search(name, [&](const char* path) {
    const int failed = spawn(process, path, actions, attributes, arguments, given);
    errno = failed;
    return failed == 0 ? 0 : -1;
  });
  const int number = errno;
  errno = before;
  return done == 0 ? 0 : number;
}

}  // namespace

void link_program_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

// The arguments of execl(3): all up to a null pointer, `first` included.
#define SEABAG_COLLECT(first)                                               \
  va_list list;                                                             \
  va_start(list, first);                                                    \
  std::size_t number = 1;                                                   \
  while (va_arg(list, const char*) != nullptr) {                            \
    ++number;                                                               \
  }                                                                         \
  va_end(list);                                                             \
  auto** words = static_cast<char**>(alloca((number + 1) * sizeof(char*))); \
  va_start(list, first);                                                    \
  words[0] = const_cast<char*>(first);                                      \
  for (std::size_t each = 1; each <= number; ++each) {                      \
    words[each] = va_arg(list, char*);                                      \
  }

extern "C" {

int execve(const char* path, char* const arguments[], char* const given[]) noexcept {
  return execute(path, arguments, given);
}
int execv(const char* path, char* const arguments[]) noexcept {
  return execute(path, arguments, environ);
}
int execvp(const char* name, char* const arguments[]) noexcept {
  return execute_by_name(name, arguments, environ);
}
int execvpe(const char* name, char* const arguments[], char* const given[]) noexcept {
  return execute_by_name(name, arguments, given);
}

int execl(const char* path, const char* first, ...) noexcept {
  SEABAG_COLLECT(first)
  va_end(list);
  return execute(path, words, environ);
}
int execlp(const char* name, const char* first, ...) noexcept {
  SEABAG_COLLECT(first)
  va_end(list);
  return execute_by_name(name, words, environ);
}
int execle(const char* path, const char* first, ...) noexcept {
  SEABAG_COLLECT(first)
  char* const* given = va_arg(list, char* const*);
  va_end(list);
  return execute(path, words, given);
}

int fexecve(int descriptor, char* const arguments[], char* const given[]) noexcept {
  if (page() == nullptr) {
    return SEABAG_NATIVE(fexecve)(descriptor, arguments, given);
  }
  SEABAG_VARIABLES(given, nullptr);
  return SEABAG_NATIVE(fexecve)(descriptor, arguments, variables.get());
}

int posix_spawn(pid_t* process, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const arguments[], char* const given[]) {
  return spawn(process, path, actions, attributes, arguments, given);
}
int posix_spawnp(pid_t* process, const char* name, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const arguments[],
                 char* const given[]) {
  return spawn_by_name(process, name, actions, attributes, arguments, given);
}

}  // extern "C"
