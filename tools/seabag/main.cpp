#include <memory>
#include <string>
#include <vector>

#include "seabag/bundle/reader.h"
#include "seabag/command/run.h"
#include "seabag/console/io.h"

int main(int argc, char** argv) {
  using namespace seabag;
  console::open_missing_standard_streams();
  console::DescriptorOutput out(1, "standard output");
  console::DescriptorOutput err(2, "standard error");
  console::Io io{out, err, console::process_environment()};
  // Without a bundle, only what needs nothing from it works: packing with --stub, inspecting.
  const auto own = bundle::Bundle::open_self();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  bundle::Bundle* files = own ? own->get() : nullptr;
  return command::run(arguments, {.io = io,
                                  .own_files = files,
                                  .own_assets = files,
                                  .command = {argv, static_cast<std::size_t>(argc)}});
}
