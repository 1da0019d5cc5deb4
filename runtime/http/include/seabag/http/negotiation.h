#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "seabag/http/request_head.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::http {

/// What a client accepts of each content coding, in thousandths: 0 is "not acceptable", 1000 is
/// `q=1` (RFC 9110 §12.4.2).
class AcceptedEncodings {
 public:
  /// No Accept-Encoding at all: identity only.
  AcceptedEncodings() = default;

  /// Reads one Accept-Encoding line. Names are case-insensitive, `x-gzip` is gzip, `*` stands for
  /// what is not named. A member that does not follow the grammar is passed over; of two members
  /// for one coding the last counts. An empty line accepts identity alone.
  static AcceptedEncodings parse(std::string_view line);

  /// Reads all Accept-Encoding lines of a request as one list.
  static AcceptedEncodings of(const RequestHead& head);

  /// Whether this coding may be sent. Identity may unless `identity;q=0`, or `*;q=0` without a
  /// member for identity, says otherwise.
  [[nodiscard]] bool accepts(vfs::Encoding encoding) const;

  /// 0 for identity that is acceptable without being named: anything else comes first.
  [[nodiscard]] int quality(vfs::Encoding encoding) const;

 private:
  static constexpr std::int16_t kUnnamed = -1;

  void add_line(std::string_view line);
  void add_member(std::string_view member);

  std::array<std::int16_t, vfs::kEncodingCount> named_{kUnnamed, kUnnamed, kUnnamed, kUnnamed};
  std::int16_t others_ = kUnnamed;
};

/// Whether Accept-Encoding names a coding, given in small letters, with a weight above 0. `*` does
/// not count.
[[nodiscard]] bool accepts_coding(const RequestHead& head, std::string_view coding);

/// The representation to send: the present one of highest quality; of equal ones the shortest, then
/// the first in the order of `vfs::Encoding`. Identity when nothing is acceptable: never 406.
[[nodiscard]] vfs::Encoding choose_encoding(const AcceptedEncodings& accepted,
                                            const vfs::Asset& asset);

/// Whether `Accept` names `text/html` or `text/*` with a weight above 0. `*/*` does not count: it
/// is what scripts send.
[[nodiscard]] bool accepts_html(const RequestHead& head);

/// Whether `Accept` names `application/json` with a weight above that of HTML.
[[nodiscard]] bool prefers_json(const RequestHead& head);

/// The representation that answers a request: `choose_encoding`, except that a GET with `Range`
/// gets identity, unless its If-Range names the ETag of another representation that is present and
/// acceptable: byte positions only make sense within one representation.
[[nodiscard]] vfs::Encoding select_encoding(const RequestHead& head, const vfs::Asset& asset);

}  // namespace seabag::http
