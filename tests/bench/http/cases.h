// What is measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "site.h"

namespace seabag::bench {

/// What is spoken.
enum class Wire : std::uint8_t { http1, http2, https1, https2 };

/// How the clients connect.
enum class Contact : std::uint8_t {
  kept,     ///< once, many requests on each connection
  anew,     ///< for every request; over TLS with a full handshake
  resumed,  ///< the same, with the session of an earlier one
};

/// The certificate of a server that speaks TLS.
enum class Key : std::uint8_t { p256, rsa2048 };

/// What is served: files, or JSON that is made for each request.
enum class Work : std::uint8_t { files, json };

/// What one case asks for.
struct Case {
  std::string name;
  std::string path;    ///< of the first file
  unsigned files = 1;  ///< that are asked for in turn, all as long
  std::string method = "GET";
  unsigned status = 200;     ///< 304: asked with the ETag that the server gave before
  std::uint64_t length = 0;  ///< of the content of each answer; JSON: as the first server makes it
  unsigned depth = 1;        ///< requests under way on each connection
  Wire wire = Wire::http1;
  Contact contact = Contact::kept;
  Key key = Key::p256;
  Work work = Work::files;

  [[nodiscard]] bool is_secure() const { return wire == Wire::https1 || wire == Wire::https2; }
  [[nodiscard]] bool is_http2() const { return wire == Wire::http2 || wire == Wire::https2; }
  [[nodiscard]] unsigned connections() const;
  /// A request in HTTP/1.1 for one of the files, with further header fields.
  [[nodiscard]] std::string request(const std::string& fields = "", unsigned file = 0) const;
  /// One for each file.
  [[nodiscard]] std::vector<std::string> requests(const std::string& fields = "") const;
};

/// All of them, in the order in which they are measured.
std::vector<Case> make_cases(const Site& site);

}  // namespace seabag::bench
