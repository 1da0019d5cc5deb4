#pragma once

#include "seabag/app/app.h"

namespace seabag::state {

/// Gives an app the flag `--state FILE`: changes of `app.files()` go into a SQLite database over
/// the bundle, which is made if it is missing. Files that were changed are served as they are now,
/// all others straight from the bundle; `--bundle-mount` mounts all of it, to be written. To be
/// called before `run`.
///
///   seabag::app::App app;
///   seabag::state::enable(app);
///
/// An update of the app keeps the changes: whoever changed a file sees that, whatever the new
/// bundle has there. One process at a time has the database. In a library of its own because SQLite
/// adds 2.2 MB to a static executable. `run` reports, in one line: what opening says (see
/// providers::open_sqlite_upper).
void enable(app::App& app);

}  // namespace seabag::state
