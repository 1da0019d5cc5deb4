#pragma once

#include "identity.h"
#include "seabag/vfs/result.h"

namespace seabag::tls {

/// A new P-256 key and a certificate for `localhost`, `127.0.0.1` and `::1` that nobody vouches
/// for, valid for 30 days. Errors: ENOMEM.
[[nodiscard]] Result<Identity> make_self_signed_identity();

}  // namespace seabag::tls
