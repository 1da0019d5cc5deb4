#include "http2_load.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace seabag::bench {
namespace {

/// The number behind `name` in what h2load prints; negative when there is none.
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

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    return text;
  }
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), size);
  }
  pclose(pipe);
  return text;
}

}  // namespace

LoadFigures run_http2_load(const Http2LoadOptions& options, double seconds) {
  const auto whole = static_cast<int>(std::ceil(seconds));
  const std::string command = "h2load -t 1 -c " + std::to_string(options.connections) + " -m " +
                              std::to_string(options.streams) + " -D " + std::to_string(whole) +
                              " -H 'accept-encoding: gzip' http://" + options.address.text() +
                              options.path + " 2>&1";
  const std::string text = output_of(command);
  const double good = number_behind(text, "status codes: ");
  const double failed = number_behind(text, "succeeded, ");
  const double content = content_bytes(text);
  LoadFigures figures{.seconds = static_cast<double>(whole)};
  // Frames of answers that were not complete at the end count too.
  if (good <= 0 || failed != 0 || content < good * static_cast<double>(options.length)) {
    figures.error = "h2load: " + text;
    return figures;
  }
  figures.answers = static_cast<std::uint64_t>(good);
  return figures;
}

}  // namespace seabag::bench
