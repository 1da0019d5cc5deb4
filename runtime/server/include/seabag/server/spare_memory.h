#pragma once

namespace seabag::server {

/// Gives the system back memory that was freed and that malloc(3) keeps, if that is more than what
/// is in use and 4 MiB: after many connections at once a single block that lives on holds all that
/// lies below it. Takes microseconds when little is free, and otherwise some milliseconds for every
/// ten megabytes; does nothing where there is no /proc. Any thread.
void give_back_spare_memory();

}  // namespace seabag::server
