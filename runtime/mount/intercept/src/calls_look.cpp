#include <unistd.h>

#include <array>
#include <cstring>
#include <span>
#include <string>

#include "call.h"
#include "memory_file.h"

namespace seabag::intercept {

namespace {

constexpr std::uint32_t kAnyExecute = 0111;
constexpr std::uint32_t kEverything = kRead | kWrite | kSearch;
static_assert(kRead == R_OK && kWrite == W_OK && kSearch == X_OK);

struct Found {
  std::shared_ptr<MountPoint> mount;
  std::shared_ptr<Page> page;
};

// Whose page a memory file is.
Result<Found> find_page(const Call& call, std::uint64_t inode) {
  for (const auto& mount : *call.mounts) {
    if (auto page = mount->pages->find_inode(inode)) {
      return Found{mount, std::move(page)};
    }
  }
  return make_error(std::errc::no_such_file_or_directory, "fstat");
}

Result<vfs::Attributes> attributes_of(const Found& found) {
  vfs::Attributes attributes = SEABAG_TRY(found.page->kept->attributes());
  found.mount->pages->refresh(attributes);
  return attributes;
}

vfs::Attributes attributes_of(const Spot& spot) {
  return spot.kind == Spot::Kind::node ? spot.attributes : synthetic_directory(spot);
}

std::uint64_t device_of(const Spot& spot) { return spot.mount ? spot.mount->device : 0; }

// What is not in a mount is left to the kernel, and what is read-only says so itself.
Result<void> check_wanted(const Call& call, const Spot& spot, std::uint32_t wanted) {
  const bool is_checked =
      spot.kind == Spot::Kind::node && ((wanted & kWrite) == 0 || !spot.mount->is_read_only);
  return is_checked ? check_permission(call.asker, spot.attributes, wanted) : Result<void>();
}

vfs::AttributeChanges changes_in(const Request& request) {
  vfs::AttributeChanges changes;
  const auto new_time = [](const WireTime& time) -> std::optional<vfs::NewTime> {
    if (time.nanoseconds == UTIME_OMIT) {
      return std::nullopt;
    }
    if (time.nanoseconds == UTIME_NOW) {
      return vfs::NewTime::now();
    }
    return vfs::NewTime::at(
        {.seconds = time.seconds, .nanoseconds = static_cast<std::uint32_t>(time.nanoseconds)});
  };
  constexpr std::uint32_t kSame = ~std::uint32_t{0};
  switch (request.operation) {
    case Operation::change_mode:
    case Operation::change_mode_of_file:
      changes.mode = request.mode & 07777;
      break;
    case Operation::change_owner:
    case Operation::change_owner_of_file:
      if (request.uid != kSame) {
        changes.uid = request.uid;
      }
      if (request.gid != kSame) {
        changes.gid = request.gid;
      }
      break;
    case Operation::change_size:
      changes.size = request.number;
      break;
    default:
      changes.accessed = new_time(request.times[0]);
      changes.modified = new_time(request.times[1]);
      break;
  }
  return changes;
}

}  // namespace

Result<void> say_hello(Call& call) {
  call.reply.descriptor = SEABAG_TRY(reopen(call.host.page_file(), O_RDONLY | O_CLOEXEC)).release();
  return {};
}

Result<void> tell_status(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  call.answer_status(attributes_of(spot), device_of(spot));
  call.reply.answer.marks = spot.validity == Validity::until_mounts ? kMarkFixed : 0;
  return {};
}

Result<void> tell_status_of_file(Call& call) {
  if (const auto found = find_page(call, call.request.number)) {
    call.answer_status(SEABAG_TRY(attributes_of(*found)), found->mount->device);
    return {};
  }
  for (const auto& mount : *call.mounts) {
    if (const auto node = mount->pages->find_node(call.request.number)) {
      call.answer_status(SEABAG_TRY(mount->files->attributes(*node)), mount->device);
      return {};
    }
  }
  return make_error(std::errc::no_such_file_or_directory, "fstat");
}

Result<void> check_access(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  const bool is_read_only = spot.kind == Spot::Kind::ancestor || spot.mount->is_read_only;
  if ((call.request.mode & W_OK) != 0 && is_read_only) {
    return make_error(std::errc::read_only_file_system, "access");
  }
  SEABAG_TRY(check_wanted(call, spot, call.request.mode & kEverything));
  // Nobody executes what has no such bit, not even root.
  if ((call.request.mode & X_OK) != 0 && spot.kind == Spot::Kind::node &&
      spot.attributes.type == vfs::FileType::regular && (spot.attributes.mode & kAnyExecute) == 0) {
    return make_error(std::errc::permission_denied, "access");
  }
  return {};
}

Result<void> read_link(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::keep));
  if (spot.kind == Spot::Kind::real || (spot.kind == Spot::Kind::ancestor && has_real_twin(spot))) {
    return call.answer_real(path_of(spot));
  }
  if (spot.kind != Spot::Kind::node || spot.attributes.type != vfs::FileType::symlink) {
    return make_error(std::errc::invalid_argument, "readlink");
  }
  return call.answer(SEABAG_TRY(spot.mount->files->read_link(spot.attributes.node)));
}

