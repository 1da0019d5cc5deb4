#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seabag/bundle/writer.h"
#include "seabag/bundler/input.h"
#include "seabag/http/header_fields.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// How much time goes into compression.
enum class Profile : std::uint8_t {
  dev,      ///< fast: gzip 6, br 5, zstd 3
  release,  ///< small: libdeflate 12, br 11, zstd 19 (less for very large files)
  none,     ///< identity only; `.gz`, `.br` and `.zst` siblings are still adopted
};

/// What happens to a symlink that leads out of the packed tree.
enum class LinkPolicy : std::uint8_t {
  inside,  ///< refused
  any,     ///< kept as it is
};

/// Bounds on what one archive may unpack to.
struct ArchiveLimits {
  std::uint64_t total_bytes = 16ULL << 30;  ///< sum of the sizes of its files, holes counted
  std::uint64_t entries = 4'000'000;
  /// Bytes unpacked for one byte of the archive, watched from `ratio_from` unpacked bytes on.
  std::uint64_t ratio = 250;
  std::uint64_t ratio_from = 64ULL << 20;
};

/// What to pack, into what, and how. The same options and inputs give the same bytes, whatever the
/// directory order, umask, locale, time zone and number of jobs.
struct PackOptions {
  std::vector<Input> inputs;
  /// Where the result goes; replaced atomically, and untouched when packing fails.
  std::string output;
  /// The executable that the bundle goes into, open for reading and borrowed for the call; -1
  /// writes a bare bundle.
  int stub_descriptor = -1;
  Profile profile = Profile::release;
  /// Threads that read and compress; 0: one a core. At most 256.
  unsigned jobs = 0;
  /// Where compressed variants are kept between runs; made when missing. Empty: no cache.
  std::string cache_directory;
  std::uint64_t cache_limit_bytes = 4ULL << 30;
  LinkPolicy links = LinkPolicy::inside;
  ArchiveLimits archive_limits = {};
  /// Raw `seabag.toml`; already validated by the caller.
  std::string config_text;
  /// Name and version of the program, told by `seabag info`.
  std::string producer = "seabag";
  /// Fields against common attacks that every file is served with.
  http::SecurityProfile security = http::SecurityProfile::none;
  bundle::Durability durability = bundle::Durability::synced;
  /// SOURCE_DATE_EPOCH: times of modification later than this are set to it.
  std::optional<std::int64_t> source_date_epoch = {};
};

/// A number of things and their bytes.
struct Tally {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

/// What a pack did.
struct PackReport {
  std::uint64_t files = 0;  ///< names of regular files; a hard link counts each of its names
  std::uint64_t directories = 0;
  std::uint64_t symlinks = 0;
  std::uint64_t bytes_in = 0;  ///< sum of the sizes of `files`
  /// Stored contents by `vfs::Encoding`; identity counts distinct contents.
  std::array<Tally, vfs::kEncodingCount> representations{};
  Tally deduplicated;  ///< files whose content was stored already (hard links included)
  Tally adopted;       ///< `.gz`, `.br` and `.zst` siblings that became variants
  std::uint64_t computed_variants = 0;  ///< compressions run, kept or not
  std::uint64_t cached_variants = 0;    ///< compressions answered by the cache, kept or not
  std::uint64_t bytes_out = 0;          ///< size of the output file
  std::chrono::nanoseconds elapsed{};
  /// One line each, for a person; at most 100, the last one then tells how many were left out.
  std::vector<std::string> warnings;
};

/// What `pack` is busy with.
enum class PackStage : std::uint8_t { reading, compressing, writing };

/// How far a pack has come.
struct PackProgress {
  PackStage stage = PackStage::reading;
  std::uint64_t files = 0;        ///< read so far, or whose variants are done
  std::uint64_t files_total = 0;  ///< 0: not known yet
  std::uint64_t bytes = 0;
  std::uint64_t bytes_total = 0;  ///< 0: not known yet
};

/// Is told how a pack goes, on the thread that called `pack`, about ten times a second.
class PackObserver {
 public:
  virtual ~PackObserver() = default;
  virtual void on_progress(const PackProgress& progress) = 0;
};

/// Packs the inputs. Blocks until done; several packs may run at once in one process, also with one
/// cache. On an error nothing is left behind and an older output is untouched. Errors: those of
/// `Failure`, and what the system said about an input or the output (ENOENT, EACCES, ENOSPC, ...),
/// with the path and the remedy.
[[nodiscard]] Result<PackReport> pack(const PackOptions& options, PackObserver* observer = nullptr);

}  // namespace seabag::bundler
