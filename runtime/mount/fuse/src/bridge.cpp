#include "bridge.h"

#include <algorithm>
#include <utility>

#include "convert.h"

namespace seabag::mount {

namespace {

constexpr double kWithoutLimit = 1e9;  // seconds
constexpr double kShortly = 1.0;
constexpr unsigned kBackgroundRequests = 256;

unsigned with(unsigned wanted, unsigned flag, bool is_on) {
  return is_on ? wanted | flag : wanted & ~flag;
}

// What is switched on: everything that saves round trips and that this file system allows.
void start(void* userdata, fuse_conn_info* connection) {
  const Bridge& bridge = *static_cast<const Bridge*>(userdata);
  const bool is_cached = bridge.is_cached_without_limit();
  const auto set = [&](unsigned flag, bool is_on) {
    connection->want = with(connection->want, flag, is_on && (connection->capable & flag) != 0);
  };
  // Truncating comes as a change of attributes, which also clears setuid where it must.
  set(FUSE_CAP_ATOMIC_O_TRUNC, false);
  // Nor does a write clear them here: the kernel does, and asks for a mode without.
  set(FUSE_CAP_HANDLE_KILLPRIV, false);
  set(FUSE_CAP_PARALLEL_DIROPS, true);
  set(FUSE_CAP_CACHE_SYMLINKS, is_cached);
  // A changed time is no reason to drop contents: who changes them says so.
  set(FUSE_CAP_EXPLICIT_INVAL_DATA, is_cached);
  set(FUSE_CAP_AUTO_INVAL_DATA, !is_cached);
  connection->max_background = kBackgroundRequests;
  connection->congestion_threshold = kBackgroundRequests / 4 * 3;
  connection->time_gran = 1;
}

}  // namespace

double Bridge::validity() const {
  if (is_cached_without_limit()) {
    return kWithoutLimit;
  }
  return changes == Changes::by_others ? kShortly : 0;
}

Result<vfs::Attributes> Bridge::attributes(vfs::NodeId node) const {
  auto known = files.attributes(node);
  if (!known && known.error().is(kStaleNode)) {
    if (const auto last = removed.attributes(node)) {
      return *last;
    }
  }
  return known;
}

Bridge& bridge_of(fuse_req_t request) { return *static_cast<Bridge*>(fuse_req_userdata(request)); }

fuse_lowlevel_ops operations_for(const Bridge& bridge) {
  fuse_lowlevel_ops operations{};
  operations.init = &start;
  add_read_operations(operations, bridge);
  if (bridge.writable != nullptr) {
    add_write_operations(operations);
  }
  return operations;
}

void give_to_kernel(OpenFile file, Bridge& bridge, fuse_file_info& info) {
  info.keep_cache = bridge.is_cached_without_limit() ? 1 : 0;
  info.noflush = 1;
  info.fh = reinterpret_cast<std::uintptr_t>(&bridge.open.add(std::move(file)));
}

fuse_entry_param entry_for(const Bridge& bridge, const vfs::Attributes& attributes) {
  fuse_entry_param entry{};
  entry.ino = static_cast<fuse_ino_t>(attributes.node);
  entry.attr = to_stat(attributes);
  entry.attr_timeout = bridge.validity();
  entry.entry_timeout = bridge.validity();
  return entry;
}

void reply_error(fuse_req_t request, const Error& error) {
  fuse_reply_err(request, errno_of(error));
}

void reply_done(fuse_req_t request, const Result<void>& done) {
  fuse_reply_err(request, done ? 0 : errno_of(done.error()));
}

void reply_attributes(fuse_req_t request, const Result<vfs::Attributes>& attributes) {
  if (!attributes) {
    reply_error(request, attributes.error());
    return;
  }
  const struct stat status = to_stat(*attributes);
  fuse_reply_attr(request, &status, bridge_of(request).validity());
}

void reply_entry(fuse_req_t request, const Result<vfs::Attributes>& attributes) {
  if (!attributes) {
    reply_error(request, attributes.error());
    return;
  }
  const fuse_entry_param entry = entry_for(bridge_of(request), *attributes);
  fuse_reply_entry(request, &entry);
}

}  // namespace seabag::mount
