#include "seabag/console/version.h"

namespace seabag::console {

std::string_view version() { return SEABAG_VERSION; }

}  // namespace seabag::console
