#include <cstddef>
#include <optional>
#include <utility>

#include "glob_pattern.h"

namespace seabag::vfs {
namespace {

/// A group with at least one comma.
struct Group {
  std::size_t begin = 0;  ///< of the opening brace
  std::size_t end = 0;    ///< behind the closing one
  std::vector<std::string_view> parts;
};

/// An opening brace that is not closed yet.
struct Open {
  std::size_t begin = 0;
  std::vector<std::size_t> commas;

  [[nodiscard]] Group close(std::string_view pattern, std::size_t at) const {
    Group group{.begin = begin, .end = at + 1, .parts = {}};
    std::size_t part = begin + 1;
    for (const std::size_t comma : commas) {
      group.parts.push_back(pattern.substr(part, comma - part));
      part = comma + 1;
    }
    group.parts.push_back(pattern.substr(part, at - part));
    return group;
  }
};

/// Steps over bracket expressions, in which braces and commas mean themselves.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t from) : text_(text), at_(from) {}

  /// Where the next byte is that is no part of an escape or a bracket expression.
  std::optional<std::size_t> next() {
    while (at_ < text_.size()) {
      const std::size_t here = at_++;
      if (text_[here] == '\\') {
        ++at_;
      } else if (text_[here] == '[' && here >= literal_until_) {
        skip_bracket(here);
      } else {
        return here;
      }
    }
    return std::nullopt;
  }

 private:
  void skip_bracket(std::size_t begin) {
    const std::size_t end = bracket_end(text_, begin);
    if (end != begin) {
      at_ = end;
    } else {
      literal_until_ = text_.find('/', begin);  // no other one can be closed before it either
    }
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t literal_until_ = 0;
};

/// The outermost of the groups that start first; none before `from`.
std::optional<Group> find_group(std::string_view pattern, std::size_t from) {
  std::vector<Open> open;
  std::optional<Group> found;
  Scanner scanner(pattern, from);
  while (const auto at = scanner.next()) {
    const char byte = pattern[*at];
    if (byte == '{') {
      open.push_back({.begin = *at, .commas = {}});
    } else if (byte == ',' && !open.empty()) {
      open.back().commas.push_back(*at);
    } else if (byte == '}' && !open.empty()) {
      const Open closed = std::move(open.back());
      open.pop_back();
      if (!closed.commas.empty() && (!found || closed.begin < found->begin)) {
        found = closed.close(pattern, *at);
      }
    }
    if (found && open.empty()) {
      break;
    }
  }
  return found;
}

struct Partial {
  std::string text;
  std::size_t settled = 0;  ///< no group starts before it
};

}  // namespace

Result<std::vector<std::string>> expand_braces(std::string_view pattern) {
  std::vector<std::string> done;
  std::vector<Partial> pending{{std::string(pattern), 0}};
  while (!pending.empty()) {
    Partial next = std::move(pending.back());
    pending.pop_back();
    const auto group = find_group(next.text, next.settled);
    if (!group) {
      done.push_back(std::move(next.text));
      continue;
    }
    if (pending.size() + done.size() + group->parts.size() > kMaxGlobAlternatives) {
      return make_error(std::errc::invalid_argument, "glob", pattern,
                        "its braces stand for more than 1024 patterns");
    }
    const std::string_view text = next.text;
    for (auto part = group->parts.rbegin(); part != group->parts.rend(); ++part) {
      std::string whole(text.substr(0, group->begin));
      whole.append(*part).append(text.substr(group->end));
      pending.push_back({std::move(whole), group->begin});
    }
  }
  return done;
}

}  // namespace seabag::vfs
