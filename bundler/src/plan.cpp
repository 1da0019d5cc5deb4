#include "plan.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "seabag/bundle/content_hash.h"
#include "seabag/bundler/failure.h"
#include "seabag/vfs/path.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kFirstIndexSize = 1024;

std::uint32_t number(PlanId id) { return static_cast<std::uint32_t>(id); }

bool is_directory(PlanKind kind) {
  return kind == PlanKind::directory || kind == PlanKind::implied;
}

const char* describe(PlanKind kind) {
  switch (kind) {
    case PlanKind::implied:
    case PlanKind::directory:
      return "a directory";
    case PlanKind::symlink:
      return "a symlink";
    default:
      return "a file";
  }
}

}  // namespace

Plan::Plan(std::vector<std::string> inputs)
    : inputs_(std::move(inputs)), index_(kFirstIndexSize, 0) {
  entries_.push_back({.mode = 0755, .kind = PlanKind::implied});
}

std::string_view Plan::name(PlanId id) const {
  const PlanEntry& found = entry(id);
  return std::string_view(text_).substr(found.name_offset, found.name_length);
}

std::string_view Plan::target(PlanId symlink) const {
  const PlanEntry& found = entry(symlink);
  return std::string_view(text_).substr(found.reference, found.target_length);
}

std::string Plan::path(PlanId id) const {
  if (id == kPlanRoot) {
    return "/";
  }
  std::vector<std::string_view> names;
  for (; id != kPlanRoot; id = PlanId{entry(id).parent}) {
    names.push_back(name(id));
  }
  std::string path;
  for (auto part = names.rbegin(); part != names.rend(); ++part) {
    path += '/';
    path += *part;
  }
  return path;
}

std::size_t Plan::home(PlanId parent, std::string_view name) const {
  // The odd factor spreads the parents; the index is a power of two.
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t hash = bundle::path_hash(name) ^ ((number(parent) + 1ULL) * kSpread);
  return static_cast<std::size_t>((hash ^ (hash >> 32U)) & (index_.size() - 1));
}

void Plan::index(PlanId id) {
  std::size_t slot = home(PlanId{entry(id).parent}, name(id));
  while (index_[slot] != 0) {
    slot = (slot + 1) & (index_.size() - 1);
  }
  index_[slot] = number(id) + 1;
}

void Plan::grow_index() {
  index_.assign(index_.size() * 2, 0);
  for (std::uint32_t id = 1; id < entries_.size(); ++id) {
    index(PlanId{id});
  }
}

std::optional<PlanId> Plan::find(PlanId parent, std::string_view name) const {
  for (std::size_t slot = home(parent, name); index_[slot] != 0;
       slot = (slot + 1) & (index_.size() - 1)) {
    const PlanId id{index_[slot] - 1};
    if (entry(id).parent == number(parent) && this->name(id) == name) {
      return id;
    }
  }
  return std::nullopt;
}

std::optional<PlanId> Plan::find(std::string_view path) const {
  PlanId current = kPlanRoot;
  vfs::PathComponents components(path);
  while (!components.is_at_end()) {
    const auto child = find(current, components.next());
    if (!child) {
      return std::nullopt;
    }
    current = *child;
  }
  return current;
}

Result<void> Plan::check_depth(PlanId parent, std::string_view name) const {
  std::size_t length = 1 + name.size();
  for (; parent != kPlanRoot; parent = PlanId{entry(parent).parent}) {
    length += 1U + entry(parent).name_length;
  }
  if (length >= vfs::kMaxPathLength) {
    return make_error(std::errc::filename_too_long, "pack", name,
                      "a path in the packed tree has at most 4095 bytes");
  }
  return {};
}

Error Plan::clash(PlanId existing, std::string_view what) const {
  const std::string place = path(existing);
  const std::string kind = describe(entry(existing).kind);
  const std::string& earlier = inputs_[entry(existing).input];
  const std::string& now = inputs_[input_];
  if (entry(existing).input == input_) {
    return make_failure(Failure::archive_refused, "unpack", now,
                        "entry '" + place + "' is " + kind + " and again " + std::string(what) +
                            "; make an archive without the second one");
  }
  return make_failure(Failure::conflict, "pack", place,
                      kind + " from '" + earlier + "' and " + std::string(what) + " from '" + now +
                          "'; give one of them another prefix");
}

Result<PlanId> Plan::add(PlanId parent, std::string_view name, PlanEntry added) {
  SEABAG_TRY(vfs::check_name(name, "pack"));
  SEABAG_TRY(check_depth(parent, name));
  if (entries_.size() >= std::numeric_limits<std::uint32_t>::max() - 1 ||
      text_.size() + name.size() + vfs::kMaxPathLength >
          std::numeric_limits<std::uint32_t>::max()) {
    return make_error(std::errc::value_too_large, "pack", name,
                      "a bundle holds 2^32 - 2 entries and 4 GiB of names");
  }
  added.parent = number(parent);
  added.name_offset = static_cast<std::uint32_t>(text_.size());
  added.name_length = static_cast<std::uint8_t>(name.size());
  added.input = input_;
  text_ += name;
  entries_.push_back(added);
  if (entries_.size() > index_.size() / 4 * 3) {
    grow_index();
  } else {
    index(PlanId{static_cast<std::uint32_t>(entries_.size() - 1)});
  }
  return PlanId{static_cast<std::uint32_t>(entries_.size() - 1)};
}

