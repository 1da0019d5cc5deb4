#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace seabag::http2 {

/// A field, name and value, of one ResponseEncoder. Fields that follow each other in one place have
/// different versions.
struct FieldId {
  std::uint16_t place = 0;  ///< below EncoderTable::kPlaces
  std::uint32_t version = 0;
};

/// What our blocks have entered in the client's dynamic table (RFC 7541 §2.3.2), so that it can be
/// referred to: one for each connection. All blocks of the connection must be sent, in the order in
/// which they were written with it. Takes no memory before the first entry. One thread at a time.
class EncoderTable {
 public:
  /// The default of SETTINGS_HEADER_TABLE_SIZE; we never use more.
  static constexpr std::size_t kLimit = 4096;
  static constexpr std::size_t kPlaces = 64;

  /// What the client allows now. A table that was made smaller stays so.
  void restrict_to(std::size_t limit);
  /// What the next block of the connection has to begin with (RFC 7541 §4.2): mostly nothing.
  [[nodiscard]] bool has_size_update() const { return must_tell_limit_; }
  [[nodiscard]] std::string take_size_update();

  /// The index of a field (RFC 7541 §2.3.3); 0 when it is not in the table.
  [[nodiscard]] std::size_t find(FieldId field) const {
    if (entries_ == nullptr) {
      return 0;
    }
    const Place& place = entries_->places[field.place];
    return place.version == field.version && place.number > evicted_
               ? kNewest + static_cast<std::size_t>(entered_ - place.number)
               : 0;
  }
  /// Enters a field of which name and value have `size` bytes; the oldest ones leave for it, and
  /// what was in its place is not found any more. False when it is too long for the table.
  [[nodiscard]] bool enter(FieldId field, std::size_t size);

 private:
  /// The index of the newest entry, behind the static table.
  static constexpr std::size_t kNewest = 62;
  /// What each entry counts besides its name and value (RFC 7541 §4.1).
  static constexpr std::size_t kOverhead = 32;
  /// There are never more entries than this.
  static constexpr std::size_t kMost = kLimit / kOverhead;

  struct Place {
    std::uint64_t number = 0;  ///< of the entry; 0 is none
    std::uint32_t version = 0;
  };
  struct Entries {
    std::array<Place, kPlaces> places;
    std::array<std::uint16_t, kMost> sizes{};  ///< by the entry's number
  };

  void evict_to(std::size_t size);

  std::unique_ptr<Entries> entries_;
  std::uint64_t entered_ = 0;  ///< entries are numbered from 1 on
  std::uint64_t evicted_ = 0;  ///< up to this one they have left
  std::size_t size_ = 0;
  std::size_t limit_ = kLimit;
  bool must_tell_limit_ = false;
};

}  // namespace seabag::http2
