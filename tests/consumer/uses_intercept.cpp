// A session without hooks, and one with them.
#include <cstdio>
#include <memory>

#include "seabag/intercept/attach.h"
#include "seabag/intercept/session.h"
#include "seabag/providers/memory.h"

int main() {
  using namespace seabag;
  const auto session = intercept::Session::start().value();
  std::shared_ptr<vfs::WritableFileSystem> files = providers::make_memory_file_system();
  const auto mount = session->mount("/seabag-consumer", files).value();
  const auto attachment = intercept::attach(*session).value();
  std::FILE* file = std::fopen("/seabag-consumer/file", "w");
  if (file == nullptr || std::fclose(file) != 0) {
    return 1;
  }
  return session->files().stat("/seabag-consumer/file") ? 0 : 1;
}
