// fts(3): trees walked by the C library, past the hooks. A stream that may meet a mount is walked
// here; it never changes the working directory, so an entry's access path is its path.
#include <dirent.h>
#include <fts.h>
#include <sched.h>
#include <sys/stat.h>

#include <cstdlib>
#include <new>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

using Compare = int (*)(const FTSENT**, const FTSENT**);

/// What fts_open gives: the public part comes first.
struct TreeStream {
  FTS shown{};
  Compare compare = nullptr;
  TreeStream* next = nullptr;  ///< in the list of all of them
};

std::atomic<TreeStream*> all{nullptr};
std::atomic<bool> is_held{false};

class Guard {
 public:
  Guard() {
    while (is_held.exchange(true, std::memory_order_acquire)) {
      sched_yield();
    }
  }
  ~Guard() { is_held.store(false, std::memory_order_release); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
};

TreeStream* virtual_tree(const FTS* shown) {
  if (all.load(std::memory_order_relaxed) == nullptr) {
    return nullptr;
  }
  const Guard guard;
  TreeStream* each = all.load();
  while (each != nullptr && &each->shown != shown) {
    each = each->next;
  }
  return each;
}

void forget(const TreeStream* stream) {
  const Guard guard;
  TreeStream* before = nullptr;
  for (TreeStream* each = all.load(); each != nullptr; before = each, each = each->next) {
    if (each == stream) {
      if (before == nullptr) {
        all.store(each->next);
      } else {
        before->next = each->next;
      }
      return;
    }
  }
}

bool has(const TreeStream& stream, int option) { return (stream.shown.fts_options & option) != 0; }

bool is_dot(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

// One piece of memory: the entry with its name, its status, its path. The name follows `folder`.
FTSENT* make_entry(const char* folder, const char* name, FTSENT* parent) {
  const std::size_t length = std::strlen(name);
  const std::size_t folder_length = std::strlen(folder);
  constexpr std::size_t kAlignment = alignof(struct stat);
  const std::size_t head = (sizeof(FTSENT) + length + kAlignment) / kAlignment * kAlignment;
  const bool has_slash = folder_length == 0 || folder[folder_length - 1] == '/';
  const std::size_t path_length = folder_length + (has_slash ? 0 : 1) + length;
  if (path_length > 0xFFFF) {
    errno = ENAMETOOLONG;
    return nullptr;
  }
  auto* memory = static_cast<char*>(std::calloc(1, head + sizeof(struct stat) + path_length + 1));
  if (memory == nullptr) {
    return nullptr;
  }
  auto* entry = reinterpret_cast<FTSENT*>(memory);
  std::memcpy(entry->fts_name, name, length);
  entry->fts_statp = reinterpret_cast<struct stat*>(memory + head);
  entry->fts_path = memory + head + sizeof(struct stat);
  std::memcpy(entry->fts_path, folder, folder_length);
  if (!has_slash) {
    entry->fts_path[folder_length] = '/';
  }
  std::memcpy(entry->fts_path + path_length - length, name, length);
  entry->fts_accpath = entry->fts_path;
  entry->fts_pathlen = static_cast<unsigned short>(path_length);
  entry->fts_namelen = static_cast<unsigned short>(length);
  entry->fts_parent = parent;
  entry->fts_instr = FTS_NOINSTR;
  entry->fts_level =
      static_cast<short>(parent == nullptr ? FTS_ROOTPARENTLEVEL : parent->fts_level + 1);
  return entry;
}

void free_list(FTSENT* entry) {
  while (entry != nullptr) {
    FTSENT* next = entry->fts_link;
    std::free(entry);
    entry = next;
  }
}

// Finds out what an entry is; its number for fts_info.
unsigned short look(const TreeStream& stream, FTSENT& entry, bool is_followed) {
  struct stat& status = *entry.fts_statp;
  if (has(stream, FTS_LOGICAL) || is_followed) {
    if (stat(entry.fts_path, &status) != 0) {
      const int number = errno;
      if (lstat(entry.fts_path, &status) == 0) {
        errno = 0;
        return FTS_SLNONE;
      }
      entry.fts_errno = number;
      return FTS_NS;
    }
  } else if (lstat(entry.fts_path, &status) != 0) {
    entry.fts_errno = errno;
    return FTS_NS;
  }
  entry.fts_dev = status.st_dev;
  entry.fts_ino = status.st_ino;
  entry.fts_nlink = status.st_nlink;
  if (S_ISDIR(status.st_mode)) {
    if (entry.fts_level > FTS_ROOTLEVEL && is_dot(entry.fts_name)) {
      return FTS_DOT;
    }
    for (FTSENT* above = entry.fts_parent; above->fts_level >= FTS_ROOTLEVEL;
         above = above->fts_parent) {
      if (above->fts_ino == entry.fts_ino && above->fts_dev == entry.fts_dev) {
        entry.fts_cycle = above;
        return FTS_DC;
      }
    }
    return FTS_D;
  }
  if (S_ISLNK(status.st_mode)) {
    return FTS_SL;
  }
  return S_ISREG(status.st_mode) ? FTS_F : FTS_DEFAULT;
}

// In the program's order. The list as it is when there is no room for sorting.
FTSENT* sorted(const TreeStream& stream, FTSENT* first, std::size_t count) {
  if (stream.compare == nullptr || count < 2) {
    return first;
  }
  auto** entries = static_cast<const FTSENT**>(std::malloc(count * sizeof(FTSENT*)));
  if (entries == nullptr) {
    return first;
  }
  std::size_t number = 0;
  for (const FTSENT* each = first; each != nullptr; each = each->fts_link) {
    entries[number++] = each;
  }
  std::qsort(entries, count, sizeof(FTSENT*),
             reinterpret_cast<int (*)(const void*, const void*)>(stream.compare));
  FTSENT* list = nullptr;
  while (number > 0) {
    auto* entry = const_cast<FTSENT*>(entries[--number]);
    entry->fts_link = list;
    list = entry;
  }
  std::free(entries);
  return list;
}

bool needs_status(const TreeStream& stream, const dirent& entry) {
  return !has(stream, FTS_NOSTAT) || entry.d_type == DT_DIR || entry.d_type == DT_UNKNOWN ||
         (has(stream, FTS_LOGICAL) && entry.d_type == DT_LNK);
}

/// Whose children are made: those that the walk goes to, or those that the program asks for.
enum class Asker : std::uint8_t { walk, program };

FTSENT* make_children(const TreeStream& stream, FTSENT& parent, Asker asker) {
  DIR* directory = opendir(parent.fts_path);
  if (directory == nullptr) {
    if (asker == Asker::walk) {
      parent.fts_info = FTS_DNR;
      parent.fts_errno = errno;
    }
    return nullptr;
  }
  FTSENT* first = nullptr;
  FTSENT** last = &first;
  std::size_t count = 0;
  while (const dirent* found = readdir(directory)) {
    if (is_dot(found->d_name) && !has(stream, FTS_SEEDOT)) {
      continue;
    }
    FTSENT* entry = make_entry(parent.fts_path, found->d_name, &parent);
    if (entry == nullptr) {
      parent.fts_errno = errno;
      break;
    }
    entry->fts_info = needs_status(stream, *found) ? look(stream, *entry, false) : FTS_NSOK;
    *last = entry;
    last = &entry->fts_link;
    ++count;
  }
  closedir(directory);
  if (first == nullptr && asker == Asker::walk) {
    parent.fts_info = FTS_DP;
  }
  return sorted(stream, first, count);
}

void drop_children(TreeStream& stream) {
  free_list(stream.shown.fts_child);
  stream.shown.fts_child = nullptr;
}

// The name of a root is its last component; before the walk is there, it is all of its path.
void shorten_name(FTSENT& root) {
  const char* slash = std::strrchr(root.fts_name, '/');
  if (slash != nullptr && (slash != root.fts_name || slash[1] != '\0')) {
    root.fts_namelen = static_cast<unsigned short>(std::strlen(slash + 1));
    std::memmove(root.fts_name, slash + 1, root.fts_namelen + std::size_t{1});
  }
}

FTSENT* arrive(TreeStream& stream, FTSENT* entry) {
  if (entry != nullptr && entry->fts_level == FTS_ROOTLEVEL) {
    shorten_name(*entry);
  }
  stream.shown.fts_cur = entry;
  return entry;
}

// The next entry beside one that has been seen to the end, or its directory again.
FTSENT* step_on(TreeStream& stream, FTSENT* done) {
  FTSENT* parent = done->fts_parent;
  while (FTSENT* next = done->fts_link) {
    std::free(done);
    done = next;
    if (next->fts_instr == FTS_SKIP) {
      continue;
    }
    if (next->fts_instr == FTS_FOLLOW) {
      next->fts_info = look(stream, *next, true);
      next->fts_instr = FTS_NOINSTR;
    }
    return arrive(stream, next);
  }
  std::free(done);
  if (parent->fts_level == FTS_ROOTPARENTLEVEL) {
    std::free(parent);
    errno = 0;
    return arrive(stream, nullptr);
  }
  parent->fts_info = parent->fts_errno != 0 ? FTS_ERR : FTS_DP;
  return arrive(stream, parent);
}

FTSENT* read_entry(TreeStream& stream) {
  FTSENT* entry = stream.shown.fts_cur;
  if (entry == nullptr) {
    return nullptr;
  }
  const unsigned short wish = entry->fts_instr;
  entry->fts_instr = FTS_NOINSTR;
  const bool is_link = entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE;
  if (wish == FTS_AGAIN || (wish == FTS_FOLLOW && is_link)) {
    entry->fts_info = look(stream, *entry, wish == FTS_FOLLOW);
    return entry;
  }
  if (entry->fts_info != FTS_D) {
    drop_children(stream);
    return step_on(stream, entry);
  }
  if (entry->fts_level == FTS_ROOTLEVEL) {
    stream.shown.fts_dev = entry->fts_dev;
  }
  if (wish == FTS_SKIP || (has(stream, FTS_XDEV) && entry->fts_dev != stream.shown.fts_dev)) {
    drop_children(stream);
    entry->fts_info = FTS_DP;
    return entry;
  }
  FTSENT* child = stream.shown.fts_child;
  stream.shown.fts_child = nullptr;
  if (child == nullptr) {
    child = make_children(stream, *entry, Asker::walk);
  }
  if (child == nullptr) {
    return entry;
  }
  return arrive(stream, child);
}

bool make_roots(TreeStream& stream, char* const* paths) {
  FTSENT* parent = make_entry("", "", nullptr);
  FTSENT* start = parent != nullptr ? make_entry("", "", parent) : nullptr;
  if (start == nullptr) {
    std::free(parent);
    return false;
  }
  start->fts_info = FTS_INIT;
  stream.shown.fts_cur = start;
  FTSENT** last = &start->fts_link;
  std::size_t count = 0;
  for (; *paths != nullptr; ++paths) {
    FTSENT* entry = (*paths)[0] != '\0' ? make_entry("", *paths, parent) : nullptr;
    if (entry == nullptr) {
      errno = (*paths)[0] != '\0' ? errno : ENOENT;
      free_list(start);
      std::free(parent);
      return false;
    }
    entry->fts_info = look(stream, *entry, has(stream, FTS_COMFOLLOW));
    *last = entry;
    last = &entry->fts_link;
    ++count;
  }
  start->fts_link = sorted(stream, start->fts_link, count);
  return true;
}

FTS* open_tree(char* const* paths, int options, Compare compare) {
  const bool has_kind = (options & (FTS_LOGICAL | FTS_PHYSICAL)) != 0;
  if ((options & ~FTS_OPTIONMASK) != 0 || !has_kind) {
    errno = EINVAL;
    return nullptr;
  }
  void* memory = std::malloc(sizeof(TreeStream));
  if (memory == nullptr) {
    return nullptr;
  }
  auto* stream = new (memory) TreeStream;
  stream->compare = compare;
  stream->shown.fts_options = options | FTS_NOCHDIR;
  if (!make_roots(*stream, paths)) {
    std::free(memory);
    return nullptr;
  }
  const Guard guard;
  stream->next = all.load();
  all.store(stream);
  return &stream->shown;
}

void close_tree(TreeStream* stream) {
  forget(stream);
  drop_children(*stream);
  FTSENT* entry = stream->shown.fts_cur;
  while (entry != nullptr) {
    FTSENT* parent = entry->fts_parent;
    free_list(entry);
    entry = parent;
  }
  std::free(stream);
}

bool may_meet_mount(char* const* paths) {
  for (; paths != nullptr && *paths != nullptr; ++paths) {
    if (!is_outside(AT_FDCWD, *paths)) {
      Errand errand(Operation::status);
      if (errand.take(AT_FDCWD, *paths)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

void link_tree_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

// Where files are never larger than off_t, both families are one.
static_assert(sizeof(FTS) == sizeof(FTS64) && sizeof(FTSENT) == sizeof(FTSENT64));

extern "C" {

FTS* fts_open(char* const* paths, int options, Compare compare) {
  return may_meet_mount(paths) ? open_tree(paths, options, compare)
                               : SEABAG_NATIVE(fts_open)(paths, options, compare);
}

FTSENT* fts_read(FTS* shown) {
  TreeStream* stream = virtual_tree(shown);
  return stream != nullptr ? read_entry(*stream) : SEABAG_NATIVE(fts_read)(shown);
}

FTSENT* fts_children(FTS* shown, int wish) {
  TreeStream* stream = virtual_tree(shown);
  if (stream == nullptr) {
    return SEABAG_NATIVE(fts_children)(shown, wish);
  }
  if (wish != 0 && wish != FTS_NAMEONLY) {
    errno = EINVAL;
    return nullptr;
  }
  errno = 0;
  FTSENT* entry = stream->shown.fts_cur;
  if (entry == nullptr || entry->fts_info == FTS_INIT) {
    return entry == nullptr ? nullptr : entry->fts_link;
  }
  if (entry->fts_info != FTS_D) {
    return nullptr;
  }
  drop_children(*stream);
  stream->shown.fts_child = make_children(*stream, *entry, Asker::program);
  return stream->shown.fts_child;
}

int fts_close(FTS* shown) {
  TreeStream* stream = virtual_tree(shown);
  if (stream == nullptr) {
    return SEABAG_NATIVE(fts_close)(shown);
  }
  close_tree(stream);
  return 0;
}

FTS64* fts64_open(char* const* paths, int options,
                  int (*compare)(const FTSENT64**, const FTSENT64**)) {
  return reinterpret_cast<FTS64*>(fts_open(paths, options, reinterpret_cast<Compare>(compare)));
}
FTSENT64* fts64_read(FTS64* shown) {
  return reinterpret_cast<FTSENT64*>(fts_read(reinterpret_cast<FTS*>(shown)));
}
FTSENT64* fts64_children(FTS64* shown, int wish) {
  return reinterpret_cast<FTSENT64*>(fts_children(reinterpret_cast<FTS*>(shown), wish));
}
int fts64_close(FTS64* shown) { return fts_close(reinterpret_cast<FTS*>(shown)); }

}  // extern "C"
