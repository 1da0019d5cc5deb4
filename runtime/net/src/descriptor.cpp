#include "seabag/net/descriptor.h"

#include <unistd.h>

namespace seabag::net {

void Descriptor::reset(int number) {
  if (number_ >= 0) {
    close(number_);  // EINTR leaves it closed on Linux, and no other error can be acted upon
  }
  number_ = number;
}

}  // namespace seabag::net
