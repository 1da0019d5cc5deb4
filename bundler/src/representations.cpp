#include "representations.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "parallel.h"
#include "variant_maker.h"

namespace seabag::bundler {
namespace {

/// Larger contents are divided by encoding, so that the last one does not keep one core busy while
/// the others wait.
constexpr std::uint64_t kMostInOneGo = 128U << 10U;
constexpr std::size_t kPieceSize = 256U << 10U;

}  // namespace

Recipe Representations::recipe(const Want& want) const {
  return recipe_for(options_.profile, want.encoding, contents_[want.content].identity.length);
}

void Representations::collect_wants(const std::vector<StoredVariant>& adopted) {
  auto next_adopted = adopted.begin();
  for (std::size_t index = 0; index < contents_.size(); ++index) {
    const ContentNumber number{static_cast<std::uint32_t>(index)};
    const std::uint64_t length = contents_[number].identity.length;
    if (!contents_.is_compressible(number) || largest_worth_keeping(length) == 0) {
      continue;
    }
    for (const vfs::Encoding encoding : kVariantEncodings) {
      const auto place = std::tuple(number, encoding);
      const auto place_of = [](const StoredVariant& each) {
        return std::tuple(each.content, each.encoding);
      };
      while (next_adopted != adopted.end() && place_of(*next_adopted) < place) {
        ++next_adopted;
      }
      if (next_adopted == adopted.end() || place_of(*next_adopted) != place) {
        wants_.push_back({.content = number, .encoding = encoding, .stored = {}});
      }
    }
  }
}

/// The most expensive first, so that the cores finish together.
std::vector<Representations::Unit> Representations::make_units() {
  std::vector<Unit> units;
  for (std::uint32_t index = 0; index < wants_.size(); ++index) {
    const Want& want = wants_[index];
    const std::uint64_t length = contents_[want.content].identity.length;
    const std::uint64_t cost = length * recipe(want).cost_per_byte();
    const bool joins = !units.empty() && length <= kMostInOneGo &&
                       wants_[units.back().first].content == want.content;
    if (joins) {
      ++units.back().count;
      units.back().cost += cost;
    } else {
      units.push_back({.first = index, .count = 1, .cost = cost});
    }
    progress_.bytes_total += length;
  }
  progress_.contents_total = units.size();
  std::ranges::stable_sort(units, std::ranges::greater{}, &Unit::cost);
  return units;
}

/// Does units on one thread.
class Representations::Worker {
 public:
  Worker(Representations& owner, const std::string& scratch_directory)
      : owner_(owner), maker_(owner.writer_, owner.store_, scratch_directory) {}

  Result<void> run(const Unit& unit) {
    const Contents::Content& content = owner_.contents_[owner_.wants_[unit.first].content];
    maker_.begin(content);
    for (std::uint32_t index = unit.first; index < unit.first + unit.count; ++index) {
      SEABAG_TRY(run_want(owner_.wants_[index], content));
      owner_.progress_.bytes += content.identity.length;
    }
    ++owner_.progress_.contents;
    return {};
  }

 private:
  Result<void> run_want(Want& want, const Contents::Content& content) {
    const Recipe recipe = owner_.recipe(want);
    const auto known =
        owner_.store_.find({.content = content.hash, .recipe = recipe.fingerprint()});
    if (known) {
      ++owner_.cached_;
      want.stored = *known;
      return {};
    }
    ++owner_.computed_;
    want.stored = SEABAG_TRY(maker_.make(recipe));
    return {};
  }

  Representations& owner_;
  VariantMaker maker_;
};

Result<void> Representations::compress(const std::vector<StoredVariant>& adopted,
                                       const std::function<void()>& on_tick) {
  collect_wants(adopted);
  const std::vector<Unit> units = make_units();
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned index = 0; index < options_.jobs; ++index) {
    workers.push_back(std::make_unique<Worker>(*this, store_.scratch_directory()));
  }
  const auto task = [&](unsigned worker, std::size_t index) {
    return workers[worker]->run(units[index]);
  };
  return run_parallel(options_.jobs, units.size(), task, on_tick);
}

Result<void> Representations::copy(const Want& want, std::span<std::byte> room) {
  SEABAG_TRY(writer_.begin_blob(want.stored.length));
  for (std::uint64_t done = 0; done < want.stored.length;) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), want.stored.length - done));
    const std::span<std::byte> piece = room.first(size);
    if (SEABAG_TRY(read_at(want.stored.descriptor, piece, want.stored.offset + done, {})) < size) {
      return make_error(std::errc::io_error, "read", {},
                        "the cache was changed while it was used; run it again");
    }
    SEABAG_TRY(writer_.append(piece));
    done += size;
  }
  return {};
}

Result<std::vector<StoredVariant>> Representations::write(const std::function<void()>& on_tick) {
  std::vector<StoredVariant> variants;
  std::vector<std::byte> room(kPieceSize);
  for (const Want& want : wants_) {
    if (want.stored.length == 0) {
      continue;
    }
    SEABAG_TRY(copy(want, room));
    variants.push_back({.content = want.content,
                        .encoding = want.encoding,
                        .blob = SEABAG_TRY(writer_.end_blob())});
    on_tick();
  }
  return variants;
}

}  // namespace seabag::bundler
