#include "backing.h"
#include "lookup.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/reader.h"

namespace seabag::bundle {

bool Bundle::fill_form(vfs::Representation& form, const Extent& extent) const {
  const auto bytes = tables_.bytes(extent);
  if (!bytes) {
    return false;
  }
  form = {.present = true,
          .length = extent.length,
          .bytes = *bytes,
          .descriptor = descriptor_,
          .descriptor_offset = payload_offset_ + extent.offset};
  return true;
}

bool Bundle::fill_content(vfs::Asset& asset, const Entry& entry) const {
  const auto content = tables_.content(entry.reference);
  if (!content || !fill_form(asset.representations[0], content->identity)) {
    return false;
  }
  asset.content_hash = content->hash;
  for (std::uint32_t i = 0; i < content->variant_count; ++i) {
    const auto variant = tables_.variant(content->first_variant + i);
    if (!variant || !fill_form(asset.representations[static_cast<std::size_t>(variant->encoding)],
                               variant->blob)) {
      return false;
    }
  }
  return true;
}

Result<vfs::Asset> Bundle::find(std::string_view path) const {
  const Node node = SEABAG_TRY(find_path(tables_, path));
  vfs::Asset asset;
  asset.modified = node.entry.modified;
  const auto headers = tables_.headers(node.entry.headers);
  if (!headers) {
    return damaged_table("find");
  }
  asset.header_fields = headers->fields;
  asset.not_modified_fields = headers->not_modified_fields;
  if (node.entry.kind == EntryKind::directory) {
    asset.type = vfs::FileType::directory;
  } else if (!fill_content(asset, node.entry)) {
    return damaged_table("find");
  }
  return asset;
}

BundleInfo Bundle::info() const {
  BundleInfo info;
  // The superblock has been decoded when the bundle was opened, so it can be again.
  const auto decoded = decode_superblock(tables_.payload());
  if (!decoded) {
    return info;
  }
  const Superblock& block = *decoded;
  info.compat_features = block.compat_features;
  info.incompat_features = block.incompat_features;
  info.payload_bytes = block.payload_size;
  info.metadata_bytes = metadata_bytes(block);
  info.name_bytes = block.section(Section::names).length;
  info.created = block.created;
  info.producer = block.producer;
  info.root_hash = block.root_hash;
  info.contents = block.contents;
  info.totals = block.totals;
  return info;
}

}  // namespace seabag::bundle
