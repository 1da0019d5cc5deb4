#include "site_files.h"

#include <optional>
#include <span>
#include <string>

namespace seabag::bundler {
namespace {

constexpr std::uint64_t kMostBytes = 1U << 20U;

struct SiteFile {
  std::string text;
  std::string source;  ///< for messages: as the user would find it
};

std::string source_of(const Plan& plan, PlanId id) {
  const std::string& input = plan.input_text(plan.entry(id).input);
  const std::string name(plan.name(id));
  return input.ends_with(name) ? input : input + (input.ends_with('/') ? "" : "/") + name;
}

Result<std::optional<SiteFile>> read_site_file(std::string_view name, const Plan& plan,
                                               const Contents& contents,
                                               const bundle::Writer& writer) {
  const auto found = plan.find(kPlanRoot, name);
  if (!found) {
    return std::optional<SiteFile>();
  }
  const PlanEntry* entry = &plan.entry(*found);
  if (entry->kind == PlanKind::link) {
    entry = &plan.entry(PlanId{entry->reference});
  }
  if (entry->kind != PlanKind::file) {
    return std::optional<SiteFile>();
  }
  SiteFile file{.text = {}, .source = source_of(plan, *found)};
  const bundle::Blob& blob = contents[ContentNumber{entry->reference}].identity;
  if (blob.length > kMostBytes) {
    return make_error(std::errc::file_too_large, "read", file.source,
                      "a rule file has at most 1 MiB");
  }
  file.text.resize(static_cast<std::size_t>(blob.length));
  SEABAG_TRY(writer.read_blob(blob, 0, std::as_writable_bytes(std::span(file.text))));
  return std::optional(std::move(file));
}

}  // namespace

Result<http::HeaderRules> read_site_rules(const Plan& plan, const Contents& contents,
                                          const bundle::Writer& writer) {
  const auto redirects = SEABAG_TRY(read_site_file("_redirects", plan, contents, writer));
  if (redirects) {
    SEABAG_TRY(http::RedirectRules::parse(redirects->text, redirects->source));
  }
  const auto headers = SEABAG_TRY(read_site_file("_headers", plan, contents, writer));
  return headers ? http::HeaderRules::parse(headers->text, headers->source)
                 : Result<http::HeaderRules>(http::HeaderRules());
}

}  // namespace seabag::bundler
