#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lru_cache.h"
#include "seabag/http/request_head.h"
#include "seabag/pool/elastic_pool.h"
#include "seabag/server/content_hash.h"
#include "seabag/server/dictionary_rule.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// What an answer to a path that dictionaries are for carries.
struct DictionaryOffer {
  /// Rendered lines.
  std::string_view fields;
  /// The file as a difference to what the client has; absent: it goes as usual.
  std::optional<vfs::Asset> delta = {};
};

/// Sends files as differences to older versions that clients have. A difference is made by a thread
/// of its own when the first client asks for it, which gets the file as usual, and kept with the
/// others, up to kKept bytes together.
///
/// `offer` belongs to one thread.
class Dictionaries {
 public:
  static constexpr std::size_t kKept = std::size_t{16} * 1024 * 1024;

  /// Null for no rules. `assets` must outlive this. Errors: those of AssetSource::find for an older
  /// version; EFBIG for one that is too large for a dictionary.
  [[nodiscard]] static Result<std::unique_ptr<Dictionaries>> load(
      const vfs::AssetSource& assets, const std::vector<DictionaryRule>& rules, ContentHash hash);

  explicit Dictionaries(ContentHash hash);
  Dictionaries(const Dictionaries&) = delete;
  Dictionaries& operator=(const Dictionaries&) = delete;
  ~Dictionaries();

  /// For GET and HEAD of the asset at a decoded path; nothing where no rule matches. What it gives
  /// is valid until the next call.
  [[nodiscard]] std::optional<DictionaryOffer> offer(const http::RequestHead& head,
                                                     std::string_view path,
                                                     const vfs::Asset& asset);

 private:
  struct Dictionary {
    std::string name;  ///< as `Available-Dictionary` has it
    vfs::Asset asset;  ///< keeps the bytes
  };
  struct Rule {
    std::string match;
    std::string fields;
    std::vector<std::shared_ptr<const Dictionary>> dictionaries;
  };
  /// Empty when it is not worth it.
  struct Delta {
    std::string bytes;
    std::array<std::byte, 16> hash{};

    [[nodiscard]] std::size_t size() const { return sizeof(Delta) + bytes.capacity(); }
  };
  class Making;

  [[nodiscard]] std::optional<vfs::Asset> find_delta(
      const std::shared_ptr<const Dictionary>& dictionary, const vfs::Asset& asset);
  void make(const std::string& key, const Dictionary& dictionary, const vfs::Asset& asset);
  void give_up(const std::string& key);

  ContentHash hash_;
  std::vector<Rule> rules_;
  std::string delta_fields_;  ///< of the answer that is made
  std::mutex mutex_;          ///< for what follows
  LruCache<Delta> deltas_;
  std::set<std::string> pending_;
  std::unique_ptr<pool::ElasticPool> pool_;  ///< null until it is needed: threads don't fork
  pool::ElasticPool::Lane* lane_ = nullptr;
};

}  // namespace seabag::server
