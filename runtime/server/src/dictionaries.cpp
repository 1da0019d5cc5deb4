#include "dictionaries.h"

#include <algorithm>
#include <utility>

#include "seabag/coding/dictionary.h"
#include "seabag/http/entity_tag.h"
#include "seabag/http/negotiation.h"

namespace seabag::server {
namespace {

constexpr std::string_view kCoding = "dcz";
constexpr std::string_view kCodingLine = "Content-Encoding: dcz\r\n";
/// Less is not worth a difference.
constexpr std::uint64_t kShortest = 256;
constexpr std::size_t kQueue = 64;
constexpr int kLevel = 9;

/// Whether a path is `pattern`, where `*` stands for any bytes.
bool matches(std::string_view pattern, std::string_view path) {
  std::size_t retry_pattern = std::string_view::npos;
  std::size_t retry_path = 0;
  std::size_t p = 0;
  std::size_t at = 0;
  while (at < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      retry_pattern = ++p;
      retry_path = at;
    } else if (p < pattern.size() && pattern[p] == path[at]) {
      ++p;
      ++at;
    } else if (retry_pattern != std::string_view::npos) {
      p = retry_pattern;
      at = ++retry_path;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string_view available(const http::RequestHead& head) {
  constexpr std::string_view kName = "available-dictionary";
  for (const http::Field& field : head.fields()) {
    const bool is_it =
        field.name.size() == kName.size() &&
        std::equal(field.name.begin(), field.name.end(), kName.begin(),
                   [](char c, char small) { return (c | 0x20) == small || c == small; });
    if (is_it) {
      return field.value;
    }
  }
  return {};
}

std::uint64_t shortest_of(const vfs::Asset& asset) {
  std::uint64_t shortest = asset.representations[0].length;
  for (const vfs::Representation& one : asset.representations) {
    shortest = one.present ? std::min(shortest, one.length) : shortest;
  }
  return shortest;
}

}  // namespace

std::string fault_of(const DictionaryRule& rule) {
  constexpr std::string_view kPlain = "/*._~%-";
  const bool is_plain = std::all_of(rule.match.begin(), rule.match.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPlain.find(c) != std::string_view::npos;
  });
  if (!rule.match.starts_with('/') || !is_plain) {
    return "match: '" + rule.match + "' is no path of letters, digits, /*._~%-";
  }
  for (const std::string& file : rule.files) {
    if (!file.starts_with('/')) {
      return "files: '" + file + "' does not start with a slash";
    }
  }
  return {};
}

/// Makes one difference on a thread of the pool.
class Dictionaries::Making final : public pool::Task {
 public:
  Making(Dictionaries& owner, std::string key, std::shared_ptr<const Dictionary> dictionary,
         vfs::Asset asset)
      : owner_(&owner),
        key_(std::move(key)),
        dictionary_(std::move(dictionary)),
        asset_(std::move(asset)) {}

  void run() override { owner_->make(key_, *dictionary_, asset_); }
  void refuse(pool::Refusal) override { owner_->give_up(key_); }

