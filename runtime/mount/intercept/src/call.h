#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "host.h"
#include "protocol.h"
#include "resolver.h"

namespace seabag::intercept {

/// One request while it is being answered. The answer counts only without an error.
struct Call {
  Host& host;
  std::shared_ptr<const MountPoints> mounts;
  const Request& request;
  Asker asker;
  std::string first;  ///< the paths, with renames since then applied
  std::string second;
  std::string_view tail;  ///< of the letter
  int file;               ///< that came along, or -1; the caller's
  Reply& reply;

  [[nodiscard]] vfs::LastLink last_link() const {
    return (request.flags & kFollow) != 0 ? vfs::LastLink::follow : vfs::LastLink::keep;
  }
  /// Resolves a path; a name that is missing on an overlay and really exists is `real`.
  [[nodiscard]] Result<Spot> find(const std::string& path, vfs::LastLink last_link) const;
  /// The same for something that must exist: `missing` on an overlay is `real`, else ENOENT.
  [[nodiscard]] Result<Spot> find_existing(const std::string& path, vfs::LastLink last_link) const;

  /// Answers with these bytes. ERANGE when they do not fit.
  Result<void> answer(std::string_view bytes) const;
  /// The same in a file where they do not fit.
  Result<void> answer_at_length(std::string_view bytes) const;
  Result<void> answer_real(std::string_view path, std::string_view second_path = {}) const;
  void answer_status(const vfs::Attributes& attributes, std::uint64_t device) const;
};

/// Whether the real file system has something there, the link itself for a symlink.
[[nodiscard]] bool really_exists(const std::string& path);
[[nodiscard]] bool is_real_directory(const std::string& path);
/// Whether a directory has a real one in its place, which programs are to work in.
[[nodiscard]] bool has_real_twin(const Spot& spot);
/// The path for the namespace, a trailing slash kept.
[[nodiscard]] std::string path_of(const Spot& spot);
[[nodiscard]] std::uint32_t type_bits(vfs::FileType type);
/// What a directory above a mount says of itself where it does not really exist.
[[nodiscard]] vfs::Attributes synthetic_directory(const Spot& spot);

// What each operation does; calls.cpp has the table.
[[nodiscard]] Result<void> say_hello(Call& call);
[[nodiscard]] Result<void> open_path(Call& call);
[[nodiscard]] Result<void> list_directory(Call& call);
[[nodiscard]] Result<void> tell_status(Call& call);
[[nodiscard]] Result<void> tell_status_of_file(Call& call);
[[nodiscard]] Result<void> check_access(Call& call);
[[nodiscard]] Result<void> read_link(Call& call);
[[nodiscard]] Result<void> find_real_path(Call& call);
[[nodiscard]] Result<void> enter_directory(Call& call);
[[nodiscard]] Result<void> tell_file_system(Call& call);
[[nodiscard]] Result<void> synchronise(Call& call);
[[nodiscard]] Result<void> make_node(Call& call);
[[nodiscard]] Result<void> make_link(Call& call);
[[nodiscard]] Result<void> make_symlink(Call& call);
[[nodiscard]] Result<void> remove_node(Call& call);
[[nodiscard]] Result<void> rename_node(Call& call);
[[nodiscard]] Result<void> change_attributes(Call& call);
[[nodiscard]] Result<void> change_attributes_of_file(Call& call);
[[nodiscard]] Result<void> get_xattr(Call& call);
[[nodiscard]] Result<void> list_xattrs(Call& call);
[[nodiscard]] Result<void> set_xattr(Call& call);
[[nodiscard]] Result<void> remove_xattr(Call& call);
[[nodiscard]] Result<void> read_data(Call& call);
[[nodiscard]] Result<void> write_data(Call& call);
[[nodiscard]] Result<void> pin_file(Call& call);

}  // namespace seabag::intercept
