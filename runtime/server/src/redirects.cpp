#include "redirects.h"

#include <string_view>
#include <utility>

namespace seabag::server {
namespace {

constexpr std::string_view kPath = "/_redirects";
/// More than the most rules of the longest lines.
constexpr std::uint64_t kMaxLength =
    (http::kMaxStaticRedirects + http::kMaxDynamicRedirects) * (http::kMaxRuleLine + 2);

}  // namespace

Redirects::Redirects(const vfs::AssetSource& assets) : file_(assets, kPath, kMaxLength) {}

Result<void> Redirects::load() {
  const std::optional<std::string> text = SEABAG_TRY(file_.read());
  if (text) {
    rules_ = SEABAG_TRY(http::RedirectRules::parse(*text));
  }
  return {};
}

}  // namespace seabag::server
