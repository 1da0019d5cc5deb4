#include "seabag/net/descriptor.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace seabag::net {

void Descriptor::reset(int number) {
  if (number_ >= 0) {
    close(number_);  // EINTR leaves it closed on Linux, and no other error can be acted upon
  }
  number_ = number;
}

std::size_t allow_descriptors(std::size_t number) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return std::numeric_limits<std::size_t>::max();  // we are not told of any
  }
  if (limit.rlim_cur < number) {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = std::min<rlim_t>(number, limit.rlim_max);
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
  }
  return limit.rlim_cur;
}

}  // namespace seabag::net
