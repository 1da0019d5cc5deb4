#include "seabag/http/conditions.h"

#include <optional>

#include "seabag/http/date.h"
#include "seabag/http/entity_tag.h"

namespace seabag::http {
namespace {

bool any_line_contains(const RequestHead& head, FieldName name, std::string_view tag,
                       TagComparison comparison) {
  if (!head.is_repeated(name)) {
    return list_contains(head.value(name), tag, comparison);
  }
  for (const Field& field : head.fields()) {
    if (field.id == name && list_contains(field.value, tag, comparison)) {
      return true;
    }
  }
  return false;
}

std::optional<std::int64_t> date_of(const RequestHead& head, FieldName name) {
  if (!head.has(name) || head.is_repeated(name)) {
    return std::nullopt;
  }
  return parse_date(head.value(name));
}

bool is_retrieval(const RequestHead& head) {
  return head.method == Method::get || head.method == Method::head;
}

constexpr std::uint32_t bit(FieldName name) { return 1U << static_cast<unsigned>(name); }

constexpr std::uint32_t kConditions =
    bit(FieldName::if_match) | bit(FieldName::if_unmodified_since) | bit(FieldName::if_none_match) |
    bit(FieldName::if_modified_since);

bool expected_state_is_lost(const RequestHead& head, const Validators& validators) {
  if (head.has(FieldName::if_match)) {
    return !any_line_contains(head, FieldName::if_match, validators.entity_tag,
                              TagComparison::strong);
  }
  const auto since = date_of(head, FieldName::if_unmodified_since);
  return since && validators.modified.seconds > *since;
}

}  // namespace

Precondition evaluate_preconditions(const RequestHead& head, const Validators& validators) {
  if ((head.present & kConditions) == 0) {
    return Precondition::proceed;
  }
  if (expected_state_is_lost(head, validators)) {
    return Precondition::failed;
  }
  if (head.has(FieldName::if_none_match)) {
    if (!any_line_contains(head, FieldName::if_none_match, validators.entity_tag,
                           TagComparison::weak)) {
      return Precondition::proceed;
    }
    return is_retrieval(head) ? Precondition::not_modified : Precondition::failed;
  }
  const auto since = date_of(head, FieldName::if_modified_since);
  return since && is_retrieval(head) && validators.modified.seconds <= *since
             ? Precondition::not_modified
             : Precondition::proceed;
}

bool range_applies(const RequestHead& head, const Validators& validators) {
  if (!head.has(FieldName::range) || head.is_repeated(FieldName::range) ||
      head.method != Method::get) {
    return false;
  }
  if (!head.has(FieldName::if_range)) {
    return true;
  }
  if (head.is_repeated(FieldName::if_range)) {
    return false;
  }
  if (head.value(FieldName::if_range) == validators.entity_tag) {
    return true;
  }
  const auto since = date_of(head, FieldName::if_range);
  return since && !validators.has_variants && *since == validators.modified.seconds;
}

}  // namespace seabag::http
