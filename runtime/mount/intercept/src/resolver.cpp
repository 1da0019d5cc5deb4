#include "resolver.h"

#include <algorithm>
#include <utility>

#include "seabag/vfs/path.h"

namespace seabag::intercept {

namespace {

constexpr int kMostLinks = 40;

// A directory on the way; the bottom one is the root of everything.
struct Step {
  std::shared_ptr<MountPoint> mount;  ///< null where the real file system is
  vfs::Attributes attributes;
  std::size_t path_length;  ///< of the path down to it
};

bool lies_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

class Walk {
 public:
  Walk(const MountPoints& mounts, std::string_view path, vfs::LastLink last_link, Asker asker)
      : mounts_(mounts), rest_(path), last_link_(last_link), asker_(asker) {
    has_trailing_slash_ = path.ends_with('/');
    constexpr std::size_t kUsualLength = 128;
    constexpr std::size_t kUsualDepth = 8;
    path_.reserve(kUsualLength);
    steps_.reserve(kUsualDepth);
  }

  Result<Spot> run() {
    SEABAG_TRY(start());
    while (true) {
      const std::string_view name = next_name();
      if (name.empty()) {
        return here();
      }
      auto ended = SEABAG_TRY(step(name));
      if (ended) {
        return std::move(*ended);
      }
    }
  }

 private:
  using Ended = std::optional<Spot>;

  Result<void> start() {
    steps_.clear();
    path_.clear();
    const auto root = mount_at("");
    steps_.push_back({root,
                      root ? SEABAG_TRY(root->files->attributes(vfs::kRootNode))
                           : vfs::Attributes{.type = vfs::FileType::directory},
                      0});
    return {};
  }

  // Valid until `rest_` is another one.
  std::string_view next_name() {
    const std::size_t begin = rest_.find_first_not_of('/', position_);
    if (begin == std::string::npos) {
      position_ = rest_.size();
      return {};
    }
    const std::size_t end = std::min(rest_.find('/', begin), rest_.size());
    position_ = end;
    return std::string_view(rest_).substr(begin, end - begin);
  }

  bool is_last() const { return rest_.find_first_not_of('/', position_) == std::string::npos; }
  std::string remainder() const { return rest_.substr(position_); }

  std::shared_ptr<MountPoint> mount_at(std::string_view path) const {
    // The latest of several in one place shows.
    const auto found = std::find_if(mounts_.rbegin(), mounts_.rend(),
                                    [&](const auto& mount) { return mount->point == path; });
    return found == mounts_.rend() ? nullptr : *found;
  }

  bool is_above_mount(std::string_view path) const {
    return std::any_of(mounts_.begin(), mounts_.end(),
                       [&](const auto& mount) { return lies_below(mount->point, path); });
  }

  // To where `path_` leads.
  void enter(std::shared_ptr<MountPoint> mount, const vfs::Attributes& attributes) {
    steps_.push_back({std::move(mount), attributes, path_.size()});
  }

  void leave() {
    if (steps_.size() > 1) {
      steps_.pop_back();
      path_.resize(steps_.back().path_length);
    }
  }

  Result<Ended> step(std::string_view name) {
    if (name.size() > vfs::kMaxNameLength) {
      return make_error(std::errc::filename_too_long, "lookup");
    }
    if (name == "." || name == "..") {
      if (steps_.back().attributes.type != vfs::FileType::directory) {
        return make_error(std::errc::not_a_directory, "lookup");
      }
      SEABAG_TRY(check_search());
      if (name == "..") {
        leave();
      }
      return Ended();
    }
    path_.append("/").append(name);
    if (auto mount = mount_at(path_)) {
      const vfs::Attributes root = SEABAG_TRY(mount->files->attributes(vfs::kRootNode));
      enter(std::move(mount), root);
      return Ended();
    }
    return steps_.back().mount ? step_in_mount(name) : step_outside();
  }

  Result<void> check_search() const {
    const Step& directory = steps_.back();
    const bool is_checked =
        directory.mount != nullptr && directory.attributes.type == vfs::FileType::directory;
    return is_checked ? check_permission(asker_, directory.attributes, kSearch) : Result<void>();
  }

