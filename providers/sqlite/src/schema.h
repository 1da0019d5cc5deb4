#pragma once

#include <cstdint>

#include "connection.h"
#include "seabag/providers/sqlite.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// Makes the tables of an empty database, with its root directory.
[[nodiscard]] Result<void> create_schema(Connection& connection, const SqliteOptions& options);

/// Whether the database has no tables at all.
[[nodiscard]] Result<bool> is_blank(Connection& connection);

/// Whether an existing database is one of ours or AgentFS's, in the version we know; nothing is
/// changed. EINVAL for a database of something else, ENOTSUP for another version or encoding.
[[nodiscard]] Result<void> check_schema(Connection& connection);

/// Adds what we need beyond AgentFS's tables, where it is missing, brings an older schema to the
/// present one, and drops what belonged to nodes that are gone.
[[nodiscard]] Result<void> complete_schema(Connection& connection);

/// The part of `complete_schema` that leaves the contents of the tables alone.
[[nodiscard]] Result<void> complete_tables(Connection& connection);

/// Whether fs_inode has all the columns of AgentFS 0.4.
[[nodiscard]] Result<bool> has_present_columns(Connection& connection);

/// The chunk size that the database was made with; AgentFS's own when it does not say. EINVAL when
/// it makes no sense.
[[nodiscard]] Result<std::uint32_t> read_chunk_size(Connection& connection);

}  // namespace seabag::providers
