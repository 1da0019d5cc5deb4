#include "intake.h"

#include <iterator>
#include <limits>

#include "loader.h"
#include "seabag/bundler/failure.h"

namespace seabag::bundler {
namespace {

constexpr auto kNoParent = PlanId{std::numeric_limits<std::uint32_t>::max()};

class StoringSink final : public PieceSink {
 public:
  StoringSink(bundle::Writer& writer, std::string_view output) : writer_(writer), output_(output) {}

  // A failure to write must not be blamed on the file that is read.
  Result<void> bytes(std::span<const std::byte> piece) override {
    return about_output(writer_.append(piece));
  }
  Result<void> hole(std::uint64_t length) override {
    return about_output(writer_.append_hole(length));
  }

 private:
  [[nodiscard]] Result<void> about_output(Result<void> result) const {
    return result ? std::move(result) : with_path(std::move(result).error(), output_);
  }

  bundle::Writer& writer_;
  std::string_view output_;  ///< owned by the options of the pack
};

PlanAttributes attributes_of(const Item& item) {
  return {.mode = item.mode, .modified = item.modified};
}

}  // namespace

Result<void> Intake::take(Batch& batch) {
  plan_.set_input(batch.input);
  std::move(batch.notes.begin(), batch.notes.end(), std::back_inserter(notes_));
  std::vector<PlanId> parents(batch.directories.size(), kNoParent);
  for (const Item& item : batch.items) {
    PlanId& parent = parents[item.directory];
    if (parent == kNoParent) {
      parent = SEABAG_TRY(plan_.directory(batch.directory(item).path));
    }
    SEABAG_TRY(take_item(batch, item, parent));
  }
  if (batch.error) {
    return std::move(*batch.error);
  }
  return {};
}

Result<void> Intake::take_directory(const Batch& batch, const Item& item, PlanId parent) {
  const std::string_view name = batch.name(item);
  if (!name.empty()) {
    std::string path = batch.directory(item).path;
    parent = SEABAG_TRY(plan_.directory(path.append("/").append(name)));
  }
  plan_.describe_directory(parent, attributes_of(item));
  return {};
}

Result<void> Intake::take_item(const Batch& batch, const Item& item, PlanId parent) {
  switch (item.kind) {
    case ItemKind::directory:
      return take_directory(batch, item, parent);
    case ItemKind::file:
      return take_file(batch, item, parent);
    case ItemKind::symlink:
      return take_symlink(batch, item, parent);
    case ItemKind::hard_link:
      return take_hard_link(batch, item, parent);
  }
  return {};
}

Result<bundle::Blob> Intake::store_stream(const Batch& batch, const Item& item) {
  const OpenStream stream = SEABAG_TRY(open_stream(batch, item));
  const FileStatus& status = batch.streams[item.data].status;
  StoringSink sink(writer_, output_);
  SEABAG_TRY(writer_.begin_blob(item.size));
  const auto copied = read_pieces(stream.descriptor, status, {}, sink);
  if (!copied) {
    return with_path(copied.error(), batch.source_path(item));
  }
  if (stream.own.is_open()) {
    const auto unchanged = check_unchanged(stream.descriptor, status, {});
    if (!unchanged) {
      return with_path(unchanged.error(), batch.source_path(item));
    }
  }
  return writer_.end_blob();
}

Result<ContentNumber> Intake::store(const Batch& batch, const Item& item) {
  ++totals_.files;
  totals_.bytes += item.size;
  if (const auto known = contents_.find(item.hash)) {
    ++totals_.duplicates;
    totals_.duplicate_bytes += item.size;
    return *known;
  }
  const bundle::Blob blob =
      item.place == DataPlace::stream
          ? SEABAG_TRY(store_stream(batch, item))
          : SEABAG_TRY(writer_.add_blob(batch.bytes.view(item.data, item.size)));
  return contents_.add(item.hash, blob);
}

Result<void> Intake::take_file(const Batch& batch, const Item& item, PlanId parent) {
  if (item.place == DataPlace::skipped) {
    notes_.push_back("'" + batch.source_path(item) + "' is the output: left out");
    return {};
  }
  const ContentNumber content = SEABAG_TRY(store(batch, item));
  const std::string_view name = batch.name(item);
  if (const auto first = first_name(item)) {
    SEABAG_TRY(plan_.add_link(parent, name, *first));
    return {};
  }
  const PlanId id = SEABAG_TRY(plan_.add_file(parent, name, attributes_of(item), content));
  remember_name(item, id);
  return {};
}

Result<void> Intake::take_symlink(const Batch& batch, const Item& item, PlanId parent) {
  const std::string_view name = batch.name(item);
  if (const auto first = first_name(item)) {
    SEABAG_TRY(plan_.add_link(parent, name, *first));
    return {};
  }
  const PlanId id =
      SEABAG_TRY(plan_.add_symlink(parent, name, attributes_of(item), batch.target(item)));
  remember_name(item, id);
  return {};
}

Result<void> Intake::take_hard_link(const Batch& batch, const Item& item, PlanId parent) {
  const std::string target(batch.target(item));
  const auto found = plan_.find(target);
  const bool is_usable = found && plan_.entry(*found).input == batch.input &&
                         plan_.entry(*found).kind != PlanKind::directory &&
                         plan_.entry(*found).kind != PlanKind::implied;
  if (!is_usable) {
    return make_failure(Failure::archive_refused, "unpack", plan_.input_text(batch.input),
                        "entry '" + batch.source_path(item) + "' is a hard link to '" + target +
                            "', which is no file before it in the archive; make a complete one");
  }
  const PlanId link = SEABAG_TRY(plan_.add_link(parent, batch.name(item), *found));
  if (item.place != DataPlace::none) {
    plan_.set_content(link, SEABAG_TRY(store(batch, item)));
    return {};
  }
  const PlanEntry& first = plan_.entry(PlanId{plan_.entry(link).reference});
  if (first.kind == PlanKind::file) {
    const std::uint64_t size = contents_[ContentNumber{first.reference}].identity.length;
    ++totals_.files;
    totals_.bytes += size;
    ++totals_.duplicates;
    totals_.duplicate_bytes += size;
  }
  return {};
}

std::optional<PlanId> Intake::first_name(const Item& item) const {
  const auto known = item.links < 2 ? linked_.end() : linked_.find(item.identity);
  return known == linked_.end() ? std::nullopt : std::optional(known->second);
}

void Intake::remember_name(const Item& item, PlanId id) {
  if (item.links >= 2) {
    linked_.try_emplace(item.identity, id);
  }
}

}  // namespace seabag::bundler
