// HTTP/1.1 answers as a client reads them: the first byte says how (HEAD or not, and the size of
// the pieces), the rest is what a server sends until it ends the connection.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "seabag/http/response_reader.h"

namespace {

using namespace seabag::http;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// What a client learns from a connection.
struct Story {
  std::vector<unsigned> statuses;
  std::size_t consumed = 0;
  bool is_refused = false;
  bool ends_well = false;
};

Story tell(std::string_view input, std::size_t step, AnswerContent content) {
  const ResponseLimits limits{.status_line = 64,
                              .field_block = 512,
                              .fields = 8,
                              .interim = 3,
                              .chunks = {.extension = 16, .all_extensions = 64, .trailers = 64}};
  ResponseReader reader(content, limits);
  Story story;
  for (std::size_t given = 0; given < input.size();) {
    given = std::min(given + step, input.size());
    while (story.consumed < given) {
      // A copy of exactly its size, so that reading past the end is seen.
      const std::size_t size = given - story.consumed;
      const auto part = std::make_unique<char[]>(size);
      input.substr(story.consumed, size).copy(part.get(), size);
      const ReadOutcome outcome = reader.read({part.get(), size});
      require(outcome.consumed <= size);
      story.consumed += outcome.consumed;
      if (outcome.state == ReadState::error) {
        require(*outcome.reason != '\0');
        story.is_refused = true;
        return story;
      }
      if (outcome.state == ReadState::incomplete) {
        // What is kept of a head is bounded.
        require(size - outcome.consumed <= 64 + 512 + 4 + step);
        break;
      }
      require(outcome.consumed != 0 && reader.status() >= 200 && reader.status() <= 599);
      require(!reader.is_inside());
      story.statuses.push_back(reader.status());
    }
  }
  story.ends_well = reader.end().state == ReadState::complete;
  return story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const AnswerContent content = (data[0] & 1U) != 0 ? AnswerContent::none : AnswerContent::as_told;
  const std::vector<char> bytes(data + 1, data + size);
  const std::string_view input(bytes.data(), bytes.size());
  const Story whole = tell(input, std::max<std::size_t>(input.size(), 1), content);
  // Pieces change nothing, but that a fault may be told before or after more has been consumed.
  Story pieces = tell(input, data[0] / 2U + 1, content);
  require(pieces.statuses == whole.statuses);
  require(pieces.is_refused == whole.is_refused);
  require(pieces.ends_well == whole.ends_well);
  return 0;
}
