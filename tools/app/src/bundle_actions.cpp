#include "bundle_actions.h"

#include "seabag/bundle/verify.h"
#include "seabag/console/format.h"
#include "seabag/inspect/contents.h"
#include "seabag/inspect/describe.h"
#include "seabag/inspect/extract.h"
#include "seabag/inspect/list.h"

namespace seabag::app {

namespace {

Result<void> list(bundle::Bundle& bundle, console::Output& out) {
  const auto contents = SEABAG_TRY(inspect::Contents::open(bundle));
  return inspect::list(*contents, {}, {}, out);
}

Result<void> verify(const bundle::Bundle& bundle, console::Output& out) {
  const bundle::VerifyReport report = SEABAG_TRY(bundle::verify(bundle));
  return out.write(inspect::describe(report) + "\n");
}

Result<void> extract(bundle::Bundle& bundle, const std::string& directory, console::Output& out) {
  const inspect::ExtractReport report = SEABAG_TRY(inspect::extract(bundle, directory, {}));
  return out.write(inspect::describe(report) + "\n");
}

}  // namespace

Result<void> run_bundle_action(const Arguments& arguments, bundle::Bundle& bundle,
                               console::Output& out) {
  switch (arguments.action) {
    case Action::list:
      return list(bundle, out);
    case Action::info:
      return out.write(inspect::describe(bundle.info()));
    case Action::verify:
      return verify(bundle, out);
    case Action::extract:
      return extract(bundle, arguments.extract_directory, out);
    case Action::mount:
    case Action::serve:
    case Action::help:
    case Action::version:
      break;
  }
  return {};
}

}  // namespace seabag::app
