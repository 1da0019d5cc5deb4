// The serving library alone, with a site in memory: `memory_server --listen ADDRESS --site FOLDER`.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "seabag/net/listener.h"
#include "seabag/server/server.h"
#include "support/fixed_assets.h"

namespace {

using namespace seabag;

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

test::FixedAssets read_site(const std::string& folder) {
  const std::string fields =
      "Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"
      "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\nAccept-Ranges: bytes\r\n";
  test::FixedAssets assets;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".gz") {
      continue;
    }
    const std::string name = "/" + entry.path().filename().string();
    assets.add(name, read_file(entry.path()), fields);
    const std::filesystem::path zipped = entry.path().string() + ".gz";
    if (std::filesystem::exists(zipped)) {
      assets.add_variant(name, vfs::Encoding::gzip, read_file(zipped));
    }
  }
  return assets;
}

int fail(const Error& error) {
  std::fprintf(stderr, "memory_server: %s\n", error.message().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string listen = "127.0.0.1:8080";
  std::string site = ".";
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--listen") {
      listen = argv[i + 1];
    } else if (std::string_view(argv[i]) == "--site") {
      site = argv[i + 1];
    }
  }
  const auto address = net::Address::parse(listen);
  if (!address) {
    return fail(address.error());
  }
  const test::FixedAssets assets = read_site(site);
  const auto listeners = net::ListenerGroup::open(*address, 1);
  if (!listeners) {
    return fail(listeners.error());
  }
  const auto server = server::Server::create({}, {.assets = &assets});
  if (!server) {
    return fail(server.error());
  }
  if (auto listening = (*server)->listen(listeners->listener(0)); !listening) {
    return fail(listening.error());
  }
  const auto ran = (*server)->run();
  return ran ? 0 : fail(ran.error());
}
