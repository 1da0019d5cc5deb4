#include "seabag/bundler/verify.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comparing_sink.h"
#include "parallel.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/tables.h"
#include "seabag/bundler/failure.h"

namespace seabag::bundler {
namespace {

constexpr const char* kOperation = "verify";

/// Bytes in memory as one piece.
class SpanReader final : public PieceReader {
 public:
  explicit SpanReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<std::span<const std::byte>> next() override {
    // zlib counts the bytes of a piece in 32 bits.
    constexpr std::size_t kMostBytes = 1U << 20U;
    const std::span<const std::byte> piece = bytes_.first(std::min(bytes_.size(), kMostBytes));
    bytes_ = bytes_.subspan(piece.size());
    return piece;
  }

 private:
  std::span<const std::byte> bytes_;  ///< owned by the bundle
};

Error damaged_table(const char* what) {
  return bundle::bundle_error(bundle::BundleErrc::corrupt, kOperation, what);
}

/// The absolute path of an entry; as far as it can be told in a damaged bundle.
std::string path_of(const bundle::Tables& tables, std::uint32_t index) {
  std::string path;
  while (index != 0) {
    const auto entry = tables.entry(index);
    const auto name = entry ? tables.name(*entry) : std::nullopt;
    if (!name || entry->parent >= index) {
      break;
    }
    path.insert(0, "/" + std::string(*name));
    index = entry->parent;
  }
  return path;
}

/// A file that has this content.
std::string path_of_content(const bundle::Tables& tables, std::uint32_t content) {
  for (std::uint32_t index = 0; index < tables.entry_count(); ++index) {
    const auto entry = tables.entry(index);
    if (entry && entry->kind == bundle::EntryKind::regular && entry->reference == content) {
      return path_of(tables, index);
    }
  }
  return {};
}

const char* name_of(vfs::Encoding encoding) {
  switch (encoding) {
    case vfs::Encoding::gzip:
      return "gzip";
    case vfs::Encoding::br:
      return "br";
    case vfs::Encoding::zstd:
      return "zstd";
    default:
      return "identity";
  }
}

Result<void> verify_variant(const bundle::Tables& tables, std::uint32_t content,
                            const bundle::StoredContent& stored,
                            const bundle::StoredVariant& variant) {
  const auto bytes = tables.bytes(variant.blob);
  if (!bytes) {
    return damaged_table("a variant lies outside of the payload");
  }
  SpanReader reader(*bytes);
  ComparingSink sink(stored.hash, stored.identity.length);
  auto decoded = decode(variant.encoding, reader, sink);
  if (decoded && sink.is_equal()) {
    return {};
  }
  if (!decoded && !decoded.error().is(std::errc::illegal_byte_sequence)) {
    return decoded;
  }
  return make_failure(Failure::damaged_variant, kOperation, path_of_content(tables, content),
                      std::string("its ") + name_of(variant.encoding) +
                          " form decodes to something else; pack it again");
}

Result<void> verify_content(const bundle::Tables& tables, std::uint32_t index,
                            VariantReport& report) {
  const auto content = tables.content(index);
  if (!content) {
    return damaged_table("a content cannot be read");
  }
  report.contents += content->variant_count > 0 ? 1U : 0U;
  for (std::uint32_t each = 0; each < content->variant_count; ++each) {
    const auto variant = tables.variant(content->first_variant + each);
    if (!variant) {
      return damaged_table("a variant cannot be read");
    }
    SEABAG_TRY(verify_variant(tables, index, *content, *variant));
    Tally& tally = report.variants[static_cast<std::size_t>(variant->encoding)];
    ++tally.count;
    tally.bytes += variant->blob.length;
  }
  return {};
}

}  // namespace

Result<VariantReport> verify_variants(const bundle::Bundle& bundle, unsigned jobs) {
  const bundle::Tables& tables = bundle.tables();
  const unsigned workers = worker_count(jobs);
  std::vector<VariantReport> reports(workers);
  const auto task = [&](unsigned worker, std::size_t index) {
    return verify_content(tables, static_cast<std::uint32_t>(index), reports[worker]);
  };
  SEABAG_TRY(run_parallel(workers, tables.content_count(), task, [] {}));
  VariantReport total;
  for (const VariantReport& report : reports) {
    total.contents += report.contents;
    for (std::size_t index = 0; index < vfs::kEncodingCount; ++index) {
      total.variants[index].count += report.variants[index].count;
      total.variants[index].bytes += report.variants[index].bytes;
    }
  }
  return total;
}

}  // namespace seabag::bundler
