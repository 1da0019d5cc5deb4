#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "seabag/providers/sqlite.h"
#include "support/catch.h"

/// A database seen with SQLite alone, past the file system: what is really in it, and what somebody
/// else may have put there.
namespace seabag::testing {

class RawDatabase {
 public:
  explicit RawDatabase(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
  }
  ~RawDatabase() { sqlite3_close(handle_); }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  void execute(const std::string& sql) {
    INFO(sql);
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    INFO(sqlite3_errmsg(handle_));
    REQUIRE(code == SQLITE_OK);
  }

  /// All rows, columns parted by `|` and rows by newlines.
  std::string ask(const std::string& sql) {
    INFO(sql);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string answer;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      answer += answer.empty() ? "" : "\n";
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const void* text = sqlite3_column_blob(statement, column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        answer += column == 0 ? "" : "|";
        answer += size == 0 ? "" : std::string(static_cast<const char*>(text), size);
      }
    }
    sqlite3_finalize(statement);
    return answer;
  }

 private:
  sqlite3* handle_ = nullptr;
};

/// Opens a file system; fails the test when that fails.
inline std::unique_ptr<vfs::WritableFileSystem> open_database(
    const std::string& path, const providers::SqliteOptions& options = {}) {
  auto opened = providers::open_sqlite_file_system(path, options);
  INFO((opened ? std::string() : opened.error().message()));
  REQUIRE(opened);
  return std::move(opened).take();
}

/// Why a file system could not be opened: the whole line.
inline std::string refusal(const std::string& path, const providers::SqliteOptions& options = {}) {
  const auto opened = providers::open_sqlite_file_system(path, options);
  return opened ? "opened" : opened.error().message();
}

}  // namespace seabag::testing
