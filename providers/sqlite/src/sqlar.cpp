#include "seabag/providers/sqlar.h"

#include <sys/stat.h>
#include <zlib.h>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connection.h"
#include "posix_storage.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {
namespace {

using vfs::FileType;

/// What SQLite can hold in a row.
constexpr int kLargestFile = 1'000'000'000;
/// Deflate makes nothing smaller than by this; whoever promises more is not believed.
constexpr std::uint64_t kStrongestDeflate = 1032;
constexpr const char* kTable =
    "CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB)";
constexpr const char* kInsert =
    "INSERT INTO sqlar (name, mode, mtime, sz, data) VALUES (?, ?, ?, ?, ?)";

Bytef* zlib_bytes(std::byte* bytes) { return static_cast<Bytef*>(static_cast<void*>(bytes)); }
const Bytef* zlib_bytes(const std::byte* bytes) {
  return static_cast<const Bytef*>(static_cast<const void*>(bytes));
}

/// Deflated bytes, or none when that is no gain.
std::optional<std::vector<std::byte>> deflated(const std::vector<std::byte>& bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::vector<std::byte> result(size);
  if (bytes.empty() || ::compress(zlib_bytes(result.data()), &size, zlib_bytes(bytes.data()),
                                  bytes.size()) != Z_OK) {
    return std::nullopt;
  }
  result.resize(size);
  return size < bytes.size() ? std::optional(std::move(result)) : std::nullopt;
}

class Exporter {
 public:
  Exporter(vfs::FileSystem& from, Connection& archive) : from_(from), archive_(archive) {}

  Result<SqlarReport> run() {
    struct Pending {
      vfs::NodeId node;
      std::string prefix;
    };
    std::vector<Pending> pending{{vfs::kRootNode, ""}};
    while (!pending.empty()) {
      const Pending directory = std::move(pending.back());
      pending.pop_back();
      std::uint64_t cookie = 0;
      for (auto rows = SEABAG_TRY(from_.list(directory.node, cookie, kBatch)); !rows.empty();
           rows = SEABAG_TRY(from_.list(directory.node, cookie, kBatch))) {
        for (const vfs::DirectoryEntry& entry : rows) {
          const std::string path = directory.prefix + entry.name;
          auto added = add(path, SEABAG_TRY(from_.lookup(directory.node, entry.name)));
          if (!added) {
            return with_path(std::move(added).error(), "/" + path);
          }
          if (entry.type == FileType::directory) {
            pending.push_back({entry.node, path + "/"});
          }
        }
        cookie = rows.back().cookie;
      }
    }
    return report_;
  }

 private:
  static constexpr std::size_t kBatch = 256;

  Result<void> add(const std::string& path, const vfs::Attributes& attributes) {
    switch (attributes.type) {
      case FileType::directory:
        ++report_.directories;
        return insert(path, attributes, S_IFDIR, 0, {});
      case FileType::symlink: {
        ++report_.symlinks;
        const std::string target = SEABAG_TRY(from_.read_link(attributes.node));
        return insert(path, attributes, S_IFLNK, -1, std::as_bytes(std::span(target)));
      }
      case FileType::regular:
        return add_file(path, attributes);
      default:
        return make_error(std::errc::not_supported, "export", {},
                          "a SQLite archive holds files, directories and symlinks only");
    }
  }

  Result<void> add_file(const std::string& path, const vfs::Attributes& attributes) {
    if (attributes.size > kLargestFile) {
      return make_error(std::errc::file_too_large, "export", {},
                        "a SQLite archive holds files of up to 1 GB");
    }
    std::vector<std::byte> bytes(attributes.size);
    bytes.resize(SEABAG_TRY(SEABAG_TRY(from_.open(attributes.node))->read_at(bytes, 0)));
    ++report_.files;
    report_.bytes += bytes.size();
    const auto smaller = deflated(bytes);
    return insert(path, attributes, S_IFREG, static_cast<std::int64_t>(bytes.size()),
                  smaller ? *smaller : bytes);
  }

  Result<void> insert(const std::string& path, const vfs::Attributes& attributes,
                      std::uint32_t type, std::int64_t size, std::span<const std::byte> data) {
    return archive_.with(kInsert, [&](Cursor& row) -> Result<void> {
      row.bind_text(path).bind(type | attributes.mode).bind(attributes.modified.seconds).bind(size);
      // Directories have NULL.
      return (type == S_IFDIR   ? row
              : type == S_IFLNK ? row.bind_text(text_of(data))
                                : row.bind_blob(data))
          .run();
    });
  }

  static std::string_view text_of(std::span<const std::byte> bytes) {
    return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
  }

  vfs::FileSystem& from_;
  Connection& archive_;
  SqlarReport report_;
};

class Importer {
 public:
  explicit Importer(vfs::WritableFileSystem& into) : into_(into) {}

  /// A row: name, mode, mtime, sz, data.
  Result<void> add(const Cursor& row) {
    std::string_view path = row.text(0);
    while (path.starts_with('/')) {
      path.remove_prefix(1);
    }
    while (path.ends_with('/')) {
      path.remove_suffix(1);
    }
    auto added = path.empty() || path == "." ? Result<void>() : add_path(path, row);
    return added ? std::move(added) : with_path(std::move(added).error(), row.text(0));
  }

  [[nodiscard]] const SqlarReport& report() const { return report_; }

