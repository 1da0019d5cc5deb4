#include "backing.h"
#include "posix_self.h"
#include "seabag/bundle/reader.h"

namespace seabag::bundle {

Result<std::unique_ptr<Bundle>> Bundle::open_self() {
  OwnSlot slot = SEABAG_TRY(find_own_slot());
  auto backing = std::make_unique<Backing>();
  backing->descriptor = std::move(slot.file);
  backing->payload_offset = slot.file_offset;
  return make(slot.bytes, std::move(backing));
}

}  // namespace seabag::bundle
