#pragma once

#include <string>
#include <string_view>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"
#include "seabag/inspect/extract.h"

namespace seabag::inspect {

/// What a bundle is and holds, a line a fact, for a person.
[[nodiscard]] std::string describe(const bundle::BundleInfo& info);

/// A bundle's root hash in hexadecimal: who has the same has the same bundle.
[[nodiscard]] std::string format_root_hash(const bundle::BundleInfo& info);

/// The one line about a bundle that was found intact, without a line end.
[[nodiscard]] std::string describe(const bundle::VerifyReport& report);

/// The one line about what was extracted, without a line end.
[[nodiscard]] std::string describe(const ExtractReport& report);

}  // namespace seabag::inspect