Result<void> find_real_path(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::follow));
  return spot.kind == Spot::Kind::real ? call.answer_real(spot.path) : call.answer(spot.path);
}

Result<void> enter_directory(Call& call) {
  const std::uint64_t moment = call.host.moment();
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::follow));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(spot.path);
  }
  if (attributes_of(spot).type != vfs::FileType::directory) {
    return make_error(std::errc::not_a_directory, "chdir");
  }
  SEABAG_TRY(check_wanted(call, spot, kSearch));
  call.reply.answer.status.device = moment;
  return call.answer(spot.path);
}

Result<void> tell_file_system(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::follow));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(spot.path);
  }
  const vfs::Statistics statistics = SEABAG_TRY(call.host.names().statistics(spot.path));
  const bool is_read_only = spot.mount == nullptr || spot.mount->is_read_only;
  const std::array<std::uint64_t, 6> numbers = {statistics.block_size,  statistics.blocks,
                                                statistics.blocks_free, statistics.nodes,
                                                statistics.nodes_free,  is_read_only ? 1U : 0U};
  return call.answer({reinterpret_cast<const char*>(numbers.data()), sizeof(numbers)});
}

Result<void> synchronise(Call& call) {
  const Found found = SEABAG_TRY(find_page(call, call.request.number));
  SEABAG_TRY(found.mount->pages->write_back(found.page->node));
  return found.page->writable != nullptr ? found.page->writable->sync(vfs::SyncScope::all)
                                         : Result<void>();
}

Result<void> change_attributes(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  const bool is_changeable = spot.kind == Spot::Kind::node && !spot.mount->is_read_only;
  if (call.request.operation == Operation::change_mode && is_changeable) {
    SEABAG_TRY(check_owner(call.asker, spot.attributes));
  }
  if (call.request.operation == Operation::change_size) {
    SEABAG_TRY(check_wanted(call, spot, kWrite));
  }
  (void)SEABAG_TRY(
      call.host.names().set_attributes(spot.path, changes_in(call.request), vfs::LastLink::keep));
  return {};
}

Result<void> change_attributes_of_file(Call& call) {
  const Found found = SEABAG_TRY(find_page(call, call.request.number));
  if (found.mount->is_read_only) {
    return make_error(std::errc::read_only_file_system, "chmod");
  }
  (void)SEABAG_TRY(
      found.mount->writable->set_attributes(found.page->node, changes_in(call.request)));
  return {};
}

Result<void> get_xattr(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  SEABAG_TRY(check_wanted(call, spot, kRead));
  return call.answer_at_length(
      SEABAG_TRY(call.host.names().xattr(spot.path, call.second, vfs::LastLink::keep)));
}

Result<void> list_xattrs(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  std::string names;
  for (const auto& name : SEABAG_TRY(call.host.names().xattrs(spot.path, vfs::LastLink::keep))) {
    names += name;
    names += '\0';
  }
  return call.answer_at_length(names);
}

