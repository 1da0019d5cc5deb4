// Range: the first 8 bytes are the length of the representation, the rest is the field's value.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "seabag/http/range.h"

namespace {

using namespace seabag::http;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_ranges(const RangeSet& set, std::uint64_t length) {
  std::vector<ByteRange> ranges(set.ranges().begin(), set.ranges().end());
  require((set.state() == RangeState::satisfiable) == !ranges.empty());
  require(ranges.size() <= kMaxRanges);
  std::sort(ranges.begin(), ranges.end(),
            [](const ByteRange& a, const ByteRange& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    require(ranges[i].first <= ranges[i].last && ranges[i].last < length);
    require(i == 0 || ranges[i].first - ranges[i - 1].last > 1);
  }
}

void check_multipart(const RangeSet& set, std::uint64_t length) {
  RangePart part{
      .boundary = "boundary", .content_type = "text/plain", .range = {}, .length = length};
  const std::uint64_t whole = multipart_size(part, set.ranges());
  std::array<char, 256> buffer{};
  std::uint64_t sum = write_multipart_end(part.boundary, buffer);
  for (const ByteRange& range : set.ranges()) {
    part.range = range;
    const std::size_t size = write_part_head(part, buffer);
    require(size != 0 && size == part_head_size(part));
    sum += size + range.length();
  }
  require(sum == whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLengthSize = 8;
  if (size < kLengthSize) {
    return 0;
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthSize; ++i) {
    length |= std::uint64_t{data[i]} << (8 * i);
  }
  const std::vector<char> value(data + kLengthSize, data + size);
  const RangeSet set = RangeSet::parse({value.data(), value.size()}, length);
  check_ranges(set, length);
  check_multipart(set, length);
  return 0;
}
