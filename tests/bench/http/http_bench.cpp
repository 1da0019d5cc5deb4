// Compares Seabag's server with nginx and h2o, its handlers with those of others, and HTTP/1.1 with
// the floor that no server gets below.
//
//   http_bench --app PROGRAM [--loader SEABAG] [--rounds N] [--seconds S] [--case NAME]
//             [--build NAME=APP]... [--handler NAME=COMMAND]...
//   http_bench --site FOLDER    writes the site that PROGRAM is packed of
//
// The server runs on CPU 0 with one worker, the load on CPU 1, both in turns for each contender in
// each round. CPU per request is user and system time of all server processes over answers, each of
// which is checked. Only ratios within one run count.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ask.h"
#include "cases.h"
#include "contenders.h"
#include "figures.h"
#include "foreign_load.h"
#include "latency.h"
#include "load.h"
#include "process.h"
#include "site.h"

namespace {

using namespace seabag::bench;

struct Named {
  std::string name;
  std::string command;
};

struct Settings {
  std::string app;
  std::string loader;  ///< the command, for latency; empty: that is left out
  std::string site;
  std::vector<Named> handlers;
  std::vector<Named> builds;  ///< other packed apps of the same site
  int rounds = 5;
  double seconds = 2;
  std::string only;
};

struct Measured {
  std::vector<double> microseconds;  ///< CPU per request, one a round
  std::vector<double> rate;
  double syscalls = 0;
  long private_kib = 0;
};

std::string beside_me(const char* name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

LoadOptions load_options(const Contender& contender, const Case& one, const std::string& head) {
  LoadOptions options{.address = contender.address,
                      .requests = one.requests(),
                      .connections = one.connections(),
                      .depth = one.depth,
                      .status = one.status,
                      .length = one.length,
                      .has_content = one.status == 200 && one.method != "HEAD",
                      .connects_anew = one.contact == Contact::anew};
  if (one.status == 304) {
    const auto tag = field(head, "etag");
    if (!tag) {
      give_up(contender.name + " gives no ETag");
    }
    options.requests = one.requests("If-None-Match: " + *tag + "\r\n");
  }
  return options;
}

LoadFigures require_sound(LoadFigures figures, const Contender& contender) {
  if (!figures.error.empty()) {
    give_up(contender.name + ": " + figures.error);
  }
  return figures;
}

void measure(const Contender& contender, Case& one, const Settings& settings,
             const std::string& folder, Measured& measured) {
  const Process process(contender.command, 0, folder + "/" + contender.name + ".out");
  const std::string head = wait_for(process, contender, one);
  if (one.work == Work::json && one.length == 0) {
    one.length = std::strtoull(field(head, "content-length").value_or("0").c_str(), nullptr, 10);
  }
  std::unique_ptr<Load> load;
  if (one.wire == Wire::http1) {
    load = std::make_unique<Load>(load_options(contender, one, head));
  }
  const auto run = [&](double seconds) {
    return require_sound(
        load != nullptr ? load->run(seconds) : run_foreign_load(contender.address, one, seconds),
        contender);
  };
  // Programs that compile while they run are given time to.
  run(one.work == Work::json ? settings.seconds : settings.seconds / 8);
  const double before = process.cpu_seconds();
  const LoadFigures figures = run(settings.seconds);
  const double spent = process.cpu_seconds() - before;
  const auto answers = static_cast<double>(figures.answers);
  measured.microseconds.push_back(spent * 1e6 / answers);
  measured.rate.push_back(answers / figures.seconds);
  measured.private_kib = process.private_kib();
  if (measured.microseconds.size() > 1 || load == nullptr) {
    return;
  }
  // Once, and apart: counting costs time.
  SyscallCount count(process.members(), folder + "/perf.txt");
  const std::uint64_t counted = run(0.5).answers;
  measured.syscalls = static_cast<double>(count.stop().value_or(0)) / static_cast<double>(counted);
}

void print_table(const Case& one, const std::vector<Contender>& order,
                 const std::map<std::string, Measured>& all) {
  std::printf("\n%s: %u connections%s, %u together, %llu bytes of content\n", one.name.c_str(),
              one.contact == Contact::kept || !one.is_secure() ? one.connections() : 1,
              one.contact == Contact::kept ? "" : ", one for each request", one.depth,
              static_cast<unsigned long long>(one.length));
  std::printf("%-8s %12s", "server", "CPU/request");
  for (const Contender& other : order) {
    std::printf(" %9s", ("x " + other.name).c_str());
  }
  std::printf(" %9s %11s %12s\n", "syscalls", "requests/s", "private");
  for (const Contender& contender : order) {
    const Measured& row = all.at(contender.name);
    const double cpu = median(row.microseconds);
    std::printf("%-8s %9.2f us", contender.name.c_str(), cpu);
    for (const Contender& other : order) {
      std::printf(" %9.2f", cpu / median(all.at(other.name).microseconds));
    }
    std::printf(" %9.2f %11.0f %8ld KiB\n", row.syscalls, median(row.rate), row.private_kib);
  }
  std::fflush(stdout);
}

std::vector<Contender> make_contenders(const Case& one, const Settings& settings,
                                       const Ground& ground) {
  std::vector<Contender> contenders;
  if (one.work == Work::json) {
    contenders.push_back(make_handler("seabag", beside_me("orders")));
    for (const Named& handler : settings.handlers) {
      contenders.push_back(make_handler(handler.name, handler.command));
    }
    return contenders;
  }
  contenders.push_back(make_seabag("seabag", settings.app, ground, one));
  for (const Named& build : settings.builds) {
    contenders.push_back(make_seabag(build.name, build.command, ground, one));
  }
  if (one.wire == Wire::http1 && one.contact == Contact::kept && one.length > 0) {
    contenders.push_back(make_floor(beside_me("floor_server"), one));
  }
  if (auto h2o = make_h2o(ground, one)) {
    contenders.push_back(*h2o);
  }
  if (auto nginx = make_nginx(ground, one)) {
    contenders.push_back(*nginx);
  }
  return contenders;
}

/// CPU per request of ours.
double run_case(Case one, const Settings& settings, const Ground& ground) {
  if (one.wire != Wire::http1 && !can_load(one)) {
    std::printf("\n%s: left out, there is no %s\n", one.name.c_str(),
                one.contact == Contact::kept ? "h2load" : "openssl");
    return 0;
  }
  const std::vector<Contender> contenders = make_contenders(one, settings, ground);
  std::map<std::string, Measured> all;
  for (int round = 0; round < settings.rounds; ++round) {
    for (const Contender& contender : contenders) {
      measure(contender, one, settings, ground.folder, all[contender.name]);
    }
  }
  print_table(one, contenders, all);
  return median(all.at(contenders.front().name).microseconds);
}

void run_cases(const Settings& settings, const Ground& ground) {
  double full = 0;
  for (const Case& one : make_cases(ground.site)) {
    if (!settings.only.empty() && !one.name.starts_with(settings.only)) {
      continue;
    }
    const double cpu = run_case(one, settings, ground);
    if (one.contact == Contact::resumed && full > 0) {
      std::printf("seabag, resumed handshake to full one: %.2f\n", cpu / full);
    }
    full = one.is_secure() && one.contact == Contact::anew ? cpu : 0;
  }
}

Settings read_settings(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (i + 1 >= argc) {
      give_up(
          "every option has a value: --app --loader --site --rounds --seconds --case --build "
          "--handler");
    }
    const std::string value = argv[++i];
    if (option == "--app") {
      settings.app = value;
    } else if (option == "--loader") {
      settings.loader = value;
    } else if (option == "--site") {
      settings.site = value;
    } else if (option == "--rounds") {
      settings.rounds = std::max(1, std::atoi(value.c_str()));
    } else if (option == "--seconds") {
      settings.seconds = std::max(0.1, std::atof(value.c_str()));
    } else if (option == "--case") {
      settings.only = value;
    } else if ((option == "--handler" || option == "--build") &&
               value.find('=') != std::string::npos) {
      const std::size_t sign = value.find('=');
      (option == "--build" ? settings.builds : settings.handlers)
          .push_back({value.substr(0, sign), value.substr(sign + 1)});
    } else {
      give_up("no option is called " + std::string(option) + " and takes " + value);
    }
  }
  if (settings.app.empty() == settings.site.empty()) {
    give_up("it needs either --app or --site");
  }
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = read_settings(argc, argv);
  if (!settings.site.empty()) {
    std::filesystem::create_directories(settings.site);
    write_site(settings.site);
    return 0;
  }
  std::string folder = std::filesystem::temp_directory_path() / "http_bench.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    give_up("no temporary folder");
  }
  std::filesystem::create_directories(folder + "/site");
  const Ground ground{.site = write_site(folder + "/site"), .folder = folder, .keys = Keys(folder)};
  if (!ground.keys.make()) {
    give_up("openssl cannot make certificates");
  }
  pin_to(1);
  run_cases(settings, ground);
  if (!settings.loader.empty() && std::string_view("latency").starts_with(settings.only)) {
    measure_latency({.loader = settings.loader,
                     .app = settings.app,
                     .rounds = settings.rounds,
                     .seconds = settings.seconds},
                    ground);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
