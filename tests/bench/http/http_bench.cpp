// Compares Seabag's server with nginx and h2o, and with the floor that no server gets below.
//
//   http_bench [--app PROGRAM] [--rounds N] [--seconds S] [--case NAME] [--keep]
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

#include "contenders.h"
#include "http2_load.h"
#include "load.h"
#include "process.h"
#include "site.h"

namespace {

using namespace seabag::bench;

constexpr unsigned kConnections = 64;
constexpr unsigned kHttp2Connections = 16;

struct Settings {
  std::string app;
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

[[noreturn]] void give_up(const std::string& cause) {
  std::fprintf(stderr, "http_bench: %s\n", cause.c_str());
  std::exit(1);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

std::string beside_me(const char* name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

/// Waits until the server takes connections.
std::unique_ptr<Load> connect_load(const Process& process, const LoadOptions& options) {
  for (int i = 0; i < 300; ++i) {
    auto load = std::make_unique<Load>(options);
    if (load->run(0).error.empty()) {
      return load;
    }
    if (!process.is_running()) {
      break;
    }
    usleep(10'000);
  }
  return nullptr;
}

LoadFigures run_checked(Load& load, double seconds, const Contender& contender) {
  LoadFigures figures = load.run(seconds);
  if (!figures.error.empty()) {
    give_up(contender.name + ": " + figures.error);
  }
  return figures;
}

void measure(const Contender& contender, const Case& one, const Settings& settings,
             const std::string& folder, Measured& measured) {
  const Process process(contender.command, 0, folder + "/" + contender.name + ".out");
  const auto load = connect_load(process, {.address = contender.address,
                                           .request = one.request,
                                           .connections = kConnections,
                                           .depth = one.depth,
                                           .length = one.length});
  if (load == nullptr) {
    give_up(contender.name + " does not start or answers wrong");
  }
  run_checked(*load, settings.seconds / 8, contender);
  const double before = process.cpu_seconds();
  const LoadFigures figures = run_checked(*load, settings.seconds, contender);
  const double spent = process.cpu_seconds() - before;
  const auto answers = static_cast<double>(figures.answers);
  measured.microseconds.push_back(spent * 1e6 / answers);
  measured.rate.push_back(answers / figures.seconds);
  measured.private_kib = process.private_kib();
  if (measured.microseconds.size() > 1) {
    return;
  }
  // Once, and apart: counting costs time.
  SyscallCount count(process.members(), folder + "/perf.txt");
  const std::uint64_t counted = run_checked(*load, 0.5, contender).answers;
  measured.syscalls = static_cast<double>(count.stop().value_or(0)) / static_cast<double>(counted);
}

/// Waits until the server takes connections, with one that says nothing.
bool is_listening(const Process& process, const Contender& contender) {
  return connect_load(process, {.address = contender.address, .connections = 1, .depth = 0}) !=
         nullptr;
}

void measure_http2(const Contender& contender, const Case& one, const Settings& settings,
                   const std::string& folder, Measured& measured) {
  const Process process(contender.command, 0, folder + "/" + contender.name + ".out");
  if (!is_listening(process, contender)) {
    give_up(contender.name + " does not start");
  }
  const Http2LoadOptions options{.address = contender.address,
                                 .path = one.request,
                                 .connections = kHttp2Connections,
                                 .streams = one.depth,
                                 .length = one.length};
  const double before = process.cpu_seconds();
  const LoadFigures figures = run_http2_load(options, settings.seconds);
  if (!figures.error.empty()) {
    give_up(contender.name + ": " + figures.error);
  }
  const double spent = process.cpu_seconds() - before;
  const auto answers = static_cast<double>(figures.answers);
  measured.microseconds.push_back(spent * 1e6 / answers);
  measured.rate.push_back(answers / figures.seconds);
  measured.private_kib = process.private_kib();
}

void print_table(const Case& one, const std::vector<std::string>& order,
                 const std::map<std::string, Measured>& all) {
  std::printf("\n%s: %u connections, %u together, %llu bytes of content\n", one.name.c_str(),
              one.wire == Wire::http2 ? kHttp2Connections : kConnections, one.depth,
              static_cast<unsigned long long>(one.length));
  std::printf("%-8s %12s %9s %9s %9s %12s %12s %12s\n", "server", "CPU/request", "x floor",
              "x nginx", "x h2o", "syscalls", "requests/s", "private");
  for (const std::string& name : order) {
    const Measured& row = all.at(name);
    const double cpu = median(row.microseconds);
    const auto ratio = [&](const char* other) {
      const auto found = all.find(other);
      return found == all.end() ? 0.0 : cpu / median(found->second.microseconds);
    };
    std::printf("%-8s %9.2f us %9.2f %9.2f %9.2f %12.2f %12.0f %8ld KiB\n", name.c_str(), cpu,
                ratio("floor"), ratio("nginx"), ratio("h2o"), row.syscalls, median(row.rate),
                row.private_kib);
  }
  std::fflush(stdout);
}

std::vector<Case> make_cases(const Site& site) {
  const auto get = [](const std::string& path) {
    return "GET " + path +
           " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: http_bench\r\n"
           "Accept: */*\r\nAccept-Encoding: gzip\r\n\r\n";
  };
  return {{.name = "json", .request = get("/data.json"), .length = site.json_gzip_length},
          {.name = "pipelined",
           .request = get("/data.json"),
           .length = site.json_gzip_length,
           .depth = 16},
          {.name = "large", .request = get("/large.bin"), .length = site.large_length},
          {.name = "http2",
           .request = "/data.json",
           .length = site.json_gzip_length,
           .depth = 32,
           .wire = Wire::http2}};
}

void run_case(const Case& one, const Site& site, const Settings& settings,
              const std::string& folder) {
  std::vector<Contender> contenders;
  if (one.wire == Wire::http1) {
    contenders.push_back(make_floor(beside_me("floor_server"), one));
  } else if (find_program("h2load").empty()) {
    std::printf("\n%s: left out, there is no h2load\n", one.name.c_str());
    return;
  }
  contenders.push_back(settings.app.empty()
                           ? make_seabag(beside_me("memory_server"), {"--site", site.folder})
                           : make_seabag(settings.app, {"--workers", "1"}));
  if (auto h2o = make_h2o(site, folder)) {
    contenders.push_back(*h2o);
  }
  if (auto nginx = make_nginx(site, folder, one.wire)) {
    contenders.push_back(*nginx);
  }
  std::map<std::string, Measured> all;
  std::vector<std::string> order;
  for (int round = 0; round < settings.rounds; ++round) {
    for (const Contender& contender : contenders) {
      Measured& measured = all[contender.name];
      if (one.wire == Wire::http2) {
        measure_http2(contender, one, settings, folder, measured);
      } else {
        measure(contender, one, settings, folder, measured);
      }
    }
  }
  for (const Contender& contender : contenders) {
    order.push_back(contender.name);
  }
  print_table(one, order, all);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::string site_folder;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (i + 1 >= argc) {
      give_up("every option has a value: --app --site --rounds --seconds --case");
    }
    const std::string value = argv[++i];
    if (option == "--app") {
      settings.app = value;
    } else if (option == "--site") {
      site_folder = value;
    } else if (option == "--rounds") {
      settings.rounds = std::max(1, std::atoi(value.c_str()));
    } else if (option == "--seconds") {
      settings.seconds = std::max(0.1, std::atof(value.c_str()));
    } else if (option == "--case") {
      settings.only = value;
    } else {
      give_up("no option is called " + std::string(option));
    }
  }
  std::string folder = std::filesystem::temp_directory_path() / "http_bench.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    give_up("no temporary folder");
  }
  if (site_folder.empty()) {
    site_folder = folder + "/site";
  }
  std::filesystem::create_directories(site_folder);
  const Site site = write_site(site_folder);
  pin_to(1);
  for (const Case& one : make_cases(site)) {
    if (settings.only.empty() || settings.only == one.name) {
      run_case(one, site, settings, folder);
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}