  Result<Ended> step_outside() {
    if (is_above_mount(path_)) {
      enter(nullptr, {.type = vfs::FileType::directory});
      return Ended();
    }
    return Ended(Spot{.kind = Spot::Kind::real, .path = path_ + remainder()});
  }

  Result<Ended> step_in_mount(std::string_view name) {
    const Step& directory = steps_.back();
    validity_ = std::min(validity_, directory.mount->validity);
    SEABAG_TRY(check_search());
    const auto found = directory.mount->files->lookup(directory.attributes.node, name);
    if (!found) {
      return missing(found.error());
    }
    const bool is_followed =
        !is_last() || last_link_ == vfs::LastLink::follow || has_trailing_slash_;
    if (found->type == vfs::FileType::symlink && is_followed) {
      path_.resize(directory.path_length);
      SEABAG_TRY(follow(*directory.mount, found->node));
      return Ended();
    }
    enter(directory.mount, *found);
    return Ended();
  }

  Result<Ended> missing(const Error& error) {
    const bool is_nothing = error.is(std::errc::no_such_file_or_directory);
    if (is_nothing && is_above_mount(path_)) {
      // Who makes that name past the session leads elsewhere, and new names are not told.
      validity_ = validity_ == Validity::until_mounts ? validity_ : Validity::none;
      enter(nullptr, {.type = vfs::FileType::directory});
      return Ended();
    }
    if (is_nothing && is_last()) {
      return Ended(Spot{.kind = Spot::Kind::missing,
                        .path = path_,
                        .has_trailing_slash = has_trailing_slash_,
                        .mount = steps_.back().mount,
                        .folder = steps_.back().attributes});
    }
    const bool falls_through = steps_.back().mount->options.view == View::overlay;
    if (falls_through && (is_nothing || error.is(std::errc::not_a_directory))) {
      return Ended(Spot{.kind = Spot::Kind::real, .path = path_ + remainder()});
    }
    return error;
  }

  Result<void> follow(const MountPoint& mount, vfs::NodeId link) {
    if (++links_ > kMostLinks) {
      return make_error(std::errc::too_many_symbolic_link_levels, "lookup");
    }
    std::string target = SEABAG_TRY(mount.files->read_link(link));
    if (target.starts_with('/')) {
      SEABAG_TRY(start());
    }
    if (is_last()) {
      has_trailing_slash_ = has_trailing_slash_ || target.ends_with('/');
    }
    rest_ = target + remainder();
    position_ = 0;
    return {};
  }

  Result<Spot> here() {
    const Step& last = steps_.back();
    if (last.mount == nullptr) {
      return Spot{.kind = Spot::Kind::ancestor,
                  .path = path_.empty() ? "/" : path_,
                  .has_trailing_slash = has_trailing_slash_};
    }
    if (has_trailing_slash_ && last.attributes.type != vfs::FileType::directory) {
      return make_error(std::errc::not_a_directory, "lookup");
    }
    return Spot{
        .kind = Spot::Kind::node,
        .path = path_.empty() ? "/" : path_,
        .has_trailing_slash = has_trailing_slash_,
        .validity = std::min(validity_, last.mount->validity),
        .mount = last.mount,
        .attributes = last.attributes,
        .folder = steps_.size() > 1 ? steps_[steps_.size() - 2].attributes : vfs::Attributes{}};
  }

  const MountPoints& mounts_;  ///< the caller's
  std::string rest_;
  std::size_t position_ = 0;
  vfs::LastLink last_link_;
  Asker asker_;
  bool has_trailing_slash_ = false;
  Validity validity_ = Validity::until_mounts;
  int links_ = 0;
  std::string path_;
  std::vector<Step> steps_;
};

}  // namespace

Result<Spot> resolve(const MountPoints& mounts, std::string_view path, vfs::LastLink last_link,
                     Asker asker) {
  SEABAG_TRY(vfs::check_path(path, "lookup"));
  return Walk(mounts, path, last_link, asker).run();
}

}  // namespace seabag::intercept
