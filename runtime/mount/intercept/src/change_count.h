#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "protocol.h"

namespace seabag::intercept {

/// Tells all programs, through the page that they share with the host, when what they remember of a
/// mount may be over. A default one tells nobody. Safe for concurrent use.
class ChangeCount {
 public:
  ChangeCount() = default;
  explicit ChangeCount(std::shared_ptr<MountPage> page) : page_(std::move(page)) {}

  /// While it lives nothing is remembered, and afterwards nothing from before: so a change shows to
  /// everybody at once, whether he asks or would have remembered.
  class Change {
   public:
    explicit Change(const ChangeCount& count) : page_(count.page_.get()) {
      if (page_ != nullptr) {
        page_->changes.fetch_add(1);
      }
    }
    ~Change() {
      if (page_ != nullptr) {
        page_->changes.fetch_add(MountPage::kUnderWay);
      }
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    MountPage* page_;  ///< the count's
  };

 private:
  std::shared_ptr<MountPage> page_;
};

}  // namespace seabag::intercept