namespace {

// A link itself has no attributes of its own; the namespace would follow it.
Result<void> check_xattr_change(const Call& call, const Spot& spot) {
  if (spot.kind == Spot::Kind::node && spot.attributes.type == vfs::FileType::symlink) {
    return make_error(std::errc::operation_not_permitted, "setxattr");
  }
  return check_wanted(call, spot, kWrite);
}

// What the letter says, or the file that came with it.
Result<std::string> value_in(const Call& call) {
  if ((call.request.flags & kInFile) == 0) {
    return std::string(call.tail);
  }
  constexpr std::uint64_t kMostValue = 64 * 1024;
  if (call.request.number > kMostValue) {
    return make_error(std::errc::argument_list_too_long, "setxattr");
  }
  std::string value(static_cast<std::size_t>(call.request.number), '\0');
  const std::size_t count =
      SEABAG_TRY(read_at(call.file, std::as_writable_bytes(std::span(value)), 0));
  return count == value.size() ? Result<std::string>(std::move(value))
                               : make_error(std::errc::io_error, "setxattr");
}

}  // namespace

Result<void> set_xattr(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  constexpr std::array<vfs::XattrMode, 3> kModes = {vfs::XattrMode::any, vfs::XattrMode::create,
                                                    vfs::XattrMode::replace};
  if (call.request.mode >= kModes.size()) {
    return make_error(std::errc::invalid_argument, "setxattr");
  }
  SEABAG_TRY(check_xattr_change(call, spot));
  const std::string value = SEABAG_TRY(value_in(call));
  return call.host.names().set_xattr(spot.path, call.second, value, kModes[call.request.mode]);
}

Result<void> remove_xattr(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, call.last_link()));
  if (spot.kind == Spot::Kind::real || has_real_twin(spot)) {
    return call.answer_real(path_of(spot));
  }
  SEABAG_TRY(check_xattr_change(call, spot));
  return call.host.names().remove_xattr(spot.path, call.second);
}

Result<void> read_data(Call& call) {
  const Found found = SEABAG_TRY(find_page(call, call.request.number));
  std::shared_ptr<vfs::File> file;
  {
    const std::lock_guard lock(found.mount->governed_mutex);
    const auto reader = found.mount->governed.find(found.page->inode);
    const auto writer = found.mount->governed_writable.find(found.page->inode);
    if (reader != found.mount->governed.end()) {
      file = reader->second;
    } else if (writer != found.mount->governed_writable.end()) {
      file = writer->second;
    }
  }
  if (file == nullptr) {
    return make_error(std::errc::bad_file_descriptor, "read");
  }
  std::size_t room = std::min<std::size_t>(call.request.mode, call.reply.data.size());
  const std::uint32_t longest = found.mount->options.longest_read;
  if (longest > 0) {
    room = std::min<std::size_t>(room, longest);
  }
  const auto buffer = std::as_writable_bytes(std::span(call.reply.data)).first(room);
  call.reply.answer.length =
      static_cast<std::uint32_t>(SEABAG_TRY(file->read_at(buffer, call.request.offset)));
  return {};
}

Result<void> write_data(Call& call) {
  const Found found = SEABAG_TRY(find_page(call, call.request.number));
  std::shared_ptr<vfs::WritableFile> file;
  {
    const std::lock_guard lock(found.mount->governed_mutex);
    const auto writer = found.mount->governed_writable.find(found.page->inode);
    if (writer == found.mount->governed_writable.end()) {
      return make_error(std::errc::bad_file_descriptor, "write");
    }
    file = writer->second;
  }
  const auto bytes = std::as_bytes(std::span(call.tail));
  const bool is_append = call.request.offset == ~std::uint64_t{0};
  const std::size_t count =
      SEABAG_TRY(is_append ? file->append(bytes) : file->write_at(bytes, call.request.offset));
  call.reply.answer.status.size = count;
  return {};
}

}  // namespace seabag::intercept
