#include "layout.h"

#include <array>
#include <limits>

namespace seabag::bundler {
namespace {

constexpr auto kNotNeeded = bundle::ContentId{std::numeric_limits<std::uint32_t>::max()};

}  // namespace

Result<bundle::Tree> Layout::run(bundle::Writer& writer, AssetHeaders& headers) {
  SEABAG_TRY(add_contents(writer));
  bundle::Tree tree(attributes(kPlanRoot));
  entry_ids_.assign(plan_.size(), bundle::kRootEntry);
  for (std::size_t index = 1; index < plan_.size(); ++index) {
    SEABAG_TRY(add_entry(tree, PlanId{static_cast<std::uint32_t>(index)}, headers));
  }
  return tree;
}

Result<void> Layout::add_contents(bundle::Writer& writer) {
  content_ids_.assign(contents_.size(), kNotNeeded);
  has_variants_.assign(contents_.size(), false);
  std::vector<bool> is_needed(contents_.size());
  for (std::size_t index = 0; index < plan_.size(); ++index) {
    const PlanEntry& entry = plan_.entry(PlanId{static_cast<std::uint32_t>(index)});
    if (entry.kind == PlanKind::file) {
      is_needed[entry.reference] = true;
    }
  }
  auto variant = variants_.begin();
  for (std::uint32_t index = 0; index < contents_.size(); ++index) {
    std::array<bundle::Variant, vfs::kEncodingCount> forms{};
    std::size_t count = 0;
    for (; variant != variants_.end() && variant->content == ContentNumber{index}; ++variant) {
      forms[count++] = {.encoding = variant->encoding, .blob = variant->blob};
    }
    if (!is_needed[index]) {
      continue;
    }
    const Contents::Content& content = contents_[ContentNumber{index}];
    has_variants_[index] = count > 0;
    content_ids_[index] =
        SEABAG_TRY(writer.add_content({.hash = content.hash,
                                       .identity = content.identity,
                                       .variants = std::span(forms).first(count)}));
  }
  return {};
}

bundle::EntryAttributes Layout::attributes(PlanId id) const {
  const PlanEntry& entry = plan_.entry(id);
  vfs::Timestamp modified{.seconds = entry.seconds, .nanoseconds = entry.nanoseconds};
  if (latest_ && modified > vfs::Timestamp{.seconds = *latest_}) {
    modified = {.seconds = *latest_};
  }
  return {.mode = entry.mode, .modified = modified};
}

bundle::EntryId Layout::parent_of(PlanId id) const { return entry_ids_[plan_.entry(id).parent]; }

Result<bundle::HeadersId> Layout::headers_of(PlanId name, PlanId file,
                                             AssetHeaders& headers) const {
  return headers.of(name, has_variants_[plan_.entry(file).reference]
                              ? http::VariantPresence::has_variants
                              : http::VariantPresence::identity_only);
}

Result<bundle::EntryId> Layout::add_file(bundle::Tree& tree, PlanId name, PlanId file,
                                         bundle::HeadersId headers) {
  bundle::EntryAttributes with_headers = attributes(file);
  with_headers.headers = headers;
  return tree.add_file(parent_of(name), plan_.name(name), with_headers,
                       content_ids_[plan_.entry(file).reference]);
}

/// A hard link shares its file's headers; a name that is served with others, as a page and a text
/// would be, becomes a file of its own.
Result<bundle::EntryId> Layout::add_link(bundle::Tree& tree, PlanId id, AssetHeaders& headers) {
  const PlanId first{plan_.entry(id).reference};
  if (plan_.entry(first).kind == PlanKind::file) {
    const bundle::HeadersId own = SEABAG_TRY(headers_of(id, first, headers));
    if (own != SEABAG_TRY(headers_of(first, first, headers))) {
      return add_file(tree, id, first, own);
    }
  }
  return tree.add_link(parent_of(id), plan_.name(id), entry_ids_[static_cast<std::size_t>(first)]);
}

Result<void> Layout::add_entry(bundle::Tree& tree, PlanId id, AssetHeaders& headers) {
  bundle::EntryId& made = entry_ids_[static_cast<std::size_t>(id)];
  switch (plan_.entry(id).kind) {
    case PlanKind::implied:
    case PlanKind::directory:
      made = SEABAG_TRY(tree.add_directory(parent_of(id), plan_.name(id), attributes(id)));
      break;
    case PlanKind::file:
      made = SEABAG_TRY(add_file(tree, id, id, SEABAG_TRY(headers_of(id, id, headers))));
      break;
    case PlanKind::symlink:
      made = SEABAG_TRY(
          tree.add_symlink(parent_of(id), plan_.name(id), attributes(id), plan_.target(id)));
      break;
    case PlanKind::link:
      made = SEABAG_TRY(add_link(tree, id, headers));
      break;
  }
  return {};
}

}  // namespace seabag::bundler
