#include "seabag/app/app.h"

int main(int argc, char** argv) {
  seabag::app::App app;
  return app.run(argc, argv);
}
