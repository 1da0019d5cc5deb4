#include "programs.h"

#include <cstdlib>

namespace seabag::testing {

Ending InterceptedPrograms::run(const std::string& path,
                                const std::vector<std::string>& arguments) const {
  std::vector<std::string> variables = session->environment();
  variables.emplace_back("LC_ALL=C");
  return testing::run(path, arguments, {.prepare = [&] {
                        for (std::string& variable : variables) {
                          putenv(variable.data());
                        }
                        return true;
                      }});
}

}  // namespace seabag::testing
