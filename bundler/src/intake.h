#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "batch.h"
#include "contents.h"
#include "plan.h"
#include "seabag/bundle/writer.h"

namespace seabag::bundler {

/// Counts of what went in.
struct IntakeTotals {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t duplicate_bytes = 0;
};

/// Takes loaded batches in order: stores each content once and enters each name into the plan. One
/// thread at a time.
class Intake {
 public:
  /// Everything is borrowed for the lifetime of the intake.
  Intake(Plan& plan, Contents& contents, bundle::Writer& writer, std::string_view output)
      : plan_(plan), contents_(contents), writer_(writer), output_(output) {}

  /// Errors: the batch's own, those of Plan and Writer, Failure changed_while_read.
  [[nodiscard]] Result<void> take(Batch& batch);

  [[nodiscard]] const IntakeTotals& totals() const { return totals_; }
  [[nodiscard]] std::vector<std::string>& notes() { return notes_; }

 private:
  struct IdentityHash {
    std::size_t operator()(const FileIdentity& identity) const {
      return static_cast<std::size_t>(identity.inode * 31 + identity.device);
    }
  };

  [[nodiscard]] Result<void> take_item(const Batch& batch, const Item& item, PlanId parent);
  [[nodiscard]] Result<void> take_directory(const Batch& batch, const Item& item, PlanId parent);
  [[nodiscard]] Result<void> take_file(const Batch& batch, const Item& item, PlanId parent);
  [[nodiscard]] Result<void> take_symlink(const Batch& batch, const Item& item, PlanId parent);
  [[nodiscard]] Result<void> take_hard_link(const Batch& batch, const Item& item, PlanId parent);
  [[nodiscard]] Result<ContentNumber> store(const Batch& batch, const Item& item);
  [[nodiscard]] Result<bundle::Blob> store_stream(const Batch& batch, const Item& item);
  [[nodiscard]] std::optional<PlanId> first_name(const Item& item) const;
  void remember_name(const Item& item, PlanId id);

  Plan& plan_;
  Contents& contents_;
  bundle::Writer& writer_;
  std::string_view output_;  ///< for messages
  IntakeTotals totals_;
  std::vector<std::string> notes_;
  /// First names of files that have several.
  std::unordered_map<FileIdentity, PlanId, IdentityHash> linked_;
};

}  // namespace seabag::bundler
