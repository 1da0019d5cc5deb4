#include "cases.h"

namespace seabag::bench {

unsigned Case::connections() const {
  if (is_http2()) {
    return 16;
  }
  return is_secure() ? 32 : 64;
}

std::string Case::request(const std::string& fields, unsigned file) const {
  return method + " " + (files > 1 ? many_path(file) : path) +
         " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: http_bench\r\n"
         "Accept: */*\r\nAccept-Encoding: gzip\r\n" +
         (contact == Contact::kept ? "" : "Connection: close\r\n") + fields + "\r\n";
}

std::vector<std::string> Case::requests(const std::string& fields) const {
  std::vector<std::string> all;
  for (unsigned file = 0; file < files; ++file) {
    all.push_back(request(fields, file));
  }
  return all;
}

std::vector<Case> make_cases(const Site& site) {
  const std::string json = "/data.json";
  const std::uint64_t length = site.json_gzip_length;
  std::vector<Case> cases = {
      {.name = "1k", .path = json, .length = length},
      {.name = "many", .path = many_path(0), .files = kManyFiles, .length = site.small_length},
      {.name = "16k", .path = "/medium.bin", .length = site.medium_length},
      {.name = "128k", .path = "/large.bin", .length = site.large_length},
      {.name = "304", .path = json, .status = 304},
      {.name = "head", .path = json, .method = "HEAD"},
      {.name = "pipelined", .path = json, .length = length, .depth = 16},
      {.name = "anew", .path = json, .length = length, .contact = Contact::anew},
      {.name = "http2", .path = json, .length = length, .depth = 32, .wire = Wire::http2},
      {.name = "http2-tls", .path = json, .length = length, .depth = 10, .wire = Wire::https2},
      {.name = "tls", .path = json, .length = length, .wire = Wire::https1},
      {.name = "handler", .path = "/orders/42", .work = Work::json},
      {.name = "handler-list", .path = "/lists/42", .work = Work::json},
  };
  for (const Key key : {Key::p256, Key::rsa2048}) {
    for (const Contact contact : {Contact::anew, Contact::resumed}) {
      cases.push_back(
          {.name = std::string(contact == Contact::anew ? "handshake-" : "resumption-") +
                   (key == Key::p256 ? "p256" : "rsa"),
           .path = json,
           .length = length,
           .wire = Wire::https1,
           .contact = contact,
           .key = key});
    }
  }
  return cases;
}

}  // namespace seabag::bench
