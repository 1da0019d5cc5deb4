#pragma once

#include <cstdint>
#include <string_view>

#include "seabag/http/request_head.h"
#include "seabag/vfs/node.h"

namespace seabag::http {

/// What tells versions of the selected representation apart.
struct Validators {
  /// Strong ETag with its quotes; borrowed.
  std::string_view entity_tag;
  /// Last-Modified; parts of a second do not count.
  vfs::Timestamp modified;
  /// Other representations share `modified`: a date can't tell them apart, so it never satisfies
  /// If-Range.
  bool has_variants = false;
};

enum class Precondition : std::uint8_t {
  proceed,
  not_modified,  ///< 304
  failed,        ///< 412
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of
/// RFC 9110 §13.2.2, against the representation that was selected: the ETag of another encoding is
/// another ETag. A date that can't be read, and a date field that repeats, count as absent; several
/// lines of If-Match or If-None-Match are one list. Pure; never allocates.
[[nodiscard]] Precondition evaluate_preconditions(const RequestHead& head,
                                                  const Validators& validators);

/// Whether `Range` is to be looked at: a GET that has exactly one, and whose If-Range, if any, is
/// one line that matches by strong comparison (RFC 9110 §13.1.5). A weak tag never matches, a date
/// only when it is exactly Last-Modified.
[[nodiscard]] bool range_applies(const RequestHead& head, const Validators& validators);

}  // namespace seabag::http
