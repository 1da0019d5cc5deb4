#include "programs.h"

#include <cstdlib>
#include <utility>

namespace seabag::testing {

Surroundings InterceptedPrograms::surroundings() const {
  std::vector<std::string> variables = session->environment();
  variables.emplace_back("LC_ALL=C");
  return {.prepare = [variables = std::move(variables)]() mutable {
    for (std::string& variable : variables) {
      putenv(variable.data());
    }
    return true;
  }};
}

Ending InterceptedPrograms::run(const std::string& path,
                                const std::vector<std::string>& arguments) const {
  return testing::run(path, arguments, surroundings());
}

}  // namespace seabag::testing
