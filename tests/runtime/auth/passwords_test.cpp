#include "seabag/auth/passwords.h"

#include <string>

#include "support/catch.h"

namespace seabag::auth {
namespace {

// `openssl passwd -6 -salt abcdefgh secret`, and the same with other methods, cheap ones where
// there is a choice.
constexpr const char* kSha512 =
    "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/"
    "O6IND4WQhG.";

std::string fault(const std::string& text) {
  const auto passwords = Passwords::parse(text, "users");
  REQUIRE_FALSE(passwords);
  return passwords.error().path + " " + passwords.error().detail;
}

TEST_CASE("a user has one password", "[auth]") {
  const auto passwords =
      Passwords::parse(std::string("# us\n\n ann:") + kSha512 + " \r\nbob:" + kSha512, "users");
  REQUIRE(passwords);
  CHECK_FALSE(passwords->is_empty());
  CHECK(passwords->verify("ann", "secret"));
  CHECK(passwords->verify("bob", "secret"));
  CHECK_FALSE(passwords->verify("ann", "Secret"));
  CHECK_FALSE(passwords->verify("ann", ""));
  CHECK_FALSE(passwords->verify("ann", std::string("secret\0x", 8)));
  CHECK_FALSE(passwords->verify("ann", std::string(512, 'x')));
  CHECK_FALSE(passwords->verify("eve", "secret"));
  CHECK_FALSE(passwords->verify("", "secret"));
  CHECK_FALSE(passwords->verify("# us", ""));
}

TEST_CASE("no users have no passwords", "[auth]") {
  const auto passwords = Passwords::parse("", "users");
  REQUIRE(passwords);
  CHECK(passwords->is_empty());
  CHECK_FALSE(passwords->verify("ann", "secret"));
}

TEST_CASE("what is no good hash is refused with its line", "[auth]") {
  CHECK(fault("ann") == "users:1 a user is written NAME:HASH");
  CHECK(fault("#\n:x") == "users:2 a user is written NAME:HASH");
  for (const char* hash : {"", "secret", "$apr1$ab$cd", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
                           "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "ab1BQQ0wpYzE6", "*", "!"}) {
    CAPTURE(hash);
    const std::string told = fault(std::string("ann:") + hash + "\n");
    CHECK(told.starts_with("users:1 the hash of 'ann' is unknown or weak; make one with"));
  }
  CHECK(fault(std::string("a:") + kSha512 + "\na:" + kSha512) == "users:2 the user 'a' repeats");
}

}  // namespace
}  // namespace seabag::auth
