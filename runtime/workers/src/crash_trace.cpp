#include "crash_trace.h"

#include <link.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string_view>

// Everything here runs in a process that is broken: no memory is allocated and nothing is waited
// for but the locks of the unwinder. Should they be held, the supervisor's SIGKILL ends it.

namespace seabag::workers {
namespace {

constexpr std::size_t kMaxFrames = 64;
constexpr std::size_t kStackSize = 64 * 1024;

/// One line that is put together without memory.
class Line {
 public:
  Line& operator<<(std::string_view text) {
    const std::size_t count = std::min(text.size(), text_.size() - size_ - 1);
    std::memcpy(text_.data() + size_, text.data(), count);
    size_ += count;
    return *this;
  }
  Line& add_number(std::uint64_t number, int base) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    return *this << std::string_view(digits.data(),
                                     static_cast<std::size_t>(end.ptr - digits.data()));
  }
  void write() {
    text_[size_] = '\n';
    // Nothing can be done about a standard error that takes no more.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text_.data(), size_ + 1);
  }

 private:
  std::array<char, 512> text_{};
  std::size_t size_ = 0;
};

struct Frames {
  std::array<std::uintptr_t, kMaxFrames> addresses{};
  std::size_t count = 0;
};

_Unwind_Reason_Code add_frame(_Unwind_Context* context, void* to) {
  auto& frames = *static_cast<Frames*>(to);
  if (frames.count == frames.addresses.size()) {
    return _URC_END_OF_STACK;
  }
  frames.addresses[frames.count] = _Unwind_GetIP(context);
  ++frames.count;
  return _URC_NO_REASON;
}

/// Where the signal struck; 0 on machines that we don't know.
std::uintptr_t struck_address([[maybe_unused]] const void* context) {
#if defined(__x86_64__)
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<const ucontext_t*>(context)->uc_mcontext.pc;
#else
  return 0;
#endif
}

/// The file that an address belongs to, and where in it.
struct Place {
  std::uintptr_t address = 0;
  std::string_view file;
  std::uintptr_t offset = 0;
};

int find_place(dl_phdr_info* object, std::size_t /*size*/, void* to) {
  auto& place = *static_cast<Place*>(to);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    const std::uintptr_t start = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && place.address - start < segment.p_memsz) {
      place.file = object->dlpi_name == nullptr ? "" : object->dlpi_name;
      place.offset = place.address - object->dlpi_addr;
      return 1;
    }
  }
  return 0;
}

void write_frame(std::size_t index, std::uintptr_t address) {
  Place place{.address = address, .file = {}, .offset = address};
  dl_iterate_phdr(find_place, &place);
  Line line;
  line << "  #";
  line.add_number(index, 10) << " 0x";
  line.add_number(place.offset, 16);
  if (!place.file.empty()) {
    line << " in " << place.file;
  }
  line.write();
}

void write_stack(int signal, siginfo_t* /*info*/, void* context) {
  Frames frames;
  _Unwind_Backtrace(add_frame, &frames);
  const auto first = frames.addresses.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(frames.count);
  // What comes before the place that was struck is this handler.
  auto frame = std::find(first, last, struck_address(context));
  frame = frame == last ? first : frame;
  Line line;
  line << "process ";
  line.add_number(static_cast<std::uint64_t>(getpid()), 10) << " gets SIG";
  const char* name = sigabbrev_np(signal);
  line << (name != nullptr ? name : "?") << " here (addr2line -Cfpie PROGRAM ADDRESS...):";
  line.write();
  for (std::size_t index = 0; frame != last; ++frame, ++index) {
    write_frame(index, *frame);
  }
  // Blocked until this returns; SA_RESETHAND has made it deadly again.
  raise(signal);
}

}  // namespace

void trace_crashes() {
  // A stack that has overflown has no room for a handler.
  void* memory =
      mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) {
    const stack_t stack{.ss_sp = memory, .ss_flags = 0, .ss_size = kStackSize};
    sigaltstack(&stack, nullptr);
  }
  struct sigaction action {};
  action.sa_sigaction = write_stack;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction present {};
    if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) {
      sigaction(signal, &action, nullptr);
    }
  }
}

}  // namespace seabag::workers
