// A test without a framework: the hooks of seabag::testing reach this program's own streams.
#include <filesystem>
#include <fstream>
#include <string>

#include "seabag/testing/scoped_tree.h"

int main() {
  {
    const seabag::testing::ScopedTree tree{{"/srv/seabag-consumer/file", "text"}};
    std::string text;
    if (!(std::ifstream("/srv/seabag-consumer/file") >> text) || text != "text") {
      return 1;
    }
  }
  return std::filesystem::exists("/srv/seabag-consumer") ? 1 : 0;
}
