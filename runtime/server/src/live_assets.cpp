#include "seabag/server/live_assets.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "live_cache.h"
#include "seabag/coding/coding.h"
#include "seabag/http/media_type.h"
#include "seabag/http/site_rules.h"
#include "seabag/pool/elastic_pool.h"

namespace seabag::server {
namespace {

constexpr std::uint64_t kInMemory = 1024 * 1024;
/// Less is not worth a variant.
constexpr std::uint64_t kCompressed = 256;
/// Files that wait to be compressed.
constexpr std::size_t kQueue = 256;
constexpr int kGzipLevel = 6;
constexpr int kZstdLevel = 6;
constexpr std::string_view kHeadersFile = "/_headers";
constexpr std::array<std::string_view, vfs::kEncodingCount> kSuffixes = {"", ".gz", ".br", ".zst"};
/// How data of each encoding begins; br has no such mark.
constexpr std::array<std::string_view, vfs::kEncodingCount> kMarks = {"", "\x1f\x8b", "",
                                                                      "\x28\xb5\x2f\xfd"};

/// A whole file, or as much of it as there is now.
Result<std::string> read_whole(const vfs::File& file, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  const std::size_t count = SEABAG_TRY(file.read_at(std::as_writable_bytes(std::span(bytes)), 0));
  bytes.resize(count);
  return bytes;
}

void set_content(LiveEntry& entry, std::size_t index, std::string bytes) {
  entry.content[index] = std::move(bytes);
  vfs::Representation& representation = entry.asset.representations[index];
  representation.present = true;
  representation.length = entry.content[index].size();
  representation.bytes = std::as_bytes(std::span<const char>(entry.content[index]));
}

/// As good as a hash of the content while times are kept properly.
template <typename Hash>
std::array<std::byte, 16> hash_of(const FileStamp& stamp, const Hash& hash) {
  const std::uint64_t words[] = {stamp.size, stamp.inode,
                                 static_cast<std::uint64_t>(stamp.modified.seconds),
                                 stamp.modified.nanoseconds};
  return hash(std::as_bytes(std::span(words)));
}

}  // namespace

struct LiveAssets::State {
  State(const vfs::Namespace& the_files, LiveOptions the_options)
      : files(the_files), options(std::move(the_options)), cache(options.cache_size) {
    while (options.root.ends_with('/')) {
      options.root.pop_back();
    }
  }

  [[nodiscard]] std::string full_path(std::string_view path) const {
    return options.root + std::string(path);
  }
  [[nodiscard]] FileStamp stamp(const std::string& path) const;
  [[nodiscard]] FileStamps stamps(const std::string& path, const vfs::Attributes& self) const;
  Result<void> load_rules();
  void refresh_rules();
  Result<vfs::Asset> find_file(std::string_view path, const vfs::Attributes& attributes);
  Result<std::shared_ptr<const LiveEntry>> read_entry(std::string_view path,
                                                      const FileStamps& stamps);
  Result<vfs::Asset> open_large(std::string_view path, const FileStamps& stamps);
  void read_variants(const std::string& path, LiveEntry& entry);
  void render(std::string_view path, LiveEntry& entry) const;
  [[nodiscard]] bool may_compress(std::string_view path, std::uint64_t size) const;
  [[nodiscard]] bool wants_variants(std::string_view path, const LiveEntry& entry) const;
  void request_variants(std::string_view path, std::shared_ptr<const LiveEntry> entry);
  void make_variants(const std::string& path, const std::shared_ptr<const LiveEntry>& entry);
  void give_up(const std::string& path);

  const vfs::Namespace& files;
  LiveOptions options;
  std::mutex mutex;  ///< for all that follows
  LiveCache cache;
  http::HeaderRules rules;
  FileStamp rules_stamp;
  std::uint64_t rules_version = 0;
  std::unordered_set<std::string> pending;  ///< files whose variants are being made
  std::unique_ptr<pool::ElasticPool> pool;  ///< null until it is needed: threads don't fork
  pool::ElasticPool::Lane* lane = nullptr;
};

/// Makes the variants of one file on a thread of the pool.
class LiveAssets::Compression final : public pool::Task {
 public:
  Compression(State& state, std::string path, std::shared_ptr<const LiveEntry> entry)
      : state_(&state), path_(std::move(path)), entry_(std::move(entry)) {}

  void run() override { state_->make_variants(path_, entry_); }
  void refuse(pool::Refusal) override { state_->give_up(path_); }

