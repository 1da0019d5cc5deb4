#include "support/bundle_damage.h"

#include <xxhash.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "seabag/bundle/verify.h"

namespace seabag::testing {
namespace {

constexpr std::size_t kChecksumAt = 32;
constexpr std::size_t kBatch = 7;

/// One directory that is still to be listed.
struct Pending {
  vfs::NodeId node;
  std::string path;
};

class Exerciser {
 public:
  explicit Exerciser(bundle::Bundle& bundle) : bundle_(bundle) {}

  Exercise run() {
    pending_.push_back({.node = vfs::kRootNode, .path = ""});
    while (!pending_.empty()) {
      const Pending directory = pending_.back();
      pending_.pop_back();
      list(directory);
    }
    ask_for("/");
    ask_for("/no/such/thing");
    const std::uint64_t count = bundle_.tables().entry_count();
    for (const std::uint64_t node : {std::uint64_t{0}, count + 1, ~std::uint64_t{0}}) {
      count_failure(bundle_.attributes(vfs::NodeId{node}));
    }
    static_cast<void>(bundle_.info());
    check_inside(std::as_bytes(std::span(bundle_.config())));
    count_failure(bundle_.statistics());
    result_.is_sound = static_cast<bool>(bundle::verify(bundle_));
    return result_;
  }

 private:
  template <typename T>
  bool count_failure(const Result<T>& result) {
    result_.failures += result ? 0U : 1U;
    return static_cast<bool>(result);
  }

  void check_inside(std::span<const std::byte> bytes) const {
    const auto payload = bundle_.tables().payload();
    if (!bytes.empty() && (bytes.data() < payload.data() ||
                           bytes.data() + bytes.size() > payload.data() + payload.size())) {
      std::abort();
    }
  }

  void list(const Pending& directory) {
    std::uint64_t cookie = 0;
    while (true) {
      const auto entries = bundle_.list(directory.node, cookie, kBatch);
      if (!count_failure(entries) || entries->empty()) {
        return;
      }
      for (const vfs::DirectoryEntry& entry : *entries) {
        visit(directory, entry);
      }
      cookie = entries->back().cookie;
    }
  }

  void visit(const Pending& directory, const vfs::DirectoryEntry& entry) {
    if (++result_.entries > bundle_.tables().entry_count()) {
      std::abort();
    }
    count_failure(bundle_.lookup(directory.node, entry.name));
    count_failure(bundle_.attributes(entry.node));
    count_failure(bundle_.read_link(entry.node));
    count_failure(bundle_.xattrs(entry.node));
    read(entry.node);
    const std::string path = directory.path + "/" + entry.name;
    if (path.size() < 2 * vfs::kMaxPathLength) {
      ask_for(path);
      ask_for(path + "/x");
      if (entry.type == vfs::FileType::directory) {
        pending_.push_back({.node = entry.node, .path = path});
      }
    }
  }

  void read(vfs::NodeId node) {
    const auto file = bundle_.open(node);
    if (!count_failure(file)) {
      return;
    }
    std::array<std::byte, 512> buffer;
    count_failure((*file)->read_at(buffer, 0));
    count_failure((*file)->read_at(buffer, ~std::uint64_t{0}));
    count_failure((*file)->find_extent(vfs::ExtentKind::hole, 0));
    count_failure((*file)->attributes());
  }

  void ask_for(const std::string& path) {
    const auto asset = bundle_.find(path);
    if (!count_failure(asset)) {
      return;
    }
    check_inside(std::as_bytes(std::span(asset->header_fields)));
    check_inside(std::as_bytes(std::span(asset->not_modified_fields)));
    for (const vfs::Representation& form : asset->representations) {
      check_inside(form.bytes);
    }
  }

  bundle::Bundle& bundle_;
  std::vector<Pending> pending_;
  Exercise result_;
};

}  // namespace

void seal_superblock(std::span<std::byte> payload) {
  std::memset(&payload[kChecksumAt], 0, 8);
  XXH64_canonical_t big_endian;
  XXH64_canonicalFromHash(&big_endian, XXH3_64bits(payload.data(), bundle::kSuperblockSize));
  for (std::size_t i = 0; i < 8; ++i) {
    payload[kChecksumAt + i] = static_cast<std::byte>(big_endian.digest[7 - i]);
  }
}

Exercise exercise_bundle(bundle::Bundle& bundle) { return Exerciser(bundle).run(); }

}  // namespace seabag::testing