 private:
  Dictionaries* owner_;
  std::string key_;
  std::shared_ptr<const Dictionary> dictionary_;
  vfs::Asset asset_;
};

Dictionaries::Dictionaries(ContentHash hash) : hash_(std::move(hash)), deltas_(kKept) {}

Dictionaries::~Dictionaries() = default;

Result<std::unique_ptr<Dictionaries>> Dictionaries::load(const vfs::AssetSource& assets,
                                                         const std::vector<DictionaryRule>& rules,
                                                         ContentHash hash) {
  if (rules.empty()) {
    return std::unique_ptr<Dictionaries>();
  }
  auto made = std::make_unique<Dictionaries>(std::move(hash));
  for (const DictionaryRule& rule : rules) {
    Rule one{.match = rule.match,
             .fields = "Use-As-Dictionary: match=\"" + rule.match +
                       "\"\r\nVary: Accept-Encoding, Available-Dictionary\r\n",
             .dictionaries = {}};
    for (const std::string& file : rule.files) {
      auto asset = assets.find(file);
      if (!asset) {
        return with_path(std::move(asset).error(), file);
      }
      const std::span<const std::byte> bytes = asset->representations[0].bytes;
      if (bytes.empty() || bytes.size() > coding::kMostWithDictionary) {
        return make_error(std::errc::file_too_large, "dictionary", file,
                          "it is empty, or too large for a dictionary");
      }
      one.dictionaries.push_back(std::make_shared<const Dictionary>(Dictionary{
          .name = coding::structured_text(coding::sha256(bytes)), .asset = std::move(*asset)}));
    }
    made->rules_.push_back(std::move(one));
  }
  return made;
}

std::optional<DictionaryOffer> Dictionaries::offer(const http::RequestHead& head,
                                                   std::string_view path, const vfs::Asset& asset) {
  const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                 [&](const Rule& one) { return matches(one.match, path); });
  if (rule == rules_.end()) {
    return std::nullopt;
  }
  DictionaryOffer offer{.fields = rule->fields};
  const std::string_view name = available(head);
  // Parts of a difference are of no use to anybody.
  if (name.empty() || head.has(http::FieldName::range) || !http::accepts_coding(head, kCoding)) {
    return offer;
  }
  for (const auto& dictionary : rule->dictionaries) {
    if (dictionary->name == name) {
      offer.delta = find_delta(dictionary, asset);
      break;
    }
  }
  return offer;
}

std::optional<vfs::Asset> Dictionaries::find_delta(
    const std::shared_ptr<const Dictionary>& dictionary, const vfs::Asset& asset) {
  const std::span<const std::byte> bytes = asset.representations[0].bytes;
  const std::uint64_t both = bytes.size() + dictionary->asset.representations[0].length;
  if (bytes.size() < kShortest || both > coding::kMostWithDictionary) {
    return std::nullopt;
  }
  const http::EntityTag tag(asset.content_hash, vfs::Encoding::identity);
  std::string key = std::string(tag.text()) + dictionary->name;
  {
    const std::lock_guard lock(mutex_);
    if (const std::shared_ptr<const Delta> delta = deltas_.find(key)) {
      if (delta->bytes.empty()) {
        return std::nullopt;
      }
      vfs::Asset made{.modified = asset.modified, .content_hash = delta->hash};
      made.representations[0] = {.present = true,
                                 .length = delta->bytes.size(),
                                 .bytes = std::as_bytes(std::span<const char>(delta->bytes))};
      delta_fields_ = asset.header_fields;
      delta_fields_ += kCodingLine;
      made.header_fields = delta_fields_;
      made.not_modified_fields = asset.not_modified_fields;
      made.owner = delta;
      return made;
    }
    if (!pending_.insert(key).second) {
      return std::nullopt;
    }
    if (pool_ == nullptr) {
      pool_ = std::make_unique<pool::ElasticPool>(pool::PoolOptions{.threads = 1});
      lane_ = &pool_->add_lane({.name = "dictionaries",
                                .concurrency = 1,
                                .queue = kQueue,
                                .wait = std::chrono::minutes(1)});
    }
  }
  // Without the lock: a task may be refused at once.
  pool_->submit(*lane_, std::make_unique<Making>(*this, std::move(key), dictionary, asset));
  return std::nullopt;
}

void Dictionaries::make(const std::string& key, const Dictionary& dictionary,
                        const vfs::Asset& asset) {
  const auto delta = std::make_shared<Delta>();
  auto bytes = coding::make_dcz(asset.representations[0].bytes,
                                dictionary.asset.representations[0].bytes, kLevel);
  if (bytes && bytes->size() < shortest_of(asset)) {
    bytes->shrink_to_fit();
    delta->bytes = std::move(*bytes);
    delta->hash = hash_(std::as_bytes(std::span<const char>(delta->bytes)));
  }
  const std::lock_guard lock(mutex_);
  pending_.erase(key);
  deltas_.put(key, delta);
}

void Dictionaries::give_up(const std::string& key) {
  const std::lock_guard lock(mutex_);
  pending_.erase(key);
}

}  // namespace seabag::server
