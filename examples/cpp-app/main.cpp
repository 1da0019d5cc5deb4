// Greets whoever is named in the path, in the words of a file that the executable carries.
#include <seabag/app/app.h>
#include <seabag/vfs/shortcuts.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace {

// A JSON string (RFC 8259 §7).
std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      json += '\\';
      json += byte;
    } else if (value < 0x20) {
      char escape[7];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(value));
      json += escape;
    } else {
      json += byte;
    }
  }
  return json + '"';
}

}  // namespace

int main(int argc, char** argv) {
  seabag::app::App app;
  // Files of the bundle are read by path, without a directory beside the executable.
  std::string words = read_file(app.files(), "/words.txt").value_or("Hello,\n");
  words.pop_back();  // the line end

  app.get("/api/greet/:name", [words](const seabag::server::Request& request) {
    const std::string greeting = words + " " + std::string(request.param("name")) + "!";
    return seabag::server::Response::json("{\"greeting\":" + quoted(greeting) + "}\n");
  });
  return app.run(argc, argv);
}
