#include <seabag/providers/memory.h>
#include <seabag/vfs/namespace.h>
#include <seabag/vfs/shortcuts.h>

int main() {
  seabag::vfs::Namespace files;
  const auto mount = files.mount("/", seabag::providers::make_memory_file_system());
  if (!mount || !write_file(files, "/greeting", "hello")) {
    return 1;
  }
  const auto text = read_file(files, "/greeting");
  return text && *text == "hello" ? 0 : 1;
}
