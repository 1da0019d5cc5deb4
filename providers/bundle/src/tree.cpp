#include "seabag/bundle/tree.h"

#include <algorithm>
#include <limits>

#include "seabag/vfs/path.h"
#include "tree_state.h"

namespace seabag::bundle {
namespace {

constexpr const char* kAdd = "add";
constexpr std::size_t kMaxEntries = std::numeric_limits<std::uint32_t>::max() - 1;

Error no_entry() { return make_error(std::errc::invalid_argument, kAdd, {}, "no such entry"); }

void set_attributes_of(PendingEntry& entry, const EntryAttributes& attributes) {
  entry.mode = static_cast<std::uint16_t>(attributes.mode & 07777U);
  entry.seconds = attributes.modified.seconds;
  entry.nanoseconds = attributes.modified.nanoseconds;
  entry.headers = static_cast<std::uint16_t>(attributes.headers);
}

/// Adds an entry after all checks that do not depend on its kind.
Result<std::uint32_t> add_entry(Tree::State& state, EntryId parent, std::string_view name,
                                PendingEntry entry) {
  const auto parent_index = static_cast<std::uint32_t>(parent);
  if (parent_index >= state.entries.size()) {
    return no_entry();
  }
  if (state.entries[parent_index].kind != EntryKind::directory) {
    return make_error(std::errc::not_a_directory, kAdd, name);
  }
  SEABAG_TRY(vfs::check_name(name, kAdd));
  if (state.entries.size() >= kMaxEntries || !state.texts.has_room(name.size())) {
    return make_error(std::errc::value_too_large, kAdd, name,
                      "a bundle holds 2^32 - 2 entries and 4 GiB of names");
  }
  entry.parent = parent_index;
  entry.name = state.texts.add(name);
  entry.name_length = static_cast<std::uint8_t>(name.size());
  ++state.entries[parent_index].count;
  if (entry.kind == EntryKind::directory) {
    ++state.entries[parent_index].links;
  }
  state.entries.push_back(entry);
  return static_cast<std::uint32_t>(state.entries.size() - 1);
}

PendingEntry make_entry(EntryKind kind, const EntryAttributes& attributes) {
  PendingEntry entry;
  entry.kind = kind;
  entry.links = kind == EntryKind::directory ? 2 : 1;
  set_attributes_of(entry, attributes);
  return entry;
}

Result<void> check_attributes(const EntryAttributes& attributes) {
  if (attributes.mode > 07777 || attributes.modified.nanoseconds >= 1'000'000'000) {
    return make_error(std::errc::invalid_argument, kAdd, {}, "mode or nanoseconds out of range");
  }
  return {};
}

}  // namespace

bool TextPool::has_room(std::size_t length) const {
  const std::size_t chunks = chunks_.size() + (length > kChunkLength - filled_ ? 1 : 0);
  return chunks <= (std::size_t{1} << 32U) / kChunkLength;
}

std::uint32_t TextPool::add(std::string_view text) {
  if (text.size() > kChunkLength - filled_) {
    chunks_.push_back(std::make_unique<char[]>(kChunkLength));
    filled_ = 0;
  }
  const std::size_t offset = chunks_.empty() ? 0 : (chunks_.size() - 1) * kChunkLength + filled_;
  if (!text.empty()) {
    std::copy(text.begin(), text.end(), chunks_.back().get() + filled_);
  }
  filled_ += text.size();
  return static_cast<std::uint32_t>(offset);
}

std::size_t Tree::State::path_length(std::uint32_t entry) const {
  std::size_t length = 0;
  for (; entry != 0; entry = entries[entry].parent) {
    length += 1U + entries[entry].name_length;
  }
  return length;
}

std::string Tree::State::path(std::uint32_t entry) const {
  std::string out(path_length(entry), '/');
  std::size_t end = out.size();
  for (; entry != 0; entry = entries[entry].parent) {
    const std::string_view text = name(entries[entry]);
    end -= text.size();
    std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(end));
    --end;
  }
  return out;
}

Tree::Tree(const EntryAttributes& root) : state_(std::make_unique<State>()) {
  state_->entries.push_back(make_entry(EntryKind::directory, root));
}
Tree::~Tree() = default;
Tree::Tree(Tree&&) noexcept = default;
Tree& Tree::operator=(Tree&&) noexcept = default;

std::size_t Tree::size() const { return state_->entries.size(); }

Result<EntryId> Tree::add_directory(EntryId parent, std::string_view name,
                                    const EntryAttributes& attributes) {
  SEABAG_TRY(check_attributes(attributes));
  return EntryId{
      SEABAG_TRY(add_entry(*state_, parent, name, make_entry(EntryKind::directory, attributes)))};
}

Result<EntryId> Tree::add_file(EntryId parent, std::string_view name,
                               const EntryAttributes& attributes, ContentId content) {
  SEABAG_TRY(check_attributes(attributes));
  PendingEntry entry = make_entry(EntryKind::regular, attributes);
  entry.reference = static_cast<std::uint32_t>(content);
  return EntryId{SEABAG_TRY(add_entry(*state_, parent, name, entry))};
}

Result<EntryId> Tree::add_symlink(EntryId parent, std::string_view name,
                                  const EntryAttributes& attributes, std::string_view target) {
  SEABAG_TRY(check_attributes(attributes));
  SEABAG_TRY(vfs::check_link_target(target, kAdd));
  if (!state_->texts.has_room(target.size())) {
    return make_error(std::errc::value_too_large, kAdd, name, "a bundle holds 4 GiB of names");
  }
  const std::uint32_t added =
      SEABAG_TRY(add_entry(*state_, parent, name, make_entry(EntryKind::symlink, attributes)));
  PendingEntry& entry = state_->entries[added];
  entry.reference = state_->texts.add(target);
  entry.count = static_cast<std::uint32_t>(target.size());
  entry.headers = 0;
  return EntryId{added};
}

Result<EntryId> Tree::add_link(EntryId parent, std::string_view name, EntryId existing) {
  auto index = static_cast<std::uint32_t>(existing);
  if (index >= state_->entries.size()) {
    return no_entry();
  }
  if (state_->entries[index].kind == EntryKind::link) {
    index = state_->entries[index].reference;
  }
  if (state_->entries[index].kind == EntryKind::directory) {
    return make_error(std::errc::operation_not_permitted, kAdd, name,
                      "a directory cannot have a hard link");
  }
  PendingEntry entry = make_entry(EntryKind::link, {.mode = 0});
  entry.reference = index;
  const std::uint32_t added = SEABAG_TRY(add_entry(*state_, parent, name, entry));
  ++state_->entries[index].links;
  return EntryId{added};
}

Result<void> Tree::set_attributes(EntryId entry, const EntryAttributes& attributes) {
  const auto index = static_cast<std::uint32_t>(entry);
  if (index >= state_->entries.size()) {
    return no_entry();
  }
  SEABAG_TRY(check_attributes(attributes));
  set_attributes_of(state_->entries[index], attributes);
  return {};
}

}  // namespace seabag::bundle
