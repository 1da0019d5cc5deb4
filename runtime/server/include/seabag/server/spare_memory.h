#pragma once

namespace seabag::server {

/// Gives the system back memory that was freed and that malloc(3) keeps, if that is more than
/// 4 MiB: after many connections at once a single block that lives on holds all that lies below it.
/// Takes microseconds when there is nothing to give and some milliseconds otherwise; does nothing
/// where there is no /proc. Any thread.
void give_back_spare_memory();

}  // namespace seabag::server
