#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

class FileSystem;
class Namespace;
class TreeWatch;
class WatchQueue;

enum class WatchEventKind : std::uint8_t {
  /// Also a hard link, and what was moved here from outside of the watched tree. What others make
  /// in directories that they move meanwhile may be told twice.
  created,
  modified,    ///< content or size
  attributes,  ///< mode, owner, times, extended attributes
  removed,     ///< also what was moved out of the watched tree
  moved,       ///< from `from` to `path`, replacing what was there
  exchanged,   ///< `from` and `path` have changed places
  overflow,    ///< events that did not find room are missing: look at the tree anew
};

/// One logical operation. Paths are absolute, below the path that is watched.
struct WatchEvent {
  WatchEventKind kind = WatchEventKind::overflow;
  /// Of the node at `path`; `regular` where that is not known any more.
  FileType type = FileType::regular;
  std::string path = {};  ///< empty for overflow, and when the watched node itself was moved
  std::string from = {};  ///< moved and exchanged

  friend bool operator==(const WatchEvent&, const WatchEvent&) = default;
};

enum class WatchDepth : std::uint8_t {
  directory,  ///< the node itself and, of a directory, its entries
  tree,       ///< everything below, also what is mounted there when the watch begins
};

struct WatchOptions {
  WatchDepth depth = WatchDepth::directory;
  /// Events that wait to be taken; one more is an overflow instead.
  std::size_t capacity = 16384;
};

/// A running watch: events are queued by the mutations themselves, each exactly one, before the
/// call that made it returns. Ends with this object. Move-only; `close` may be called while another
/// thread waits in `next`, all else is for one thread at a time. Keeps its file systems alive, but
/// no mount busy.
class [[nodiscard]] Watch {
 public:
  Watch(Watch&& other) noexcept;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch();

  /// The next event; nothing when none is waiting.
  [[nodiscard]] std::optional<WatchEvent> try_next();

  /// Waits for an event. Nothing after `close`, or when `stop` is requested first.
  [[nodiscard]] std::optional<WatchEvent> next(const std::stop_token& stop = {});

  /// Ends the watch: no event is told any more, those that wait included. Again: no effect.
  void close();

 private:
  friend Result<Watch> watch(const Namespace& files, std::string_view path, WatchOptions options);
  explicit Watch(std::shared_ptr<WatchQueue> queue);

  std::shared_ptr<WatchQueue> queue_;
  std::vector<std::unique_ptr<TreeWatch>> trees_;
};

/// Watches the node at `path`, symlinks followed; it stays on that node when that is moved. Events
/// carry the path that it had. A watch knows the names below it: it reads the tree when it begins
/// (mutations of names wait meanwhile) and keeps about 250 bytes for each.
///
/// What is told are mutations through the namespace, and through whoever else uses the same feed
/// (`make_observed`). A DirectoryFileSystem tells what anybody does, also behind its back, and so a
/// moment after it was done. Errors: those of stat(2); EOPNOTSUPP for a file system that can change
/// without saying so; ENOSPC and EMFILE at the limits of inotify(7).
[[nodiscard]] Result<Watch> watch(const Namespace& files, std::string_view path,
                                  WatchOptions options = {});

}  // namespace seabag::vfs
