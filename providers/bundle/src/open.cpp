#include <fcntl.h>

#include <algorithm>
#include <array>

#include "backing.h"
#include "posix_file.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/executable.h"
#include "seabag/bundle/reader.h"

namespace seabag::bundle {
namespace {

/// Where the payload is in a file: the slot of an executable, or all of it.
Result<Extent> locate_payload(int descriptor) {
  const std::uint64_t size = SEABAG_TRY(regular_file_size(descriptor));
  std::array<std::byte, kSlotSize> start{};
  SEABAG_TRY(read_exactly(descriptor,
                          std::span(start).first(std::min<std::uint64_t>(size, start.size())), 0));
  if (!is_elf(start)) {
    return Extent{.offset = 0, .length = size};
  }
  const Slot slot = SEABAG_TRY(find_slot(descriptor, size));
  return Extent{.offset = slot.offset, .length = slot.length};
}

Result<std::unique_ptr<Bundle::Backing>> map_payload(const std::string& path) {
  auto backing = std::make_unique<Bundle::Backing>();
  // O_NONBLOCK: a fifo must not hold us up before we can refuse it.
  backing->descriptor = SEABAG_TRY(open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  const Extent payload = SEABAG_TRY(locate_payload(backing->descriptor.number()));
  backing->payload_offset = payload.offset;
  backing->mapping =
      SEABAG_TRY(map_file(backing->descriptor.number(), payload.offset, payload.length));
  return backing;
}

}  // namespace

Result<std::unique_ptr<Bundle>> Bundle::open_executable(const std::string& path) {
  auto backing = map_payload(path);
  if (!backing) {
    return with_path(std::move(backing).error(), path);
  }
  const auto bytes = (*backing)->mapping.bytes();
  auto bundle = make(bytes, std::move(backing).take());
  if (!bundle) {
    return with_path(std::move(bundle).error(), path);
  }
  return bundle;
}

}  // namespace seabag::bundle
