// One request by hand, for what the load has to know before it begins.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seabag/net/address.h"

namespace seabag::bench {

/// The head of a server's answer to one request in clear HTTP/1.1; empty when there is none.
std::string ask(const net::Address& address, std::string_view request);

/// The value of a field in a head; its name in lower case.
std::optional<std::string> field(std::string_view head, std::string_view name);

}  // namespace seabag::bench
