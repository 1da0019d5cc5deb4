#include "connection.h"

#include <array>
#include <string_view>

#include "posix_storage.h"

namespace seabag::providers {
namespace {

/// A row of one file is at most this large, whatever somebody put into the database.
constexpr int kLargestValue = 32 << 20;

constexpr std::string_view kMagic("SQLite format 3\0", 16);

int wait_when_busy(void* /*unused*/, int round) { return wait_for_turn(round) ? 1 : 0; }

std::errc condition_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return std::errc::no_space_on_device;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return std::errc::device_or_resource_busy;
    case SQLITE_READONLY:
      return std::errc::read_only_file_system;
    case SQLITE_NOMEM:
      return std::errc::not_enough_memory;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return std::errc::permission_denied;
    case SQLITE_NOTADB:
      return std::errc::invalid_argument;
    default:
      return std::errc::io_error;
  }
}

}  // namespace

Error sqlite_error(sqlite3* database, int code, const char* operation) {
  if ((code & 0xFF) == SQLITE_CANTOPEN && sqlite3_system_errno(database) != 0) {
    return errno_error(sqlite3_system_errno(database), operation);
  }
  // The connection knows more words, but only about what failed last.
  const bool is_last = sqlite3_extended_errcode(database) == code;
  return make_error(
      condition_of(code), operation, {},
      std::string("database: ") + (is_last ? sqlite3_errmsg(database) : sqlite3_errstr(code)));
}

Cursor::Cursor(sqlite3* database, Prepared prepared, const char* operation)
    : database_(database),
      statement_(prepared.statement),
      operation_(operation),
      failure_(prepared.code) {
  if (statement_ == nullptr && failure_ == SQLITE_OK) {
    failure_ = SQLITE_ERROR;  // SQL without a statement in it
  }
}

Cursor::~Cursor() {
  if (statement_ != nullptr) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
}

Cursor& Cursor::bind(std::int64_t value) {
  if (failure_ == SQLITE_OK) {
    failure_ = sqlite3_bind_int64(statement_, ++bound_, value);
  }
  return *this;
}

Cursor& Cursor::bind_text(std::string_view text) {
  const char* bytes = text.empty() ? "" : text.data();  // a null pointer would bind NULL
  if (failure_ == SQLITE_OK) {
    failure_ =
        sqlite3_bind_text64(statement_, ++bound_, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return *this;
}

Cursor& Cursor::bind_blob(std::span<const std::byte> bytes) {
  const void* start = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  if (failure_ == SQLITE_OK) {
    failure_ = sqlite3_bind_blob64(statement_, ++bound_, start, bytes.size(), SQLITE_STATIC);
  }
  return *this;
}

Result<bool> Cursor::next() {
  if (failure_ != SQLITE_OK) {
    return sqlite_error(database_, failure_, operation_);
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    return code == SQLITE_ROW;
  }
  return sqlite_error(database_, code, operation_);
}

Result<void> Cursor::first() {
  return SEABAG_TRY(next()) ? Result<void>() : make_error(std::errc::io_error, operation_);
}

Result<void> Cursor::run() {
  while (SEABAG_TRY(next())) {
  }
  return {};
}

std::int64_t Cursor::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Cursor::text(int column) const {
  // The pointer first, here and below: asking for it may convert the value and change its length.
  const auto* text =
      static_cast<const char*>(static_cast<const void*>(sqlite3_column_text(statement_, column)));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return text == nullptr ? std::string_view() : std::string_view(text, size);
}

std::span<const std::byte> Cursor::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {bytes, bytes == nullptr ? 0 : size};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (handle == nullptr) {
    return make_error(std::errc::not_enough_memory, "open");
  }
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) {
    return sqlite_error(handle, code, "open");
  }
  sqlite3_extended_result_codes(handle, 1);
  // The database may come from anywhere: nothing in its schema may run or reach out.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLargestValue);
  sqlite3_busy_handler(handle, wait_when_busy, nullptr);
  return connection;
}

bool Connection::looks_like_database() const {
  sqlite3_file* file = nullptr;
  const int code =
      sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (code != SQLITE_OK || file == nullptr || file->pMethods == nullptr) {
    return false;
  }
  std::array<char, kMagic.size()> start{};
  return file->pMethods->xRead(file, start.data(), kMagic.size(), 0) == SQLITE_OK &&
         std::string_view(start.data(), start.size()) == kMagic;
}

Connection::~Connection() {
  for (sqlite3_stmt* statement : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close_v2(handle_);
}

Cursor Connection::use(Query query) {
  sqlite3_stmt*& statement = statements_[static_cast<std::size_t>(query)];
  int code = SQLITE_OK;
  if (statement == nullptr) {
    code = sqlite3_prepare_v3(handle_, text_of(query), -1, SQLITE_PREPARE_PERSISTENT, &statement,
                              nullptr);
  }
  return {handle_, {statement, code}, operation_};
}

Result<void> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return sqlite_error(handle_, code, operation_);
  }
  return {};
}

Connection::Owned Connection::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
  return {{statement, sqlite3_finalize}, code};
}

Result<std::string> Connection::ask(const std::string& sql) {
  const Owned statement = prepare(sql);
  Cursor cursor(handle_, {statement.statement.get(), statement.code}, operation_);
  if (!SEABAG_TRY(cursor.next())) {
    return std::string();
  }
  return std::string(cursor.text(0));
}

Transaction::~Transaction() {
  // SQLite has rolled back by itself after some errors, a full disk among them.
  if (connection_.is_in_transaction()) {
    (void)connection_.use(Query::rollback).run();  // the error that led here is the one to tell
  }
}

}  // namespace seabag::providers
