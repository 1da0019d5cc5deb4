#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "call.h"
#include "memory_file.h"
#include "page_store.h"

namespace seabag::intercept {

namespace {

using Handler = Result<void> (*)(Call&);

// In the order of Operation.
constexpr std::array<Handler, 30> kHandlers = {say_hello,
                                               open_path,
                                               tell_status,
                                               tell_status_of_file,
                                               check_access,
                                               read_link,
                                               find_real_path,
                                               list_directory,
                                               make_node,
                                               make_link,
                                               make_symlink,
                                               remove_node,
                                               rename_node,
                                               change_attributes,
                                               change_attributes,
                                               change_attributes,
                                               change_attributes,
                                               tell_file_system,
                                               enter_directory,
                                               synchronise,
                                               get_xattr,
                                               list_xattrs,
                                               set_xattr,
                                               remove_xattr,
                                               change_attributes_of_file,
                                               change_attributes_of_file,
                                               change_attributes_of_file,
                                               read_data,
                                               write_data,
                                               pin_file};
static_assert(kHandlers.size() == static_cast<std::size_t>(Operation::pin) + 1);

std::string path_in(const Host& host, const Letter& letter, std::size_t which) {
  const WirePath& path = letter.request.paths[which];
  const char* begin = letter.data.data() + (which == 0 ? 0 : letter.request.paths[0].length);
  const std::string_view given(begin, path.length);
  if (path.base == 0) {
    return std::string(given);
  }
  return host.path_now(given.substr(0, path.base), path.moment) +
         std::string(given.substr(path.base));
}

WireTime wire(vfs::Timestamp when) {
  return {.seconds = when.seconds, .nanoseconds = when.nanoseconds};
}

int number_of(const Error& error) {
  return error.code.category() == std::generic_category() ||
                 error.code.category() == std::system_category()
             ? error.code.value()
             : EIO;
}

}  // namespace

void Host::answer(const Letter& letter, Asker asker, Reply& reply) {
  reply.answer = {};
  reply.descriptor = -1;
  const auto operation = static_cast<std::size_t>(letter.request.operation);
  if (operation >= kHandlers.size()) {
    reply.answer.error = ENOSYS;
    return;
  }
  const Request& request = letter.request;
  const std::size_t paths = std::size_t{request.paths[0].length} + request.paths[1].length;
  Call call{.host = *this,
            .mounts = mounts(),
            .request = request,
            .asker = asker,
            .first = path_in(*this, letter, 0),
            .second = path_in(*this, letter, 1),
            .tail = {letter.data.data() + paths, request.tail},
            .file = letter.descriptor,
            .reply = reply};
  const auto done = kHandlers[operation](call);
  if (!done) {
    reply.answer.error = number_of(done.error());
    reply.answer.length = 0;
    if (reply.descriptor >= 0) {
      raw::close(reply.descriptor);
      reply.descriptor = -1;
    }
  }
  reply.answer.descriptor = reply.descriptor >= 0 ? 1 : 0;
}

Result<Spot> Call::find(const std::string& path, vfs::LastLink last_link) const {
  Spot spot = SEABAG_TRY(resolve(*mounts, path, last_link, asker));
  if (spot.kind == Spot::Kind::missing && spot.mount->options.view == View::overlay &&
      really_exists(spot.path)) {
    spot.kind = Spot::Kind::real;
    spot.path = path_of(spot);
  }
  return spot;
}

Result<Spot> Call::find_existing(const std::string& path, vfs::LastLink last_link) const {
  Spot spot = SEABAG_TRY(resolve(*mounts, path, last_link, asker));
  if (spot.kind == Spot::Kind::missing) {
    if (spot.mount->options.view == View::whole) {
      return make_error(std::errc::no_such_file_or_directory, "lookup");
    }
    spot.kind = Spot::Kind::real;
    spot.path = path_of(spot);
  }
  return spot;
}

Result<void> Call::answer(std::string_view bytes) const {
  if (bytes.size() > reply.data.size()) {
    return make_error(std::errc::result_out_of_range, "answer");
  }
  std::memcpy(reply.data.data(), bytes.data(), bytes.size());
  reply.answer.length = static_cast<std::uint32_t>(bytes.size());
  return {};
}

Result<void> Call::answer_at_length(std::string_view bytes) const {
  if (bytes.size() <= reply.data.size()) {
    return answer(bytes);
  }
  reply.descriptor = SEABAG_TRY(make_sealed_file(bytes, 0400)).release();
  reply.answer.status.size = bytes.size();
  return {};
}

Result<void> Call::answer_real(std::string_view path, std::string_view second_path) const {
  reply.answer.outcome = Outcome::real;
  std::string paths(path);
  paths += '\0';
  paths += second_path;
  paths += '\0';
  return answer(paths);
}

void Call::answer_status(const vfs::Attributes& attributes, std::uint64_t device) const {
  reply.answer.status = {.device = device,
                         .inode = attributes.inode,
                         .links = attributes.links,
                         .size = attributes.size,
                         .blocks = attributes.blocks,
                         .special = attributes.device,
                         .mode = attributes.mode | type_bits(attributes.type),
                         .uid = attributes.uid,
                         .gid = attributes.gid,
                         .block_size = attributes.block_size,
                         .accessed = wire(attributes.accessed),
                         .modified = wire(attributes.modified),
                         .changed = wire(attributes.changed),
                         .created = wire(attributes.created)};
}

bool really_exists(const std::string& path) {
  struct stat status {};
  return raw::status_at(path.c_str(), status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_real_directory(const std::string& path) {
  struct stat status {};
  return raw::status_at(path.c_str(), status, 0) == 0 && S_ISDIR(status.st_mode);
}

bool has_real_twin(const Spot& spot) {
  if (spot.kind == Spot::Kind::ancestor) {
    return is_real_directory(spot.path);
  }
  return spot.kind == Spot::Kind::node && spot.mount->options.view == View::overlay &&
         spot.attributes.type == vfs::FileType::directory && is_real_directory(spot.path);
}

std::string path_of(const Spot& spot) {
  return spot.has_trailing_slash ? spot.path + "/" : spot.path;
}

std::uint32_t type_bits(vfs::FileType type) {
  constexpr std::array<std::uint32_t, 7> kBits = {S_IFREG,  S_IFDIR, S_IFLNK, S_IFIFO,
                                                  S_IFSOCK, S_IFCHR, S_IFBLK};
  return kBits[static_cast<std::size_t>(type)];
}

vfs::Attributes synthetic_directory(const Spot& spot) {
  // A number of its own for each path, so that tree walks do not take two for one.
  std::uint64_t inode = 0xcbf29ce484222325;
  for (const char byte : spot.path) {
    inode = (inode ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return {.type = vfs::FileType::directory, .mode = 0555, .links = 2, .inode = inode};
}

}  // namespace seabag::intercept