 private:
  Result<void> add_path(std::string_view path, const Cursor& row) {
    vfs::NodeId parent = vfs::kRootNode;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/')) {
      parent = SEABAG_TRY(directory(parent, path.substr(0, slash), kNewDirectory));
      path.remove_prefix(slash + 1);
    }
    const auto mode = static_cast<std::uint32_t>(row.integer(1));
    const std::int64_t size = row.integer(3);
    if (size < 0 || S_ISLNK(mode)) {
      ++report_.symlinks;
      const auto made = into_.create(
          parent, path, {.type = FileType::symlink, .mode = 0777, .target = row.text(4)});
      return made ? Result<void>() : made.error();
    }
    vfs::NodeId node{};
    if (S_ISDIR(mode)) {
      ++report_.directories;
      node = SEABAG_TRY(directory(parent, path, mode & vfs::kModeBits));
    } else {
      node = SEABAG_TRY(add_file(parent, path, row));
    }
    const auto set =
        into_.set_attributes(node, {.mode = mode & vfs::kModeBits,
                                    .modified = vfs::NewTime{vfs::Timestamp{row.integer(2), 0}}});
    return set ? Result<void>() : set.error();
  }

  Result<vfs::NodeId> directory(vfs::NodeId parent, std::string_view name, std::uint32_t mode) {
    const auto made = into_.create(parent, name, {.type = FileType::directory, .mode = mode});
    if (made) {
      return made->node;
    }
    if (!made.error().is(std::errc::file_exists)) {
      return made.error();
    }
    const auto found = SEABAG_TRY(into_.lookup(parent, name));
    if (found.type != FileType::directory) {
      return make_error(std::errc::not_a_directory, "import");
    }
    return found.node;
  }

  Result<vfs::NodeId> add_file(vfs::NodeId parent, std::string_view name, const Cursor& row) {
    const std::span<const std::byte> data = row.blob(4);
    const auto size = static_cast<std::uint64_t>(row.integer(3));
    std::vector<std::byte> inflated;
    if (size != data.size()) {
      inflated = SEABAG_TRY(inflate(data, size));
    }
    const auto node = SEABAG_TRY(into_.create(parent, name, {.mode = 0600})).node;
    const auto file = SEABAG_TRY(into_.open_writable(node));
    if (SEABAG_TRY(file->append(size == data.size() ? data : inflated)) != size) {
      return make_error(std::errc::no_space_on_device, "import");
    }
    ++report_.files;
    report_.bytes += size;
    return node;
  }

  static Result<std::vector<std::byte>> inflate(std::span<const std::byte> data,
                                                std::uint64_t size) {
    if (size / kStrongestDeflate > data.size() || size > kLargestFile) {
      return make_error(std::errc::io_error, "import", {}, "the size in the archive is not true");
    }
    std::vector<std::byte> bytes(size);
    uLongf count = bytes.size();
    if (::uncompress(zlib_bytes(bytes.data()), &count, zlib_bytes(data.data()), data.size()) !=
            Z_OK ||
        count != size) {
      return make_error(std::errc::io_error, "import", {}, "the content does not decompress");
    }
    return bytes;
  }

  static constexpr std::uint32_t kNewDirectory = 0755;

  vfs::WritableFileSystem& into_;
  SqlarReport report_;
};

Result<SqlarReport> write_archive(vfs::FileSystem& from, const std::string& path) {
  const auto archive =
      SEABAG_TRY(Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  sqlite3_limit(archive->handle(), SQLITE_LIMIT_LENGTH, kLargestFile);
  archive->set_operation("export");
  SEABAG_TRY(archive->execute("PRAGMA page_size = 8192"));
  Transaction transaction(*archive);
  SEABAG_TRY(transaction.begin());
  SEABAG_TRY(archive->execute(kTable));
  const SqlarReport report = SEABAG_TRY(Exporter(from, *archive).run());
  SEABAG_TRY(transaction.commit());
  return report;
}

Result<SqlarReport> read_archive(const std::string& path, vfs::WritableFileSystem& into) {
  if (SEABAG_TRY(inspect_storage(path)) != StorageKind::file) {
    return make_error(std::errc::no_such_file_or_directory, "import");
  }
  const auto archive = SEABAG_TRY(Connection::open(path, SQLITE_OPEN_READONLY));
  sqlite3_limit(archive->handle(), SQLITE_LIMIT_LENGTH, kLargestFile);
  archive->set_operation("import");
  if (!archive->looks_like_database() ||
      SEABAG_TRY(archive->ask("SELECT type FROM sqlite_master WHERE name = 'sqlar'")) != "table") {
    return make_error(std::errc::invalid_argument, "import", {}, "not a SQLite archive");
  }
  Importer importer(into);
  Result<void> done;
  // Sorted, directories come before what is in them.
  SEABAG_TRY(archive->for_each("SELECT name, mode, mtime, sz, data FROM sqlar ORDER BY name",
                               [&](const Cursor& row) {
                                 if (done) {
                                   done = importer.add(row);
                                 }
                               }));
  SEABAG_TRY(std::move(done));
  SEABAG_TRY(into.sync());
  return importer.report();
}

}  // namespace

Result<SqlarReport> export_sqlar(vfs::FileSystem& from, const std::string& path) {
  const auto kind = inspect_storage(path);
  if (!kind || *kind != StorageKind::missing) {
    return kind ? make_error(std::errc::file_exists, "export", path)
                : with_path(kind.error(), path);
  }
  auto report = write_archive(from, path);
  if (!report) {
    std::remove(path.c_str());
    return with_path(std::move(report).error(), path);
  }
  return report;
}

Result<SqlarReport> import_sqlar(const std::string& path, vfs::WritableFileSystem& into) {
  auto report = read_archive(path, into);
  return report ? std::move(report) : with_path(std::move(report).error(), path);
}

}  // namespace seabag::providers
