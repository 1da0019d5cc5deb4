#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "queries.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// One use of a prepared statement: bind values in order, step, read columns. The statement is free
/// again at the end of scope; a query must not be used inside itself.
class Cursor {
 public:
  /// What preparing a statement came to: the statement, or null and the reason.
  struct Prepared {
    sqlite3_stmt* statement;  ///< owned by somebody else
    int code;
  };

  /// A statement that could not be prepared shows that at the first step.
  Cursor(sqlite3* database, Prepared prepared, const char* operation);
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// What is bound must live until the last step; a failure to bind shows at the first.
  Cursor& bind(std::int64_t value);
  Cursor& bind_text(std::string_view text);
  Cursor& bind_blob(std::span<const std::byte> bytes);

  /// Whether there is a row (more).
  [[nodiscard]] Result<bool> next();
  /// Comes to the row of a statement that always gives one.
  [[nodiscard]] Result<void> first();
  /// Runs a statement that gives no rows.
  [[nodiscard]] Result<void> run();

  /// Columns of the row that `next` came to; views last until the next step.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;

 private:
  sqlite3* database_;        ///< owned by the connection
  sqlite3_stmt* statement_;  ///< owned by the connection; may be null
  const char* operation_;
  int bound_ = 0;
  int failure_;
};

/// An open database with its prepared statements. One thread at a time.
class Connection {
 public:
  /// Opens a file that exists or is made; nothing is read yet. ENOENT, EACCES, EISDIR, ...
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path, int flags);

  /// Whether the file starts as a database does; read past SQLite's own checks, which begin with
  /// recovery.
  [[nodiscard]] bool looks_like_database() const;

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// What errors say that we were doing, from here on; a string literal.
  void set_operation(const char* operation) { operation_ = operation; }
  [[nodiscard]] const char* operation() const { return operation_; }

  [[nodiscard]] Cursor use(Query query);
  /// A statement that is needed once.
  [[nodiscard]] Result<void> execute(const std::string& sql);
  /// The first column of the first row of a statement that is needed once; empty without rows.
  [[nodiscard]] Result<std::string> ask(const std::string& sql);
  /// Lets `use(Cursor&)` bind and run a statement that is needed in one place only.
  template <typename Use>
  [[nodiscard]] Result<void> with(const std::string& sql, Use use) {
    const Owned statement = prepare(sql);
    Cursor cursor(handle_, {statement.statement.get(), statement.code}, operation_);
    return use(cursor);
  }
  /// Calls `visit(const Cursor&)` for each row of a statement that is needed once.
  template <typename Visit>
  [[nodiscard]] Result<void> for_each(const std::string& sql, Visit visit) {
    const Owned statement = prepare(sql);
    Cursor cursor(handle_, {statement.statement.get(), statement.code}, operation_);
    while (SEABAG_TRY(cursor.next())) {
      visit(cursor);
    }
    return {};
  }

  [[nodiscard]] std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_); }
  /// Makes `last_row` 0 until something is inserted; an upsert that finds a row inserts nothing.
  void forget_last_row() { sqlite3_set_last_insert_rowid(handle_, 0); }
  /// Rows that the last statement changed.
  [[nodiscard]] int changes() const { return sqlite3_changes(handle_); }
  [[nodiscard]] bool is_in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  struct Owned {
    std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement;
    int code;
  };

  explicit Connection(sqlite3* handle) : handle_(handle) {}
  [[nodiscard]] Owned prepare(const std::string& sql);

  sqlite3* handle_;
  const char* operation_ = "open";
  std::array<sqlite3_stmt*, kQueryCount> statements_{};
};

/// The error that a failed call of SQLite means.
[[nodiscard]] Error sqlite_error(sqlite3* database, int code, const char* operation);

/// A change of the database by whoever has the connection alone, wholly or not at all: rolled back
/// at the end of scope unless it was committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Result<void> begin() { return connection_.use(Query::begin).run(); }
  [[nodiscard]] Result<void> commit() { return connection_.use(Query::commit).run(); }

 private:
  Connection& connection_;
};

}  // namespace seabag::providers
