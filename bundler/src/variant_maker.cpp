#include "variant_maker.h"

#include <algorithm>

#include "blob_reader.h"

namespace seabag::bundler {
namespace {

/// Below this size compressing is hardly slower than looking, and small samples mislead.
constexpr std::uint64_t kLeastProbed = 4096;
constexpr std::size_t kProbeSize = 64U << 10U;
constexpr std::size_t kProbePieces = 8;

/// Writes to a scratch file and gives up beyond a limit.
class LimitedSink final : public CodecSink {
 public:
  LimitedSink(int descriptor, std::uint64_t limit, const std::string& directory)
      : descriptor_(descriptor), limit_(limit), directory_(directory) {}

  Result<void> write(std::span<const std::byte> bytes) override {
    if (bytes.size() > limit_ - length_) {
      is_exceeded_ = true;
      return make_error(std::errc::file_too_large, "compress");
    }
    SEABAG_TRY(write_at(descriptor_, bytes, length_, directory_));
    length_ += bytes.size();
    return {};
  }

  [[nodiscard]] bool is_exceeded() const { return is_exceeded_; }
  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  int descriptor_;
  std::uint64_t limit_;
  const std::string& directory_;
  std::uint64_t length_ = 0;
  bool is_exceeded_ = false;
};

}  // namespace

void VariantMaker::begin(const Contents::Content& content) {
  content_ = &content;
  looks_compressed_.reset();
  input_.clear();
}

/// Pieces from all over the content, since a file may begin with a text and go on with an image.
Result<std::vector<std::byte>> VariantMaker::sample() const {
  const bundle::Blob& blob = content_->identity;
  if (blob.length <= kProbeSize) {
    std::vector<std::byte> all(static_cast<std::size_t>(blob.length));
    SEABAG_TRY(writer_.read_blob(blob, 0, all));
    return all;
  }
  std::vector<std::byte> sample(kProbeSize);
  constexpr std::size_t kPiece = kProbeSize / kProbePieces;
  const std::uint64_t step = (blob.length - kPiece) / (kProbePieces - 1);
  for (std::size_t piece = 0; piece < kProbePieces; ++piece) {
    SEABAG_TRY(
        writer_.read_blob(blob, piece * step, std::span(sample).subspan(piece * kPiece, kPiece)));
  }
  return sample;
}

Result<bool> VariantMaker::looks_compressed() {
  if (!looks_compressed_) {
    looks_compressed_ = content_->identity.length >= kLeastProbed &&
                        encoder_.looks_compressed(SEABAG_TRY(sample()));
  }
  return *looks_compressed_;
}

Result<VariantStore::Stored> VariantMaker::make(const Recipe& recipe) {
  const VariantKey key{.content = content_->hash, .recipe = recipe.fingerprint()};
  if (SEABAG_TRY(looks_compressed())) {
    return store_.put(key, {});
  }
  return recipe.is_streamed ? make_streamed(recipe, key) : make_in_memory(recipe, key);
}

Result<VariantStore::Stored> VariantMaker::make_in_memory(const Recipe& recipe,
                                                          const VariantKey& key) {
  const bundle::Blob& blob = content_->identity;
  if (input_.size() != blob.length) {
    input_.resize(static_cast<std::size_t>(blob.length));
    SEABAG_TRY(writer_.read_blob(blob, 0, input_));
  }
  output_.resize(static_cast<std::size_t>(largest_worth_keeping(blob.length)));
  const auto length = SEABAG_TRY(encoder_.encode(recipe, input_, output_));
  return store_.put(key, std::span(output_).first(length.value_or(0)));
}

Result<VariantStore::Stored> VariantMaker::make_streamed(const Recipe& recipe,
                                                         const VariantKey& key) {
  const bundle::Blob& blob = content_->identity;
  const Descriptor scratch = SEABAG_TRY(open_scratch(scratch_directory_));
  LimitedSink sink(scratch.get(), largest_worth_keeping(blob.length), scratch_directory_);
  BlobReader reader(writer_, blob);
  const auto encoded = encode_stream(recipe, blob.length, reader, sink);
  if (sink.is_exceeded()) {
    return store_.put(key, {});
  }
  if (!encoded) {
    return encoded.error();
  }
  return store_.put_file(key, scratch.get(), sink.length());
}

}  // namespace seabag::bundler
