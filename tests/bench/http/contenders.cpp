#include "contenders.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ask.h"
#include "figures.h"
#include "load.h"
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

bool Keys::make() const {
  for (const Key key : {Key::p256, Key::rsa2048}) {
    const std::string kind = key == Key::p256 ? "ec -pkeyopt ec_paramgen_curve:P-256" : "rsa:2048";
    const std::string command = "openssl req -x509 -newkey " + kind +
                                " -nodes -days 2 -subj /CN=localhost -keyout " + secret(key) +
                                " -out " + certificate(key) + " 2> /dev/null";
    if (std::system(command.c_str()) != 0) {
      return false;
    }
  }
  return true;
}

std::string Keys::certificate(Key key) const {
  return folder_ + (key == Key::p256 ? "/p256.crt" : "/rsa.crt");
}
std::string Keys::secret(Key key) const {
  return folder_ + (key == Key::p256 ? "/p256.key" : "/rsa.key");
}

std::optional<Contender> make_nginx(const Ground& ground, const Case& one) {
  const std::string program = find_program("nginx");
  if (program.empty()) {
    return std::nullopt;
  }
  const std::string& folder = ground.folder;
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
         << "default_type application/octet-stream;\n"
         << "ssl_protocols TLSv1.2 TLSv1.3;\nssl_session_cache off;\nssl_session_tickets on;\n";
  for (const char* name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    config << name << "_temp_path " << folder << "/" << name << ";\n";
  }
  config << "server { listen " << address.text() << (one.is_secure() ? " ssl" : "")
         << (one.is_http2() ? " http2" : "") << "; root " << ground.site.folder << ";\n";
  if (one.is_secure()) {
    config << "ssl_certificate " << ground.keys.certificate(one.key) << ";\nssl_certificate_key "
           << ground.keys.secret(one.key) << ";\n";
  }
  config << "}\n}\n";
  return Contender{.name = "nginx",
                   .command = {program, "-p", folder, "-e", folder + "/nginx.log", "-c", file},
                   .address = address};
}

std::optional<Contender> make_h2o(const Ground& ground, const Case& one) {
  const std::string program = find_program("h2o");
  if (program.empty()) {
    return std::nullopt;
  }
  const net::Address address = free_address();
  const std::string file = ground.folder + "/h2o.conf";
  std::ofstream config(file);
  config << "listen:\n  host: 127.0.0.1\n  port: " << port_of(address) << "\n";
  if (one.is_secure()) {
    config << "  ssl:\n    certificate-file: " << ground.keys.certificate(one.key)
           << "\n    key-file: " << ground.keys.secret(one.key)
           << "\n    minimum-version: TLSv1.2\n";
  }
  config << "user: root\nnum-threads: 1\nmax-connections: 4096\n"
         << "pid-file: " << ground.folder << "/h2o.pid\nerror-log: " << ground.folder
         << "/h2o.log\nhttp1-request-timeout: 600\n"
         << "hosts:\n  default:\n    paths:\n      /:\n        file.dir: " << ground.site.folder
         << "\n        file.send-compressed: ON\n";
  return Contender{.name = "h2o", .command = {program, "-c", file}, .address = address};
}

Contender make_floor(const std::string& program, const Case& one) {
  const net::Address address = free_address();
  return {.name = "floor",
          .command = {program, port_of(address), std::to_string(one.request().size()),
                      std::to_string(one.length)},
          .address = address};
}

Contender make_seabag(const std::string& name, const std::string& app, const Ground& ground,
                      const Case& one) {
  const net::Address address = free_address();
  std::vector<std::string> command{app, "--workers", "1", "--listen", address.text()};
  if (one.is_secure()) {
    command.insert(command.end(), {"--tls-certificate", ground.keys.certificate(one.key),
                                   "--tls-key", ground.keys.secret(one.key)});
  }
  return {.name = name, .command = std::move(command), .address = address};
}

Contender make_handler(const std::string& name, const std::string& command) {
  const net::Address address = free_address();
  std::istringstream words(command);
  std::vector<std::string> all;
  for (std::string word; words >> word;) {
    all.push_back(word);
  }
  all.push_back(port_of(address));
  return {.name = name, .command = std::move(all), .address = address};
}

std::string wait_for(const Process& process, const Contender& contender, const Case& one) {
  // Without TLS, and where HTTP/2 alone is spoken, any answer will do.
  const std::string request =
      one.wire == Wire::http1 ? one.request() : "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (int i = 0; i < 500 && process.is_running(); ++i) {
    const Load silent({.address = contender.address, .connections = 1, .depth = 0});
    if (one.wire != Wire::http1 && silent.is_connected()) {
      return {};
    }
    if (std::string head = ask(contender.address, request); !head.empty()) {
      return head;
    }
    usleep(10'000);
  }
  give_up(contender.name + " does not start or does not answer");
}

}  // namespace seabag::bench
