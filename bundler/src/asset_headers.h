#pragma once

#include <map>
#include <string_view>
#include <tuple>

#include "plan.h"
#include "seabag/bundle/writer.h"
#include "seabag/http/header_fields.h"
#include "seabag/http/site_rules.h"

namespace seabag::bundler {

/// Gives each file its header template. One thread at a time.
class AssetHeaders {
 public:
  /// Everything is borrowed; `rules` may be empty.
  AssetHeaders(const Plan& plan, const http::HeaderRules& rules, http::SecurityProfile security,
               bundle::Writer& writer)
      : plan_(plan), rules_(rules), security_(security), writer_(writer) {}

  /// The template for a name of a file. EOVERFLOW when there are too many different ones.
  [[nodiscard]] Result<bundle::HeadersId> of(PlanId name, http::VariantPresence variants);

 private:
  /// All that templates depend on as long as no `_headers` rule applies.
  using Key = std::tuple<std::string_view, bool, http::VariantPresence>;

  [[nodiscard]] Result<bundle::HeadersId> render(std::string_view path,
                                                 http::VariantPresence variants);

  const Plan& plan_;
  const http::HeaderRules& rules_;
  http::SecurityProfile security_;
  bundle::Writer& writer_;
  std::map<Key, bundle::HeadersId> known_;
};

}  // namespace seabag::bundler
