#include <seabag/app/app.h>
#include <seabag/vfs/shortcuts.h>

#include <cstdio>
#include <string_view>

// `packed -- PATH` prints a file of the bundle; everything else is the app's own command line.
int main(int argc, char** argv) {
  seabag::app::App app;
  if (argc == 3 && std::string_view(argv[1]) == "--") {
    const auto text = read_file(app.files(), argv[2]);
    return text && std::fwrite(text->data(), 1, text->size(), stdout) == text->size() ? 0 : 1;
  }
  return app.run(argc, argv);
}
