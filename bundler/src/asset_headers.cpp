#include "asset_headers.h"

#include "seabag/http/media_type.h"

namespace seabag::bundler {

Result<bundle::HeadersId> AssetHeaders::render(std::string_view path,
                                               http::VariantPresence variants) {
  const http::AssetHeaders rendered = http::render_asset_headers(
      {.path = path, .variants = variants, .rules = &rules_, .security = security_});
  return writer_.add_headers(rendered.fields, rendered.not_modified_fields);
}

Result<bundle::HeadersId> AssetHeaders::of(PlanId name, http::VariantPresence variants) {
  if (rules_.size() > 0) {
    return render(plan_.path(name), variants);
  }
  const std::string_view text = plan_.name(name);
  const Key key(http::media_type(text), http::has_content_hash(text), variants);
  const auto known = known_.find(key);
  if (known != known_.end()) {
    return known->second;
  }
  const bundle::HeadersId made = SEABAG_TRY(render(plan_.path(name), variants));
  known_.emplace(key, made);
  return made;
}

}  // namespace seabag::bundler
