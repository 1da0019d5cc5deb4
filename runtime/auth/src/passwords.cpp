#include "seabag/auth/passwords.h"

#include <crypt.h>
#include <sodium.h>

#include <memory>

namespace seabag::auth {
namespace {

constexpr const char* kRemedy = "; make one with `openssl passwd -6` or `htpasswd -nB NAME`";
/// A hash that nobody's password has, as slow as the usual ones.
constexpr const char* kNobody = "$6$rounds=5000$seabagnobody$";

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Error fault(std::string_view file, std::size_t line, std::string detail) {
  return make_error(std::errc::invalid_argument, "passwords",
                    std::string(file) + ":" + std::to_string(line), std::move(detail));
}

/// crypt(3) with space of its own; empty when it refuses.
std::string hash_of(const std::string& password, const std::string& setting) {
  const auto space = std::make_unique<crypt_data>();
  const char* const hash = crypt_r(password.c_str(), setting.c_str(), space.get());
  std::string result(hash == nullptr || *hash == '*' ? "" : hash);
  sodium_memzero(space.get(), sizeof *space);
  return result;
}

}  // namespace

Result<Passwords> Passwords::parse(std::string_view text, std::string_view file) {
  Passwords passwords;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) {
      return fault(file, number, "a user is written NAME:HASH");
    }
    const std::string name(line.substr(0, colon));
    const std::string hash(line.substr(colon + 1));
    const bool is_good =
        hash.find('\0') == std::string::npos && crypt_checksalt(hash.c_str()) == CRYPT_SALT_OK;
    if (!is_good) {
      return fault(file, number, "the hash of '" + name + "' is unknown or weak" + kRemedy);
    }
    if (!passwords.users_.emplace(name, hash).second) {
      return fault(file, number, "the user '" + name + "' repeats");
    }
  }
  return passwords;
}

bool Passwords::verify(std::string_view name, const std::string& password) const {
  if (password.find('\0') != std::string::npos || password.size() >= CRYPT_MAX_PASSPHRASE_SIZE) {
    return false;
  }
  const auto user = users_.find(name);
  const bool is_known = user != users_.end();
  // Somebody's hash, so that the time does not tell who exists.
  const std::string wanted =
      is_known ? user->second : (users_.empty() ? kNobody : users_.begin()->second);
  const std::string made = hash_of(password, wanted);
  return is_known && made.size() == wanted.size() &&
         sodium_memcmp(made.data(), wanted.data(), made.size()) == 0;
}

}  // namespace seabag::auth
