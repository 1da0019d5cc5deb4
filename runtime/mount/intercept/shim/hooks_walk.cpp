// glob(3), ftw(3) and nftw(3): what the C library walks by itself, past the hooks.
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

bool is_asked(const char* path) {
  if (is_outside(AT_FDCWD, path)) {
    return false;
  }
  Errand errand(Operation::status);
  return errand.take(AT_FDCWD, path);
}

// The C library walks with whatever functions it is given.
void* open_folder(const char* path) { return opendir(path); }
dirent* read_folder(void* folder) { return readdir(static_cast<DIR*>(folder)); }
void close_folder(void* folder) { closedir(static_cast<DIR*>(folder)); }
int status_followed(const char* path, struct stat* out) { return stat(path, out); }
int status_kept(const char* path, struct stat* out) { return lstat(path, out); }

/// nftw(3) over the hooks: depth first, in the order of the directory.
class TreeWalk {
 public:
  using Visit = int (*)(const char*, const struct stat*, int, FTW*);

  TreeWalk(Visit visit, int flags) : visit_(visit), flags_(flags) {}

  int run(const char* path) {
    if (has(FTW_CHDIR) && getcwd(start_.data(), start_.size()) == nullptr) {
      return -1;
    }
    const std::size_t length = std::strlen(path);
    if (length >= path_.size()) {
      errno = ENAMETOOLONG;
      return -1;
    }
    std::memcpy(path_.data(), path, length + 1);
    length_ = length;
    while (length_ > 1 && path_[length_ - 1] == '/') {
      path_[--length_] = '\0';
    }
    struct stat status {};
    const int kind = look(status);
    if (kind == FTW_NS) {
      return -1;
    }
    device_ = status.st_dev;
    const char* slash = std::strrchr(path_.data(), '/');
    const auto base =
        slash == nullptr || length_ == 1 ? 0 : static_cast<int>(slash - path_.data()) + 1;
    const int done = step(status, kind, base, 0);
    return done == FTW_SKIP_SUBTREE || done == FTW_SKIP_SIBLINGS ? 0 : done;
  }

 private:
  bool has(int flag) const { return (flags_ & flag) != 0; }
  bool takes_actions() const { return has(FTW_ACTIONRETVAL); }

  int look(struct stat& status) const {
    if (has(FTW_PHYS)) {
      if (lstat(path_.data(), &status) != 0) {
        return FTW_NS;
      }
    } else if (stat(path_.data(), &status) != 0) {
      return lstat(path_.data(), &status) == 0 && S_ISLNK(status.st_mode) ? FTW_SLN : FTW_NS;
    }
    if (S_ISDIR(status.st_mode)) {
      return FTW_D;
    }
    return S_ISLNK(status.st_mode) ? FTW_SL : FTW_F;
  }

  // With FTW_CHDIR in the directory of what is told of; a relative path then is no longer one from
  // here, so the walk goes back each time.
  int tell(const struct stat& status, int kind, int base, int level) {
    FTW place{.base = base, .level = level};
    if (!has(FTW_CHDIR)) {
      return visit_(path_.data(), &status, kind, &place);
    }
    std::array<char, kLongestPath> folder{"."};
    if (base > 0) {
      std::memcpy(folder.data(), path_.data(), static_cast<std::size_t>(base));
      folder[static_cast<std::size_t>(base)] = '\0';
    }
    if (chdir(folder.data()) != 0) {
      return -1;
    }
    const int done = visit_(path_.data(), &status, kind, &place);
    const int number = errno;
    if (chdir(start_.data()) != 0) {
      return -1;
    }
    errno = number;
    return done;
  }

