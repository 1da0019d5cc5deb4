#include "siblings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "blob_reader.h"
#include "codec.h"
#include "comparing_sink.h"
#include "parallel.h"

namespace seabag::bundler {
namespace {

struct Suffix {
  std::string_view text;
  vfs::Encoding encoding;
};
constexpr std::array<Suffix, 3> kSuffixes = {
    {{".gz", vfs::Encoding::gzip}, {".br", vfs::Encoding::br}, {".zst", vfs::Encoding::zstd}}};

/// A name that may be a variant of its neighbour.
struct Candidate {
  PlanId sibling{};
  PlanId base{};
  StoredVariant variant;
  bool fits = false;
};

std::optional<ContentNumber> content_of(const Plan& plan, PlanId id) {
  if (plan.entry(id).kind == PlanKind::link) {
    id = PlanId{plan.entry(id).reference};
  }
  const PlanEntry& entry = plan.entry(id);
  return entry.kind == PlanKind::file ? std::optional(ContentNumber{entry.reference})
                                      : std::nullopt;
}

std::optional<Candidate> candidate_at(const Plan& plan, const Contents& contents, PlanId id) {
  const PlanEntry& entry = plan.entry(id);
  if (entry.kind != PlanKind::file) {
    return std::nullopt;
  }
  const std::string_view name = plan.name(id);
  const auto suffix = std::ranges::find_if(kSuffixes, [&](const Suffix& each) {
    return name.size() > each.text.size() && name.ends_with(each.text);
  });
  if (suffix == kSuffixes.end()) {
    return std::nullopt;
  }
  const auto base =
      plan.find(PlanId{entry.parent}, name.substr(0, name.size() - suffix->text.size()));
  const auto content = base ? content_of(plan, *base) : std::nullopt;
  const ContentNumber own{entry.reference};
  if (!content || contents[own].identity.length >= contents[*content].identity.length) {
    return std::nullopt;
  }
  return Candidate{
      .sibling = id,
      .base = *base,
      .variant = {
          .content = *content, .encoding = suffix->encoding, .blob = contents[own].identity}};
}

std::vector<Candidate> find_candidates(const Plan& plan, const Contents& contents) {
  std::vector<Candidate> candidates;
  for (std::size_t index = 0; index < plan.size(); ++index) {
    if (auto candidate = candidate_at(plan, contents, PlanId{static_cast<std::uint32_t>(index)})) {
      candidates.push_back(*candidate);
    }
  }
  return candidates;
}

Result<bool> decodes_to(const Contents::Content& expected, const StoredVariant& variant,
                        const bundle::Writer& writer) {
  BlobReader reader(writer, variant.blob);
  ComparingSink sink(expected.hash, expected.identity.length);
  const auto decoded = decode(variant.encoding, reader, sink);
  if (!decoded && !decoded.error().is(std::errc::illegal_byte_sequence)) {
    return decoded.error();
  }
  return decoded && sink.is_equal();
}

/// Of several siblings for one content and encoding the smallest serves.
void keep_smallest(std::vector<StoredVariant>& variants) {
  const auto key = [](const StoredVariant& each) {
    return std::tuple(each.content, each.encoding, each.blob.length, each.blob.offset);
  };
  std::ranges::sort(variants, {}, key);
  const auto same = [](const StoredVariant& left, const StoredVariant& right) {
    return left.content == right.content && left.encoding == right.encoding;
  };
  variants.erase(std::unique(variants.begin(), variants.end(), same), variants.end());
}

}  // namespace

Result<Adoption> adopt_siblings(const Plan& plan, const Contents& contents,
                                const bundle::Writer& writer, unsigned jobs,
                                const std::function<void()>& on_tick) {
  std::vector<Candidate> candidates = find_candidates(plan, contents);
  const auto check = [&](unsigned, std::size_t index) -> Result<void> {
    Candidate& candidate = candidates[index];
    candidate.fits =
        SEABAG_TRY(decodes_to(contents[candidate.variant.content], candidate.variant, writer));
    return {};
  };
  SEABAG_TRY(run_parallel(jobs, candidates.size(), check, on_tick));

  Adoption adoption;
  for (const Candidate& candidate : candidates) {
    if (!candidate.fits) {
      adoption.notes.push_back("'" + plan.path(candidate.sibling) + "' does not decode to '" +
                               plan.path(candidate.base) + "': only a file of its own");
      continue;
    }
    adoption.variants.push_back(candidate.variant);
    ++adoption.names;
    adoption.bytes += candidate.variant.blob.length;
  }
  keep_smallest(adoption.variants);
  return adoption;
}

}  // namespace seabag::bundler