Result<PlanId> Plan::directory(std::string_view path) {
  PlanId current = kPlanRoot;
  vfs::PathComponents components(path);
  while (!components.is_at_end()) {
    const std::string_view name = components.next();
    const auto existing = find(current, name);
    if (!existing) {
      current = SEABAG_TRY(add(current, name, {.mode = 0755, .kind = PlanKind::implied}));
      continue;
    }
    if (!is_directory(entry(*existing).kind)) {
      return clash(*existing, "a directory on the way to others");
    }
    current = *existing;
  }
  return current;
}

void Plan::describe_directory(PlanId directory, const PlanAttributes& attributes) {
  PlanEntry& found = entry(directory);
  if (found.kind != PlanKind::implied) {
    return;
  }
  found.kind = PlanKind::directory;
  found.mode = static_cast<std::uint16_t>(attributes.mode);
  found.seconds = attributes.modified.seconds;
  found.nanoseconds = attributes.modified.nanoseconds;
  found.input = input_;
}

Result<PlanId> Plan::add_file(PlanId parent, std::string_view name,
                              const PlanAttributes& attributes, ContentNumber content) {
  const PlanEntry added{.seconds = attributes.modified.seconds,
                        .nanoseconds = attributes.modified.nanoseconds,
                        .reference = static_cast<std::uint32_t>(content),
                        .mode = static_cast<std::uint16_t>(attributes.mode),
                        .kind = PlanKind::file};
  const auto existing = find(parent, name);
  if (!existing) {
    return add(parent, name, added);
  }
  const PlanEntry& found = entry(*existing);
  const PlanEntry& file = found.kind == PlanKind::link ? entries_[found.reference] : found;
  const bool is_same = file.kind == PlanKind::file && file.reference == added.reference &&
                       file.mode == added.mode && found.input != input_;
  return is_same ? Result<PlanId>(*existing) : clash(*existing, "another file");
}

Result<PlanId> Plan::add_symlink(PlanId parent, std::string_view name,
                                 const PlanAttributes& attributes, std::string_view target) {
  const auto existing = find(parent, name);
  if (existing) {
    const bool is_same = entry(*existing).kind == PlanKind::symlink &&
                         this->target(*existing) == target && entry(*existing).input != input_;
    return is_same ? Result<PlanId>(*existing) : clash(*existing, "a symlink");
  }
  SEABAG_TRY(vfs::check_link_target(target, "pack"));
  const PlanId id =
      SEABAG_TRY(add(parent, name,
                     {.seconds = attributes.modified.seconds,
                      .nanoseconds = attributes.modified.nanoseconds,
                      .reference = static_cast<std::uint32_t>(text_.size() + name.size()),
                      .mode = 0777,
                      .target_length = static_cast<std::uint16_t>(target.size()),
                      .kind = PlanKind::symlink}));
  text_ += target;
  return id;
}

Result<PlanId> Plan::add_link(PlanId parent, std::string_view name, PlanId existing) {
  if (entry(existing).kind == PlanKind::link) {
    existing = PlanId{entry(existing).reference};
  }
  const auto present = find(parent, name);
  if (!present) {
    return add(parent, name, {.reference = number(existing), .kind = PlanKind::link});
  }
  const PlanEntry& found = entry(*present);
  const bool is_same = (*present == existing ||
                        (found.kind == PlanKind::link && found.reference == number(existing))) &&
                       found.input != input_;
  return is_same ? Result<PlanId>(*present) : clash(*present, "a hard link");
}

void Plan::settle_times() {
  // Children come behind their parents, so going backwards meets every directory complete.
  for (std::size_t index = entries_.size() - 1; index > 0; --index) {
    const PlanEntry& child = entries_[index];
    PlanEntry& parent = entries_[child.parent];
    if (parent.kind == PlanKind::implied && child.kind != PlanKind::link &&
        std::tie(child.seconds, child.nanoseconds) > std::tie(parent.seconds, parent.nanoseconds)) {
      parent.seconds = child.seconds;
      parent.nanoseconds = child.nanoseconds;
    }
  }
}

void Plan::set_content(PlanId file, ContentNumber content) {
  if (entry(file).kind == PlanKind::link) {
    file = PlanId{entry(file).reference};
  }
  entry(file).reference = static_cast<std::uint32_t>(content);
}

}  // namespace seabag::bundler
