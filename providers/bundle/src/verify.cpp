#include "seabag/bundle/verify.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "blake2b.h"
#include "lookup.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/bundle/error.h"
#include "seabag/vfs/path.h"

namespace seabag::bundle {
namespace {

Error wrong(const std::string& what) { return bundle_error(BundleErrc::corrupt, "verify", what); }

std::string numbered(const char* what, std::uint64_t number, const char* problem) {
  return std::string(what) + ' ' + std::to_string(number) + ' ' + problem;
}

/// The hash tree: every leaf, then the root over superblock and leaves.
Result<void> check_hashes(std::span<const std::byte> payload, const Superblock& block) {
  const Extent& section = block.section(Section::hash_leaves);
  if (block.section(Section::signature).length == 0 &&
      section.offset + section.length != payload.size()) {
    return wrong("there are bytes that no hash covers");
  }
  const auto leaves = payload.subspan(section.offset, section.length);
  const auto covered = payload.subspan(kSuperblockSize, section.offset - kSuperblockSize);
  for (std::size_t i = 0; i * kLeafLength < covered.size(); ++i) {
    const std::size_t start = i * kLeafLength;
    const RootHash hash = leaf_hash(
        covered.subspan(start, std::min<std::size_t>(kLeafLength, covered.size() - start)));
    if (std::memcmp(hash.data(), &leaves[i * kLeafHashSize], kLeafHashSize) != 0) {
      return wrong(numbered("the bytes at offset", kSuperblockSize + start, "have been changed"));
    }
  }
  SuperblockBytes bytes;
  std::memcpy(bytes.data(), payload.data(), bytes.size());
  LeafHasher root;
  root.update(superblock_for_root(bytes));
  root.update(leaves);
  if (root.finish() != block.root_hash) {
    return wrong("the root hash does not fit");
  }
  return {};
}

/// One pass over the entries, in the order of their numbers: level by level.
class EntryChecker {
 public:
  explicit EntryChecker(const Tables& tables) : tables_(tables), names_(tables.entry_count()) {}

  Result<void> run() {
    const auto root = tables_.entry(0);
    if (!root || root->kind != EntryKind::directory || root->parent != 0 ||
        root->name_length != 0 || root->path_length != 0) {
      return wrong("the root is no directory");
    }
    SEABAG_TRY(check_directory(0, *root));
    for (std::uint32_t i = 1; i < tables_.entry_count(); ++i) {
      SEABAG_TRY(check_entry(i));
    }
    if (next_child_ != tables_.entry_count()) {
      return wrong("entries are in no directory");
    }
    return check_links();
  }

 private:
  Error bad(std::uint32_t index, const char* problem) const {
    return wrong(numbered("entry", index, problem));
  }

  Result<void> check_entry(std::uint32_t index) {
    const auto entry = tables_.entry(index);
    const auto name = entry ? tables_.name(*entry) : std::nullopt;
    if (!name || !vfs::is_valid_name(*name)) {
      return bad(index, "has no valid name");
    }
    if (!tables_.headers(entry->headers)) {
      return bad(index, "refers to headers that do not exist");
    }
    SEABAG_TRY(check_place(index, *entry, *name));
    switch (entry->kind) {
      case EntryKind::directory:
        return check_directory(index, *entry);
      case EntryKind::regular:
        ++names_[index];
        return tables_.content(entry->reference)
                   ? Result<void>()
                   : bad(index, "refers to a content that does not exist");
      case EntryKind::symlink: {
        ++names_[index];
        const auto target = tables_.link_target(*entry);
        return target && vfs::check_link_target(*target, "verify")
                   ? Result<void>()
                   : bad(index, "has no valid target");
      }
      case EntryKind::link: {
        const auto node = node_of(tables_, index, "verify");
        if (!node) {
          return bad(index, "is a hard link to nothing that can have one");
        }
        ++names_[node->index];
        return {};
      }
    }
    return {};
  }

  /// Parent, order among its siblings, path and index.
  Result<void> check_place(std::uint32_t index, const Entry& entry, std::string_view name) {
    const auto parent = tables_.entry(entry.parent);
    if (!parent || parent->kind != EntryKind::directory || index < parent->reference ||
        index - parent->reference >= parent->count) {
      return bad(index, "is not in the directory that it names");
    }
    if (index > parent->reference) {
      const auto before = tables_.entry(index - 1);
      const auto name_before = before ? tables_.name(*before) : std::nullopt;
      if (!name_before || !(*name_before < name)) {
        return bad(index, "is not in the order of names");
      }
    }
    return check_path(index, entry, name);
  }

