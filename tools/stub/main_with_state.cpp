#include "seabag/app/app.h"
#include "seabag/state/state.h"

int main(int argc, char** argv) {
  seabag::app::App app;
  seabag::state::enable(app);
  return app.run(argc, argv);
}
