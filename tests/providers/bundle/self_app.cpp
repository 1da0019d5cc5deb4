// A program that opens the bundle inside itself: `self_app PATH...` prints the files, without
// arguments the number of entries. Small on purpose: it stands for the stub.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"

namespace {

// The magic in ordinary data must mislead nobody.
[[gnu::used]] constexpr unsigned char kDecoy[] = {0x89, 'S', 'E', 'A', 'B', 'A', 'G', '\n',
                                                  1,    0,   0,   0,   0,   16,  0,   0};
// Something in .bss: the payload must lie behind it, and it must start as zeros.
unsigned char zeros[300'000];

int fail(const seabag::Error& error) {
  const std::string line = error.message() + "\n";
  static_cast<void>(std::fputs(line.c_str(), stderr));
  return 1;
}

bool has_clean_bss() {
  for (const volatile unsigned char& byte : zeros) {
    if (byte != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto bundle = seabag::bundle::Bundle::open_self();
  if (!bundle) {
    return fail(bundle.error());
  }
  if (!has_clean_bss()) {
    return 3;
  }
  if (const auto verified = seabag::bundle::verify(**bundle); !verified) {
    return fail(verified.error());
  }
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--descriptor") {
      const auto root = (*bundle)->find("/file");
      const int descriptor = root ? root->representations[0].descriptor : -2;
      std::printf("%s\n", descriptor >= 3 ? "yes" : descriptor == -1 ? "no" : "bad");
      continue;
    }
    const auto asset = (*bundle)->find(name);
    if (!asset) {
      return fail(seabag::with_path(asset.error(), name));
    }
    const auto& form = asset->representations[0];
    std::string text(form.length, '\0');
    if (form.descriptor >= 0 &&
        (pread(form.descriptor, text.data(), text.size(),
               static_cast<off_t>(form.descriptor_offset)) != static_cast<ssize_t>(form.length) ||
         text != std::string_view(reinterpret_cast<const char*>(form.bytes.data()),
                                  form.bytes.size()))) {
      return 4;
    }
    std::fwrite(form.bytes.data(), 1, form.bytes.size(), stdout);
  }
  return std::fflush(stdout) == 0 ? 0 : 5;
}
