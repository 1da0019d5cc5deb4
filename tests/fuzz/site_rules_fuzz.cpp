// `_headers` and `_redirects`: a path and a query, each on a line, then the text of the rules.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/header_fields.h"
#include "seabag/http/site_rules.h"

namespace {

using namespace seabag::http;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != '\x7f';
  });
}

std::string take_line(std::string& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  return line;
}

void check_error(const seabag::Error& error, std::string_view file) {
  require(error.path.starts_with(file) && !error.detail.empty());
  require(is_clean(error.message()));
}

void check_headers(const std::string& text, const std::string& path) {
  const seabag::Result<HeaderRules> rules = HeaderRules::parse(text);
  if (!rules) {
    check_error(rules.error(), "_headers:");
    return;
  }
  require(rules->size() <= kMaxHeaderRules);
  const std::vector<HeaderChange> changes = rules->changes_for(std::vector<std::string>{path});
  require(changes.empty() || rules->matches(path));
  for (const HeaderChange& change : changes) {
    require(is_clean(change.name) && is_clean(change.value) && !change.name.empty());
  }
  const AssetHeaders headers = render_asset_headers({.path = path,
                                                     .variants = VariantPresence::has_variants,
                                                     .rules = &*rules,
                                                     .security = SecurityProfile::strict});
  require(headers.fields.find("\r\n\r\n") == std::string::npos);
  require(headers.fields.ends_with("\r\n"));
}

void check_redirects(const std::string& text, const std::string& path, const std::string& query) {
  const seabag::Result<RedirectRules> rules = RedirectRules::parse(text);
  if (!rules) {
    check_error(rules.error(), "_redirects:");
    return;
  }
  for (const RuleKind kind : {RuleKind::forced, RuleKind::unforced}) {
    const auto redirect = rules->find(path, query, kind);
    if (!redirect) {
      continue;
    }
    require(rules->has(kind) && redirect->forced == (kind == RuleKind::forced));
    if (is_redirect(redirect->status)) {
      require(is_clean(redirect->target) && redirect->target.find(' ') == std::string::npos);
      // Only a rule that names a host leads to one.
      require(!redirect->target.starts_with("//") || text.find("//") != std::string::npos);
    } else {
      require(redirect->target.starts_with('/'));
      require((redirect->target + "/").find("/../") == std::string::npos);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(data, data + size);
  const std::string path = "/" + take_line(text);
  const std::string query = take_line(text);
  check_headers(text, path);
  check_redirects(text, path, query);
  return 0;
}
