#include "contenders.h"

#include <fstream>

#include "process.h"
#include "seabag/net/listener.h"

namespace seabag::bench {
namespace {

/// A port that is free now.
net::Address free_address() {
  const net::Address any = net::Address::parse("127.0.0.1:0").value();
  return net::ListenerGroup::open(any, 1).value().address();
}

std::string port_of(const net::Address& address) { return std::to_string(address.port()); }

}  // namespace

std::optional<Contender> make_nginx(const Site& site, const std::string& folder, Wire wire) {
  const std::string program = find_program("nginx");
  if (program.empty()) {
    return std::nullopt;
  }
  const net::Address address = free_address();
  const std::string file = folder + "/nginx.conf";
  std::ofstream config(file);
  config << "daemon off;\nworker_processes 1;\nuser root;\n"
         << "pid " << folder << "/nginx.pid;\nerror_log " << folder << "/nginx.log crit;\n"
         << "events { worker_connections 4096; use epoll; }\nhttp {\n"
         << "access_log off;\nsendfile on;\ntcp_nopush on;\ntcp_nodelay on;\n"
         << "keepalive_requests 1000000000;\nkeepalive_timeout 600s;\n"
         << "open_file_cache max=10000 inactive=600s;\nopen_file_cache_valid 600s;\n"
         << "gzip_static on;\ntypes { application/json json; text/html html; }\n"
         << "default_type application/octet-stream;\n";
  for (const char* name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    config << name << "_temp_path " << folder << "/" << name << ";\n";
  }
  config << "server { listen " << address.text() << (wire == Wire::http2 ? " http2" : "")
         << "; root " << site.folder << "; }\n}\n";
  return Contender{.name = "nginx",
                   .command = {program, "-p", folder, "-e", folder + "/nginx.log", "-c", file},
                   .address = address};
}

std::optional<Contender> make_h2o(const Site& site, const std::string& folder) {
  const std::string program = find_program("h2o");
  if (program.empty()) {
    return std::nullopt;
  }
  const net::Address address = free_address();
  const std::string file = folder + "/h2o.conf";
  std::ofstream(file) << "listen:\n  host: 127.0.0.1\n  port: " << port_of(address) << "\n"
                      << "user: root\nnum-threads: 1\nmax-connections: 4096\n"
                      << "pid-file: " << folder << "/h2o.pid\nerror-log: " << folder
                      << "/h2o.log\nhttp1-request-timeout: 600\n"
                      << "hosts:\n  default:\n    paths:\n      /:\n        file.dir: "
                      << site.folder << "\n        file.send-compressed: ON\n";
  return Contender{.name = "h2o", .command = {program, "-c", file}, .address = address};
}

Contender make_floor(const std::string& program, const Case& one) {
  const net::Address address = free_address();
  return {.name = "floor",
          .command = {program, port_of(address), std::to_string(one.request.size()),
                      std::to_string(one.length)},
          .address = address};
}

Contender make_seabag(const std::string& program, std::vector<std::string> further) {
  const net::Address address = free_address();
  std::vector<std::string> command{program, "--listen", address.text()};
  command.insert(command.end(), further.begin(), further.end());
  return {.name = "seabag", .command = std::move(command), .address = address};
}

}  // namespace seabag::bench
