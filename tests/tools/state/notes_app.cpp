// An app that keeps notes: what is posted to /keep/NAME is the file /notes/NAME from then on.
#include <string>

#include "seabag/app/app.h"
#include "seabag/state/state.h"
#include "seabag/vfs/shortcuts.h"

int main(int argc, char** argv) {
  seabag::app::App app;
  seabag::state::enable(app);
  app.post("/keep/:name", [&app](const seabag::server::Request& request) {
    const std::string path = "/notes/" + std::string(request.param("name"));
    const auto written = seabag::vfs::write_file(app.files(), path, request.body());
    return seabag::server::Response::text(written ? "kept" : written.error().message());
  });
  app.post("/sync", [&app](const seabag::server::Request& /*request*/) {
    const auto synced = app.files().sync("/");
    return seabag::server::Response::text(synced ? "done" : synced.error().message());
  });
  return app.run(argc, argv);
}