  int step(const struct stat& status, int kind, int base, int level) {
    if (kind != FTW_D) {
      return tell(status, kind, base, level);
    }
    if (has(FTW_MOUNT) && status.st_dev != device_) {
      return 0;
    }
    DIR* directory = opendir(path_.data());
    if (directory == nullptr) {
      return tell(status, FTW_DNR, base, level);
    }
    int done = has(FTW_DEPTH) ? 0 : tell(status, FTW_D, base, level);
    if (done == 0) {
      done = step_into(directory, level);
    }
    closedir(directory);
    if (takes_actions() && done == FTW_SKIP_SUBTREE) {
      return 0;
    }
    return done == 0 && has(FTW_DEPTH) ? tell(status, FTW_DP, base, level) : done;
  }

  int step_into(DIR* directory, int level) {
    const std::size_t length = length_;
    int done = 0;
    while (done == 0) {
      const dirent* entry = readdir(directory);
      if (entry == nullptr) {
        break;
      }
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) {
        continue;
      }
      const std::size_t size = std::strlen(entry->d_name);
      if (length + size + 2 > path_.size()) {
        errno = ENAMETOOLONG;
        return -1;
      }
      std::size_t at = length;
      if (path_[at - 1] != '/') {
        path_[at++] = '/';
      }
      std::memcpy(path_.data() + at, entry->d_name, size + 1);
      length_ = at + size;
      struct stat status {};
      const int kind = look(status);
      done = step(status, kind, static_cast<int>(at), level + 1);
      path_[length] = '\0';
      length_ = length;
    }
    return takes_actions() && done == FTW_SKIP_SIBLINGS ? 0 : done;
  }

  Visit visit_;
  int flags_;
  dev_t device_ = 0;
  std::size_t length_ = 0;
  std::array<char, kLongestPath> path_{};
  std::array<char, kLongestPath> start_{};  ///< where the program works, with FTW_CHDIR
};

// ftw(3) has a visitor of three arguments. Walks do not cross threads.
using ShortVisit = int (*)(const char*, const struct stat*, int);
[[gnu::tls_model("initial-exec")]] thread_local ShortVisit short_visit = nullptr;

int visit_short(const char* path, const struct stat* status, int kind, FTW*) {
  return short_visit(path, status, kind == FTW_SLN ? FTW_NS : kind);
}

int walk_short(const char* path, ShortVisit visit) {
  const ShortVisit before = short_visit;
  short_visit = visit;
  const int done = TreeWalk(visit_short, 0).run(path);
  short_visit = before;
  return done;
}

}  // namespace

void link_walk_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

int glob(const char* pattern, int flags, int (*on_error)(const char*, int),
         glob_t* found) noexcept {
  if (page() == nullptr || (flags & GLOB_ALTDIRFUNC) != 0) {
    return SEABAG_NATIVE(glob)(pattern, flags, on_error, found);
  }
  found->gl_opendir = open_folder;
  found->gl_readdir = read_folder;
  found->gl_closedir = close_folder;
  found->gl_stat = status_followed;
  found->gl_lstat = status_kept;
  return SEABAG_NATIVE(glob)(pattern, flags | GLOB_ALTDIRFUNC, on_error, found);
}

int glob64(const char* pattern, int flags, int (*on_error)(const char*, int),
           glob64_t* found) noexcept {
  static_assert(sizeof(glob_t) == sizeof(glob64_t));
  return glob(pattern, flags, on_error, reinterpret_cast<glob_t*>(found));
}

int nftw(const char* path, __nftw_func_t visit, int descriptors, int flags) {
  return is_asked(path) ? TreeWalk(visit, flags).run(path)
                        : SEABAG_NATIVE(nftw)(path, visit, descriptors, flags);
}

int nftw64(const char* path, __nftw64_func_t visit, int descriptors, int flags) {
  return nftw(path, reinterpret_cast<__nftw_func_t>(visit), descriptors, flags);
}

int ftw(const char* path, __ftw_func_t visit, int descriptors) {
  return is_asked(path) ? walk_short(path, visit) : SEABAG_NATIVE(ftw)(path, visit, descriptors);
}

int ftw64(const char* path, __ftw64_func_t visit, int descriptors) {
  return ftw(path, reinterpret_cast<__ftw_func_t>(visit), descriptors);
}

}  // extern "C"
