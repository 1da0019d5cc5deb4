// A program that opens the bundle inside itself; it stands for the stub. It prints the files that
// it is told, having compared what the descriptor gives with what is mapped. Options: `--wait`
// prints "ready" and waits for the end of the standard input first, `--descriptor` and
// `--no-descriptor` demand that there is a descriptor for sendfile, or none.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"

namespace {

using seabag::bundle::Bundle;

enum ExitCode : int { kFailed = 1, kDirtyMemory = 3, kDifferentFile = 4, kWrongDescriptor = 6 };

// The magic in ordinary data must mislead nobody.
[[gnu::used]] alignas(65536) constexpr std::array<unsigned char, 16> kDecoy{
    0x89, 'S', 'E', 'A', 'B', 'A', 'G', '\n', 1, 0, 0, 0, 0, 16, 0, 0};
// Something in .bss: the payload must lie behind it, and it must start as zeros.
std::array<unsigned char, 300'000> zeros;

int fail(const seabag::Error& error) {
  const std::string line = error.message() + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return kFailed;
}

bool has_clean_memory() {
  for (const volatile unsigned char& byte : zeros) {
    if (byte != 0) {
      return false;
    }
  }
  return true;
}

int print_file(const Bundle& bundle, std::string_view name) {
  const auto asset = bundle.find(name);
  if (!asset) {
    return fail(seabag::with_path(asset.error(), name));
  }
  const auto& form = asset->representations[0];
  std::string text(form.length, '\0');
  const std::string_view mapped(reinterpret_cast<const char*>(form.bytes.data()), form.length);
  if (form.descriptor >= 0 &&
      (pread(form.descriptor, text.data(), text.size(),
             static_cast<off_t>(form.descriptor_offset)) != static_cast<ssize_t>(form.length) ||
       text != mapped)) {
    return kDifferentFile;
  }
  std::fwrite(mapped.data(), 1, mapped.size(), stdout);
  return 0;
}

int check_descriptor(const Bundle& bundle, bool is_expected) {
  const auto asset = bundle.find("/file");
  const int descriptor = asset ? asset->representations[0].descriptor : 0;
  return descriptor == -1 ? (is_expected ? kWrongDescriptor : 0)
                          : (is_expected && descriptor >= 3 ? 0 : kWrongDescriptor);
}

int act(const Bundle& bundle, std::string_view word) {
  if (word == "--wait") {
    std::puts("ready");
    std::fflush(stdout);
    return std::getchar() == EOF ? 0 : kFailed;
  }
  if (word == "--descriptor" || word == "--no-descriptor") {
    return check_descriptor(bundle, word == "--descriptor");
  }
  return print_file(bundle, word);
}

}  // namespace

int main(int argc, char** argv) {
  const auto bundle = Bundle::open_self();
  if (!bundle) {
    return fail(bundle.error());
  }
  if (!has_clean_memory()) {
    return kDirtyMemory;
  }
  if (const auto verified = seabag::bundle::verify(**bundle); !verified) {
    return fail(verified.error());
  }
  for (int i = 1; i < argc; ++i) {
    if (const int code = act(**bundle, argv[i]); code != 0) {
      return code;
    }
  }
  return 0;
}
