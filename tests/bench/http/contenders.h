// The servers that are compared, each with its best settings for this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seabag/net/address.h"
#include "site.h"

namespace seabag::bench {

struct Contender {
  std::string name;
  std::vector<std::string> command;
  net::Address address;
};

/// What is spoken, always in clear text.
enum class Wire : std::uint8_t { http1, http2 };

/// What one case asks for.
struct Case {
  std::string name;
  std::string request;       ///< for HTTP/2 the path
  std::uint64_t length = 0;  ///< of the content of each answer
  unsigned depth = 1;
  Wire wire = Wire::http1;
};

/// Files go below `folder`; nothing when the program is not installed.
std::optional<Contender> make_nginx(const Site& site, const std::string& folder, Wire wire);
std::optional<Contender> make_h2o(const Site& site, const std::string& folder);

/// The bare loop, with answers as long as those of the case.
Contender make_floor(const std::string& program, const Case& one);

/// Seabag's server: a packed app, or a program that takes `--listen` and these further arguments.
Contender make_seabag(const std::string& program, std::vector<std::string> further);

}  // namespace seabag::bench