 private:
  State* state_;
  std::string path_;
  std::shared_ptr<const LiveEntry> entry_;
};

FileStamp LiveAssets::State::stamp(const std::string& path) const {
  const auto attributes = files.stat(path);
  return attributes && attributes->type == vfs::FileType::regular ? FileStamp::of(*attributes)
                                                                  : FileStamp();
}

FileStamps LiveAssets::State::stamps(const std::string& path, const vfs::Attributes& self) const {
  FileStamps all{FileStamp::of(self)};
  for (std::size_t i = 1; i < all.size(); ++i) {
    const FileStamp variant = stamp(path + std::string(kSuffixes[i]));
    const bool is_useful = variant.is_there && variant.size < self.size &&
                           variant.size <= kInMemory && self.size <= kInMemory &&
                           variant.modified >= self.modified;
    all[i] = is_useful ? variant : FileStamp();
  }
  return all;
}

Result<void> LiveAssets::State::load_rules() {
  const std::string path = full_path(kHeadersFile);
  const FileStamp now = stamp(path);
  if (now == rules_stamp) {
    return {};
  }
  // Remembered first: a file with a fault is told of once.
  rules_stamp = now;
  ++rules_version;
  http::HeaderRules fresh;
  if (now.is_there) {
    const auto file = SEABAG_TRY(files.open(path));
    const std::string text = SEABAG_TRY(read_whole(*file, now.size));
    fresh = SEABAG_TRY(http::HeaderRules::parse(text));
  }
  rules = std::move(fresh);
  return {};
}

void LiveAssets::State::refresh_rules() {
  if (auto loaded = load_rules(); !loaded && options.report) {
    options.report(loaded.error().message());
  }
}

Result<vfs::Asset> LiveAssets::State::find_file(std::string_view path,
                                                const vfs::Attributes& attributes) {
  const FileStamps now = stamps(full_path(path), attributes);
  std::unique_lock lock(mutex);
  refresh_rules();
  std::shared_ptr<const LiveEntry> entry = cache.find(path);
  if (entry == nullptr || entry->stamps != now || entry->rules != rules_version) {
    if (attributes.size > kInMemory) {
      return open_large(path, now);
    }
    entry = SEABAG_TRY(read_entry(path, now));
  }
  vfs::Asset asset = entry->asset;
  asset.owner = entry;
  if (wants_variants(path, *entry) && cache.find(path) == entry && pending.emplace(path).second) {
    lock.unlock();
    request_variants(path, std::move(entry));
  }
  return asset;
}

bool LiveAssets::State::may_compress(std::string_view path, std::uint64_t size) const {
  return options.compression == LiveCompression::on && size >= kCompressed && size <= kInMemory &&
         http::is_compressible(http::media_type(path));
}

/// Not for what would drive out itself.
bool LiveAssets::State::wants_variants(std::string_view path, const LiveEntry& entry) const {
  return !entry.is_final && may_compress(path, entry.stamps[0].size) &&
         entry.size() <= options.cache_size / 2;
}

/// Without the lock: a task may be refused at once.
void LiveAssets::State::request_variants(std::string_view path,
                                         std::shared_ptr<const LiveEntry> entry) {
  {
    const std::lock_guard lock(mutex);
    if (pool == nullptr) {
      pool = std::make_unique<pool::ElasticPool>(pool::PoolOptions{.threads = 1});
      lane = &pool->add_lane(
          {.name = "compress", .concurrency = 1, .queue = kQueue, .wait = std::chrono::minutes(1)});
    }
  }
  pool->submit(*lane, std::make_unique<Compression>(*this, std::string(path), std::move(entry)));
}

void LiveAssets::State::give_up(const std::string& path) {
  const std::lock_guard lock(mutex);
  pending.erase(path);
}

void LiveAssets::State::make_variants(const std::string& path,
                                      const std::shared_ptr<const LiveEntry>& entry) {
  const auto fresh = std::make_shared<LiveEntry>();
  fresh->stamps = entry->stamps;
  fresh->is_final = true;
  fresh->asset.modified = entry->asset.modified;
  fresh->asset.content_hash = entry->asset.content_hash;
  for (std::size_t i = 0; i < vfs::kEncodingCount; ++i) {
    if (entry->asset.representations[i].present) {
      set_content(*fresh, i, entry->content[i]);
    }
  }
  const std::span<const std::byte> bytes = fresh->asset.representations[0].bytes;
  const auto add = [&](vfs::Encoding encoding, const auto& make) {
    const auto index = static_cast<std::size_t>(encoding);
    if (fresh->asset.representations[index].present) {
      return;
    }
    if (auto made = make(); made && made->size() < bytes.size()) {
      set_content(*fresh, index, std::move(*made));
    }
  };
  add(vfs::Encoding::gzip, [&] { return coding::make_gzip(bytes, kGzipLevel); });
  add(vfs::Encoding::zstd, [&] { return coding::make_zstd(bytes, kZstdLevel); });
  const std::lock_guard lock(mutex);
  pending.erase(path);
  if (cache.find(path) == entry) {
    fresh->rules = rules_version;
    render(path, *fresh);
    cache.put(path, fresh);
  }
}

Result<std::shared_ptr<const LiveEntry>> LiveAssets::State::read_entry(std::string_view path,
                                                                       const FileStamps& stamps) {
  const std::string full = full_path(path);
  const auto entry = std::make_shared<LiveEntry>();
  const auto file = SEABAG_TRY(files.open(full));
  entry->stamps = stamps;
  entry->rules = rules_version;
  entry->asset.modified = stamps[0].modified;
  set_content(*entry, 0, SEABAG_TRY(read_whole(*file, stamps[0].size)));
  entry->asset.content_hash = options.hash(entry->asset.representations[0].bytes);
  read_variants(full, *entry);
  render(path, *entry);
  // What changed while it was read is read again the next time.
  const auto after = file->attributes();
  if (after && FileStamp::of(*after) == stamps[0] && entry->content[0].size() == stamps[0].size) {
    cache.put(path, entry);
  }
  return std::shared_ptr<const LiveEntry>(entry);
}

void LiveAssets::State::read_variants(const std::string& path, LiveEntry& entry) {
  for (std::size_t i = 1; i < vfs::kEncodingCount; ++i) {
    if (!entry.stamps[i].is_there) {
      continue;
    }
    const auto file = files.open(path + std::string(kSuffixes[i]));
    auto bytes =
        file ? read_whole(**file, entry.stamps[i].size) : Result<std::string>(file.error());
    if (bytes && bytes->starts_with(kMarks[i])) {
      set_content(entry, i, std::move(*bytes));
    }
  }
}

Result<vfs::Asset> LiveAssets::State::open_large(std::string_view path, const FileStamps& stamps) {
  auto file = SEABAG_TRY(files.open(full_path(path)));
  const auto entry = std::make_shared<LiveEntry>();
  entry->asset.modified = stamps[0].modified;
  entry->asset.content_hash = hash_of(stamps[0], options.hash);
  entry->asset.representations[0] = {.present = true, .length = stamps[0].size};
  render(path, *entry);
  vfs::Asset asset = entry->asset;
  asset.file = std::move(file);
  asset.owner = entry;
  return asset;
}

void LiveAssets::State::render(std::string_view path, LiveEntry& entry) const {
  const bool has_variants =
      entry.asset.has_variants() || may_compress(path, entry.asset.representations[0].length);
  entry.headers =
      http::render_asset_headers({.path = path,
                                  .variants = has_variants ? http::VariantPresence::has_variants
                                                           : http::VariantPresence::identity_only,
                                  .rules = &rules,
                                  .security = options.security});
  entry.asset.header_fields = entry.headers.fields;
  entry.asset.not_modified_fields = entry.headers.not_modified_fields;
}

Result<std::unique_ptr<LiveAssets>> LiveAssets::create(const vfs::Namespace& files,
                                                       LiveOptions options) {
  auto state = std::make_unique<State>(files, std::move(options));
  SEABAG_TRY(state->load_rules());
  return std::unique_ptr<LiveAssets>(new LiveAssets(std::move(state)));
}

LiveAssets::LiveAssets(std::unique_ptr<State> state) : state_(std::move(state)) {}

LiveAssets::~LiveAssets() = default;

Result<vfs::Asset> LiveAssets::find(std::string_view path) const {
  const auto attributes = state_->files.stat(state_->full_path(path));
  if (!attributes) {
    return attributes.error();
  }
  if (attributes->type == vfs::FileType::directory) {
    return vfs::Asset{.type = vfs::FileType::directory, .modified = attributes->modified};
  }
  if (attributes->type != vfs::FileType::regular) {
    return make_error(std::errc::no_such_file_or_directory, "find", path);
  }
  return state_->find_file(path, *attributes);
}

}  // namespace seabag::server
