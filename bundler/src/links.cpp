#include "links.h"

#include <optional>
#include <string>

#include "seabag/bundler/failure.h"
#include "seabag/vfs/path.h"

namespace seabag::bundler {
namespace {

/// As many symlinks as one resolution may follow.
constexpr int kMostHops = 40;

enum class Outcome : std::uint8_t { inside, outside };

/// Follows one symlink through the plan, as a walk over the packed tree would.
class Resolution {
 public:
  explicit Resolution(const Plan& plan) : plan_(plan) {}

  /// `target` as it is read in `directory`.
  Outcome run(PlanId directory, std::string_view target) {
    is_absolute_ = target.starts_with('/');
    rest_ = target;
    std::size_t missing_depth = 0;  // components below `directory` that do not exist
    if (is_absolute_) {
      directory = kPlanRoot;
    }
    for (;;) {
      const std::string name = take_component();
      if (name.empty()) {
        return is_absolute_ && missing_depth > 0 ? Outcome::outside : Outcome::inside;
      }
      if (name == ".") {
        continue;
      }
      if (name == "..") {
        if (missing_depth > 0) {
          --missing_depth;
          continue;
        }
        if (directory == kPlanRoot) {
          return Outcome::outside;
        }
        directory = PlanId{plan_.entry(directory).parent};
        continue;
      }
      const auto child = missing_depth == 0 ? plan_.find(directory, name) : std::nullopt;
      if (!child) {
        ++missing_depth;
        continue;
      }
      if (!enter(*child, directory, missing_depth)) {
        return Outcome::inside;
      }
    }
  }

 private:
  /// Goes into a directory or through a symlink; false when there is nothing more to look at: a
  /// file on the way, or a loop.
  bool enter(PlanId child, PlanId& directory, std::size_t& missing_depth) {
    const PlanEntry* entry = &plan_.entry(child);
    if (entry->kind == PlanKind::link) {
      child = PlanId{entry->reference};
      entry = &plan_.entry(child);
    }
    switch (entry->kind) {
      case PlanKind::implied:
      case PlanKind::directory:
        directory = child;
        return true;
      case PlanKind::symlink: {
        if (++hops_ > kMostHops) {
          return false;
        }
        const std::string_view target = plan_.target(child);
        rest_ = std::string(target) + "/" + rest_;
        if (target.starts_with('/')) {
          directory = kPlanRoot;
          is_absolute_ = true;
        }
        missing_depth = 0;
        return true;
      }
      default:
        return false;
    }
  }

  std::string take_component() {
    vfs::PathComponents components(rest_);
    std::string name(components.next());
    rest_ = std::string(components.rest());
    return name;
  }

  const Plan& plan_;
  std::string rest_;
  bool is_absolute_ = false;
  int hops_ = 0;
};

}  // namespace

Result<void> check_links(const Plan& plan) {
  for (std::size_t index = 0; index < plan.size(); ++index) {
    const PlanId id{static_cast<std::uint32_t>(index)};
    const PlanEntry& entry = plan.entry(id);
    // A further name of a symlink may be in another directory and so lead elsewhere.
    const PlanId link = entry.kind == PlanKind::link ? PlanId{entry.reference} : id;
    if (plan.entry(link).kind != PlanKind::symlink) {
      continue;
    }
    const std::string_view target = plan.target(link);
    if (Resolution(plan).run(PlanId{entry.parent}, target) == Outcome::outside) {
      return make_failure(Failure::link_outside, "pack", plan.path(id),
                          "it points to '" + std::string(target) +
                              "'; pack the target as well, leave the link out by a line in "
                              ".seabagignore, or allow any link");
    }
  }
  return {};
}

}  // namespace seabag::bundler
