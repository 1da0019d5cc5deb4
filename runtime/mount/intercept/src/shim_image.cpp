#include "shim_image.h"

#include <string_view>

#include "memory_file.h"

// The library's bytes, as the assembler takes them from the build.
__asm__(
    ".pushsection .rodata.seabag_shim, \"a\"\n"
    ".global seabag_shim_begin\n.global seabag_shim_end\n"
    ".hidden seabag_shim_begin\n.hidden seabag_shim_end\n"
    "seabag_shim_begin:\n"
    ".incbin \"" SEABAG_SHIM_FILE
    "\"\n"
    "seabag_shim_end:\n"
    ".popsection\n");

extern "C" {
extern const char seabag_shim_begin[];
extern const char seabag_shim_end[];
}

namespace seabag::intercept {

namespace {

std::string place_image() {
  const std::string_view bytes(seabag_shim_begin,
                               static_cast<std::size_t>(seabag_shim_end - seabag_shim_begin));
  auto file = make_sealed_file(bytes, 0555);
  if (!file) {
    return {};
  }
  // Never closed: programs may be started until this one ends.
  return "/proc/" + std::to_string(raw::process()) + "/fd/" + std::to_string(file->release());
}

}  // namespace

const std::string& shim_path() {
  static const std::string path = place_image();
  return path;
}

}  // namespace seabag::intercept
