// The servers that are compared, each with its best settings for this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cases.h"
#include "seabag/net/address.h"
#include "site.h"

namespace seabag::bench {

class Process;

struct Contender {
  std::string name;
  std::vector<std::string> command;
  net::Address address;
};

/// Certificates and keys, made with openssl(1).
class Keys {
 public:
  /// Below `folder`.
  explicit Keys(std::string folder) : folder_(std::move(folder)) {}

  /// False when they cannot be made.
  [[nodiscard]] bool make() const;
  [[nodiscard]] std::string certificate(Key key) const;
  [[nodiscard]] std::string secret(Key key) const;

 private:
  std::string folder_;
};

/// What contenders are made of.
struct Ground {
  Site site;
  std::string folder;  ///< for files of theirs
  Keys keys;
};

/// Nothing when the program is not installed.
std::optional<Contender> make_nginx(const Ground& ground, const Case& one);
std::optional<Contender> make_h2o(const Ground& ground, const Case& one);

/// The bare loop, with answers as long as those of the case.
Contender make_floor(const std::string& program, const Case& one);

/// A packed app of the site, of one build or another.
Contender make_seabag(const std::string& name, const std::string& app, const Ground& ground,
                      const Case& one);

/// Somebody's handler: the port is added to the words of `command`.
Contender make_handler(const std::string& name, const std::string& command);

/// Waits until the server answers; the head of what it says to the request of the case.
std::string wait_for(const Process& process, const Contender& contender, const Case& one);

}  // namespace seabag::bench
