#include "seabag/http2/priority.h"

namespace seabag::http2 {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// Takes the next member off a list, whose strings may hold commas.
std::string_view take_member(std::string_view& list) {
  bool is_quoted = false;
  std::size_t at = 0;
  for (; at < list.size() && (is_quoted || list[at] != ','); ++at) {
    if (list[at] == '"') {
      is_quoted = !is_quoted;
    } else if (is_quoted && list[at] == '\\') {
      ++at;
    }
  }
  at = at < list.size() ? at : list.size();
  const std::string_view member = list.substr(0, at);
  list.remove_prefix(at < list.size() ? at + 1 : at);
  return trim(member);
}

void apply(std::string_view member, Priority& priority) {
  member = trim(member.substr(0, member.find(';')));  // nothing is said by parameters
  if (member == "i" || member == "i=?1") {
    priority.incremental = true;
  } else if (member == "i=?0") {
    priority.incremental = false;
  } else if (member.size() == 3 && member.starts_with("u=") && member[2] >= '0' &&
             member[2] < '0' + kUrgencies) {
    priority.urgency = static_cast<std::uint8_t>(member[2] - '0');
  }
}

}  // namespace

Priority parse_priority(std::string_view text) {
  Priority priority;
  while (!text.empty()) {
    apply(take_member(text), priority);
  }
  return priority;
}

}  // namespace seabag::http2
