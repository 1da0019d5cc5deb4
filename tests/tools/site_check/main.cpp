// site-check DIRECTORY ADDRESS: asks a running server for every file of a directory in every
// encoding and compares; asks for names that do not exist. The exit code is 0 when all is well.
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <string_view>

#include "checker.h"

namespace {

using seabag::site_check::Checker;
using seabag::site_check::Counts;
using seabag::site_check::HttpClient;

seabag::Result<Counts> check(std::string directory, std::string_view address) {
  constexpr std::string_view kScheme = "http://";
  if (address.starts_with(kScheme)) {
    address.remove_prefix(kScheme.size());
  }
  while (address.ends_with('/')) {
    address.remove_suffix(1);
  }
  while (directory.ends_with('/')) {
    directory.pop_back();
  }
  const auto parsed = SEABAG_TRY(seabag::net::Address::parse(address));
  return Checker(directory, SEABAG_TRY(HttpClient::connect(parsed))).run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: site-check DIRECTORY http://ADDRESS:PORT\n", stderr);
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto counts = check(argv[1], argv[2]);
  if (!counts) {
    std::fprintf(stderr, "site-check: %s\n", counts.error().message().c_str());
    return 1;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::printf("%" PRIu64 " files, %" PRIu64 " requests: identity %" PRIu64 ", gzip %" PRIu64
              ", br %" PRIu64 ", zstd %" PRIu64 "; %" PRIu64
              " names are 404 as they should; %" PRIu64 " failures; %.1f s\n",
              counts->files, counts->requests, counts->encoded[0], counts->encoded[1],
              counts->encoded[2], counts->encoded[3], counts->missing, counts->failures,
              elapsed.count());
  return counts->failures == 0 ? 0 : 1;
}
