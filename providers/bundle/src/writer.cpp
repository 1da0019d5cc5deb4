#include "seabag/bundle/writer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "blake2b.h"
#include "payload_stream.h"
#include "posix_output.h"
#include "seabag/bundle/executable.h"
#include "table_writer.h"

namespace seabag::bundle {
namespace {

constexpr std::size_t kMaxProducerLength = 63;
constexpr unsigned kExecutableMode = 0755;
constexpr unsigned kPlainMode = 0644;
constexpr std::size_t kCopyLength = 1U << 20U;

/// Copies a part of one file into another.
Result<void> copy_range(int from, const Extent& part, int to, std::uint64_t target) {
  const auto buffer = std::make_unique<std::byte[]>(kCopyLength);
  for (std::uint64_t done = 0; done < part.length;) {
    const std::size_t step = std::min<std::uint64_t>(kCopyLength, part.length - done);
    const std::span<std::byte> bytes(buffer.get(), step);
    SEABAG_TRY(read_exactly(from, bytes, part.offset + done));
    SEABAG_TRY(write_exactly(to, bytes, target + done));
    done += step;
  }
  return {};
}

Error invalid(const char* operation, std::string detail) {
  return make_error(std::errc::invalid_argument, operation, {}, std::move(detail));
}

}  // namespace

struct Writer::State {
  State(OutputFile file, Descriptor stub_file, std::uint64_t stub_file_size, std::uint64_t base)
      : output(std::move(file)),
        stub(std::move(stub_file)),
        stub_size(stub_file_size),
        payload_base(base),
        stream(output.descriptor(), base) {}

  OutputFile output;
  Descriptor stub;  ///< closed for a bare bundle
  std::uint64_t stub_size;
  std::uint64_t payload_base;
  PayloadStream stream;
  WriterOptions options;
  Registered registered;
  std::map<std::pair<std::string, std::string>, HeadersId> header_ids;
  std::optional<std::uint64_t> blob_start;  ///< of the blob that is being written