  Result<void> check_path(std::uint32_t index, const Entry& entry, std::string_view name) {
    const Entry parent = *tables_.entry(entry.parent);
    const auto stem = tables_.directory_path(parent);
    const bool is_too_deep = entry.parent != 0 && parent.path_length == 0;
    if (!stem) {
      return bad(index, "is in a directory without a path");
    }
    path_.assign(*stem).append("/").append(name);
    const bool can_be_asked = !is_too_deep && path_.size() < vfs::kMaxPathLength;
    if (entry.kind == EntryKind::directory) {
      const auto stored = tables_.directory_path(entry);
      if (!stored || *stored != (can_be_asked ? std::string_view(path_) : std::string_view())) {
        return bad(index, "has a wrong path");
      }
    }
    if (can_be_asked && !is_indexed(tables_, path_, index)) {
      return bad(index, "is not found by the path index");
    }
    return {};
  }

  Result<void> check_directory(std::uint32_t index, const Entry& entry) {
    const auto children = children_of(tables_, Node{.index = index, .entry = entry}, "verify");
    if (!children || children->first != next_child_) {
      return bad(index, "has no range of children of its own");
    }
    next_child_ += children->count;
    std::uint32_t subdirectories = 0;
    for (std::uint32_t i = 0; i < children->count; ++i) {
      const auto child = tables_.entry(children->first + i);
      subdirectories += child && child->kind == EntryKind::directory ? 1U : 0U;
    }
    return entry.links == 2 + subdirectories ? Result<void>() : bad(index, "miscounts its links");
  }

  Result<void> check_links() const {
    for (std::uint32_t i = 1; i < tables_.entry_count(); ++i) {
      const auto entry = tables_.entry(i);
      const bool has_names = entry->kind == EntryKind::regular || entry->kind == EntryKind::symlink;
      if (has_names && entry->links != names_[i]) {
        return bad(i, "miscounts its links");
      }
    }
    return {};
  }

  const Tables& tables_;
  std::vector<std::uint32_t> names_;  ///< counted for each node
  std::uint32_t next_child_ = 1;
  std::string path_;
};

Result<void> check_variants(const Tables& tables, const StoredContent& content,
                            std::uint32_t index) {
  unsigned seen = 0;
  for (std::uint32_t i = 0; i < content.variant_count; ++i) {
    const auto variant = tables.variant(content.first_variant + i);
    const unsigned bit = variant ? 1U << static_cast<unsigned>(variant->encoding) : 0;
    if (!variant || !tables.bytes(variant->blob) || (seen & bit) != 0) {
      return wrong(numbered("content", index, "has a variant that does not fit"));
    }
    seen |= bit;
  }
  return {};
}

Result<std::uint64_t> check_contents(const Tables& tables) {
  std::uint64_t hashed = 0;
  for (std::uint32_t i = 0; i < tables.content_count(); ++i) {
    const auto content = tables.content(i);
    const auto bytes = content ? tables.bytes(content->identity) : std::nullopt;
    if (!bytes) {
      return wrong(numbered("content", i, "does not lie inside the payload"));
    }
    if (content_hash(*bytes) != content->hash) {
      return wrong(numbered("content", i, "does not have its hash"));
    }
    hashed += bytes->size();
    SEABAG_TRY(check_variants(tables, *content, i));
  }
  return hashed;
}

}  // namespace

Result<VerifyReport> verify(const Bundle& bundle) {
  const Tables& tables = bundle.tables();
  const Superblock block = SEABAG_TRY(decode_superblock(tables.payload()));
  SEABAG_TRY(check_hashes(tables.payload(), block));
  SEABAG_TRY(EntryChecker(tables).run());
  for (std::uint32_t i = 0; i < tables.headers_count(); ++i) {
    if (i > UINT16_MAX || !tables.headers(static_cast<std::uint16_t>(i))) {
      return wrong(numbered("headers", i, "do not lie inside their section"));
    }
  }
  const std::uint64_t hashed = SEABAG_TRY(check_contents(tables));
  return VerifyReport{.entries = tables.entry_count(),
                      .contents = tables.content_count(),
                      .variants = tables.variant_count(),
                      .hashed_bytes = tables.payload().size() + hashed};
}

}  // namespace seabag::bundle
