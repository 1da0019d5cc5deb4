#include "foreign_load.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "process.h"

namespace seabag::bench {
namespace {

/// The number behind `name` in what a program prints; negative when there is none.
double number_behind(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  return at == std::string_view::npos
             ? -1
             : std::atof(std::string(text.substr(at + name.size(), 32)).c_str());
}

/// As in `1.23MB (1234567) data`.
double content_bytes(std::string_view text) {
  const std::size_t end = text.find(") data");
  const std::size_t start = text.rfind('(', end);
  return end == std::string_view::npos || start == std::string_view::npos
             ? -1
             : number_behind(text.substr(start), "(");
}

LoadFigures run_h2load(const net::Address& address, const Case& one, int seconds) {
  std::string command = "h2load -t 1 -c " + std::to_string(one.connections());
  command += " -m " + std::to_string(one.depth) + " -D " + std::to_string(seconds);
  command += one.is_http2() ? "" : " --h1";
  command += " -H 'accept-encoding: gzip' ";
  command += one.is_secure() ? "https://" : "http://";
  const std::string text = output_of(command + address.text() + one.path + " 2>&1");
  const double good = number_behind(text, " done, ");
  const double failed = number_behind(text, "succeeded, ");
  const double content = content_bytes(text);
  LoadFigures figures{.seconds = static_cast<double>(seconds)};
  // Frames of answers that were not complete at the end count too.
  if (good <= 0 || failed != 0 || content < good * static_cast<double>(one.length)) {
    figures.error = "h2load: " + text;
    return figures;
  }
  figures.answers = static_cast<std::uint64_t>(good);
  return figures;
}

LoadFigures run_handshakes(const net::Address& address, const Case& one, int seconds) {
  const char* const kind = one.contact == Contact::resumed ? " -reuse" : " -new";
  const std::string text =
      output_of("openssl s_time -connect " + address.text() + " -www " + one.path + kind +
                " -time " + std::to_string(seconds) + " 2> /dev/null");
  const std::size_t real = text.find(" real seconds");
  const std::size_t line = text.rfind('\n', real);
  LoadFigures figures{.seconds = static_cast<double>(seconds)};
  if (real == std::string::npos || line == std::string::npos) {
    figures.error = "openssl s_time: " + text;
    return figures;
  }
  figures.answers = std::strtoull(text.c_str() + line + 1, nullptr, 10);
  if (figures.answers == 0) {
    figures.error = "openssl s_time: " + text;
  }
  return figures;
}

}  // namespace

bool can_load(const Case& one) {
  return !find_program(one.contact == Contact::kept ? "h2load" : "openssl").empty();
}

LoadFigures run_foreign_load(const net::Address& address, const Case& one, double seconds) {
  const auto whole = static_cast<int>(std::ceil(seconds));
  return one.contact == Contact::kept ? run_h2load(address, one, whole)
                                      : run_handshakes(address, one, whole);
}

}  // namespace seabag::bench