  /// Adds the output's name to the reason why it could not be written.
  Result<void> named(Result<void> result) const {
    return result ? std::move(result) : with_path(std::move(result).error(), output.path());
  }
  Result<WriteReport> complete(const Tree::State& tree);
};

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;

Result<Writer> Writer::create(const std::string& output_path, int stub_descriptor,
                              const WriterOptions& options) {
  if (options.producer.size() > kMaxProducerLength) {
    return invalid("create", "the producer's name is longer than 63 bytes");
  }
  Descriptor stub;
  std::uint64_t stub_size = 0;
  Slot slot;
  if (stub_descriptor != kNoStub) {
    stub = SEABAG_TRY(duplicate(stub_descriptor));
    stub_size = SEABAG_TRY(regular_file_size(stub.number()));
    slot = SEABAG_TRY(find_slot(stub.number(), stub_size));
  }
  OutputFile output = SEABAG_TRY(OutputFile::create(output_path));
  if (stub.is_open()) {
    SEABAG_TRY(
        copy_range(stub.number(), {.offset = 0, .length = slot.offset}, output.descriptor(), 0));
  }
  auto state = std::make_unique<State>(std::move(output), std::move(stub), stub_size, slot.offset);
  state->options = options;
  Writer writer(std::move(state));
  const HeadersId none = SEABAG_TRY(writer.add_headers({}, {}));
  static_cast<void>(none);  // it is kNoHeaders, being the first
  return writer;
}

Result<void> Writer::begin_blob(std::uint64_t expected_length) {
  if (state_->blob_start) {
    return invalid("write", "the blob before has not been ended");
  }
  if (expected_length >= kAlignedBlobLength) {
    SEABAG_TRY(state_->named(state_->stream.align(kBlobAlignment)));
  }
  state_->blob_start = state_->stream.position();
  return {};
}

Result<void> Writer::append(std::span<const std::byte> bytes) {
  if (!state_->blob_start) {
    return invalid("write", "no blob has been begun");
  }
  return state_->named(state_->stream.append(bytes));
}

Result<void> Writer::append_hole(std::uint64_t length) {
  if (!state_->blob_start) {
    return invalid("write", "no blob has been begun");
  }
  return state_->named(state_->stream.append_zeros(length));
}

Result<Blob> Writer::end_blob() {
  if (!state_->blob_start) {
    return invalid("write", "no blob has been begun");
  }
  const std::uint64_t start = *std::exchange(state_->blob_start, std::nullopt);
  return Blob{.offset = start, .length = state_->stream.position() - start};
}

Result<Blob> Writer::add_blob(std::span<const std::byte> bytes) {
  SEABAG_TRY(begin_blob(bytes.size()));
  SEABAG_TRY(append(bytes));
  return end_blob();
}

Result<void> Writer::read_blob(const Blob& blob, std::uint64_t offset,
                               std::span<std::byte> buffer) const {
  const std::uint64_t end = state_->stream.position();
  const bool is_inside = blob.offset >= kSuperblockSize && blob.offset <= end &&
                         blob.length <= end - blob.offset && offset <= blob.length &&
                         buffer.size() <= blob.length - offset;
  if (!is_inside || state_->blob_start) {
    return invalid("read", "the range is not inside a complete blob");
  }
  return state_->stream.read_at(buffer, blob.offset + offset);
}

int Writer::descriptor() const { return state_->output.descriptor(); }

Result<ContentId> Writer::add_content(const Content& content) {
  Registered& registered = state_->registered;
  const std::uint64_t end = state_->stream.position();
  const auto is_written = [&](const Blob& blob) {
    return blob.offset >= kSuperblockSize && blob.offset <= end && blob.length <= end - blob.offset;
  };
  unsigned encodings = 1;  // identity
  for (const Variant& variant : content.variants) {
    const unsigned bit = 1U << static_cast<unsigned>(variant.encoding);
    if ((encodings & bit) != 0 || !is_written(variant.blob)) {
      return invalid("add", "a variant's encoding is repeated or its blob was not written");
    }
    encodings |= bit;
  }
  if (!is_written(content.identity)) {
    return invalid("add", "the content's blob was not written");
  }
  if (registered.contents.size() >= std::numeric_limits<std::uint32_t>::max() - 1 ||
      registered.variants.size() + content.variants.size() > kMaxVariantIndex) {
    return make_error(std::errc::value_too_large, "add", {}, "too many contents for one bundle");
  }
  const auto id = static_cast<std::uint32_t>(registered.contents.size());
  registered.contents.push_back(
      encode_content({.hash = content.hash,
                      .identity = content.identity,
                      .first_variant = static_cast<std::uint32_t>(registered.variants.size()),
                      .variant_count = static_cast<std::uint32_t>(content.variants.size())}));
  for (const Variant& variant : content.variants) {
    registered.variants.push_back(
        encode_variant({.encoding = variant.encoding, .blob = variant.blob}));
  }
  return ContentId{id};
}

Result<HeadersId> Writer::add_headers(std::string_view fields,
                                      std::string_view not_modified_fields) {
  Registered& registered = state_->registered;
  const auto next = static_cast<HeadersId>(registered.headers.size());
  const auto [place, is_new] =
      state_->header_ids.try_emplace({std::string(fields), std::string(not_modified_fields)}, next);
  if (!is_new) {
    return place->second;
  }
  const std::size_t start = registered.header_text.size();
  if (registered.headers.size() > std::numeric_limits<std::uint16_t>::max() ||
      start + fields.size() + not_modified_fields.size() >
          std::numeric_limits<std::uint32_t>::max()) {
    return make_error(std::errc::value_too_large, "add", {},
                      "a bundle holds 65,536 different sets of headers");
  }
  std::array<std::byte, kHeadersSize> record;
  store_le<4>(&record[0], start);
  store_le<4>(&record[4], fields.size());
  store_le<4>(&record[8], start + fields.size());
  store_le<4>(&record[12], not_modified_fields.size());
  registered.headers.push_back(record);
  registered.header_text.append(fields).append(not_modified_fields);
  return next;
}

namespace {

/// Completes the superblock with the hash tree and writes both.
Result<void> write_hashes(const PayloadStream& stream, int descriptor, std::uint64_t base,
                          Superblock& superblock) {
  const auto leaves = std::as_bytes(stream.leaves());
  superblock.section(Section::hash_leaves) = {.offset = stream.position(), .length = leaves.size()};
  superblock.payload_size = stream.position() + leaves.size();
  LeafHasher root;
  root.update(superblock_for_root(encode_superblock(superblock)));
  root.update(leaves);
  superblock.root_hash = root.finish();
  SEABAG_TRY(write_exactly(descriptor, leaves, base + stream.position()));
  return write_exactly(descriptor, encode_superblock(superblock), base);
}

/// Puts what was behind the slot behind the payload and tells the headers; the size of the file.
Result<std::uint64_t> finish_executable(int stub, std::uint64_t stub_size, int descriptor,
                                        std::uint64_t payload_size) {
  const SlotPlan plan = SEABAG_TRY(plan_slot(stub, stub_size, payload_size));
  SEABAG_TRY(copy_range(stub, {.offset = plan.tail_offset, .length = plan.tail_length}, descriptor,
                        plan.tail_target));
  for (const Patch& patch : plan.patches) {
    SEABAG_TRY(write_exactly(descriptor, patch.bytes, patch.offset));
  }
  return plan.tail_target + plan.tail_length;
}

}  // namespace

Result<WriteReport> Writer::State::complete(const Tree::State& tree) {
  if (blob_start) {
    return invalid("write", "the last blob has not been ended");
  }
  Superblock superblock;
  superblock.created = options.created;
  superblock.producer = options.producer;
  SEABAG_TRY(write_tables(stream, tree, registered, options.config, superblock));
  SEABAG_TRY(stream.finish_leaves());
  SEABAG_TRY(write_hashes(stream, output.descriptor(), payload_base, superblock));
  std::uint64_t size = superblock.payload_size;
  if (stub.is_open()) {
    size = SEABAG_TRY(finish_executable(stub.number(), stub_size, output.descriptor(), size));
  }
  SEABAG_TRY(output.resize(size));
  if (options.durability == Durability::synced) {
    SEABAG_TRY(output.sync());
  }
  SEABAG_TRY(output.publish(stub.is_open() ? kExecutableMode : kPlainMode));
  return WriteReport{.totals = superblock.totals,
                     .root_hash = superblock.root_hash,
                     .payload_bytes = superblock.payload_size,
                     .output_bytes = size,
                     .metadata_bytes = metadata_bytes(superblock),
                     .name_bytes = superblock.section(Section::names).length};
}

Result<WriteReport> Writer::finish(Tree tree) {
  auto report = state_->complete(*tree.state_);
  if (!report) {
    return with_path(std::move(report).error(), state_->output.path());
  }
  state_.reset();
  return report;
}

}  // namespace seabag::bundle
