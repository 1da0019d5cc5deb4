#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// One fact that an overlay has to remember beside its upper file system.
///
/// Paths in here are those of the lowers, absolute and normalised (`/etc/motd`), so that they stay
/// true when a directory is renamed in the overlay.
struct OverlayChange {
  enum class Kind : std::uint8_t {
    hide,      ///< a whiteout: what the lowers have at `path`, and below it, does not show
    show,      ///< takes a whiteout away
    opaque,    ///< the upper's directory `node` shows nothing of the lowers
    redirect,  ///< the upper's directory `node` shows what the lowers have at `path`
    origin,    ///< the upper's `node` is a copy of the lowers' node `base`
    forget,    ///< the upper's `node` is gone, with all that was told of it
    reset,     ///< nothing told so far counts any more
  };

  Kind kind;
  std::string path = {};
  NodeId node{};
  /// `lower node * number of lowers + index of the lower`: with one lower the node itself.
  std::uint64_t base = 0;
};

/// Where an overlay remembers its whiteouts, opaque directories and origins: beside its upper, so
/// that they live as long. The overlay reads them once and keeps them in memory; this is where they
/// are written. Whoever implements it checks nothing and orders nothing.
///
/// One overlay at a time has it; calls are not made at the same time.
class OverlayRecords {
 public:
  virtual ~OverlayRecords() = default;

  /// Changes that lead from nothing to what has been told and still counts; those that are undone
  /// by later ones may be among them. Errors: EIO.
  [[nodiscard]] virtual Result<std::vector<OverlayChange>> load() = 0;

  /// Remembers changes, in this order and all of them or none. They are durable when the upper's
  /// own changes made after them are. Errors: EIO, ENOSPC.
  [[nodiscard]] virtual Result<void> write(std::span<const OverlayChange> changes) = 0;
};

/// Records that live as long as the object, for an upper in memory that several overlays get one
/// after the other: every change since the last reset. One thread at a time.
[[nodiscard]] std::unique_ptr<OverlayRecords> make_memory_overlay_records();

}  // namespace seabag::vfs
