// What the protocol code of one request costs, without any I/O: nanoseconds of processor time a
// call, the best and the median of several rounds.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/conditions.h"
#include "seabag/http/entity_tag.h"
#include "seabag/http/header_fields.h"
#include "seabag/http/names.h"
#include "seabag/http/negotiation.h"
#include "seabag/http/request_parser.h"
#include "seabag/http/response_head.h"
#include "seabag/http/target.h"

namespace {

using namespace seabag;
using namespace seabag::http;

constexpr int kRounds = 15;
constexpr int kCalls = 200000;

// Keeps the compiler from leaving out what computes `value`.
template <typename T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

// Not the time on the wall: the machine may be shared.
double processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Call>
void measure(const char* name, std::size_t bytes, const Call& call) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const double start = processor_nanoseconds();
    for (int i = 0; i < kCalls; ++i) {
      call();
    }
    rounds.push_back((processor_nanoseconds() - start) / kCalls);
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%-44s %6zu B %8.1f ns best %8.1f ns median\n", name, bytes, rounds.front(),
              rounds[rounds.size() / 2]);
}

const std::string kTool =
    "GET /data/items.json HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept-Encoding: gzip\r\n\r\n";

const std::string kBrowser =
    "GET /docs/guide/getting-started.html?ref=home HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "Connection: keep-alive\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/125.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    "\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "If-None-Match: \"00112233445566778899aabbccddeeff-br\"\r\n\r\n";

vfs::Asset make_asset() {
  vfs::Asset asset;
  asset.modified.seconds = 1700000000;
  asset.header_fields =
      "Content-Type: text/html; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
      "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\nAccept-Ranges: bytes\r\n";
  for (std::size_t i = 0; i < asset.representations.size(); ++i) {
    asset.representations[i] = {.present = true, .length = 5000 - 1000 * i};
  }
  return asset;
}

// Answers every path with the same asset.
class OneAsset final : public vfs::AssetSource {
 public:
  [[nodiscard]] Result<vfs::Asset> find(std::string_view) const override { return asset_; }

 private:
  vfs::Asset asset_ = make_asset();
};

void measure_parser(const char* name, const std::string& request) {
  const auto head = std::make_unique<RequestHead>();
  measure(name, request.size(), [&] {
    const ParseOutcome outcome = parse_request_head(request, {}, *head);
    keep(outcome);
  });
}

void measure_pieces() {
  const auto head = std::make_unique<RequestHead>();
  measure("the browser's in 4 pieces", kBrowser.size(), [&] {
    ParseProgress progress;
    for (std::size_t quarter = 1; quarter <= 4; ++quarter) {
      const std::string_view part(kBrowser.data(), kBrowser.size() * quarter / 4);
      const ParseOutcome outcome = parse_request_head(part, {}, *head, progress);
      keep(outcome);
    }
  });
}

void measure_rest() {
  const auto head = std::make_unique<RequestHead>();
  if (parse_request_head(kBrowser, {}, *head).state != ParseState::complete) {
    std::puts("the browser's request does not parse");
    return;
  }
  const vfs::Asset asset = make_asset();
  std::vector<char> buffer(4096);
  measure("decode target", head->path.size(), [&] { keep(decode_target(head->path, buffer)); });
  measure("select encoding", 0, [&] { keep(select_encoding(*head, asset)); });
  measure("entity tag", 0, [&] { keep(EntityTag(asset.content_hash, vfs::Encoding::br)); });
  const EntityTag tag(asset.content_hash, vfs::Encoding::br);
  const Validators validators{
      .entity_tag = tag.text(), .modified = asset.modified, .has_variants = true};
  measure("preconditions", 0, [&] { keep(evaluate_preconditions(*head, validators)); });
  const ResponseHead response{.date = "Sun, 06 Nov 1994 08:49:37 GMT",
                              .fields = asset.header_fields,
                              .encoding = vfs::Encoding::br,
                              .entity_tag = tag.text(),
                              .last_modified = asset.modified.seconds,
                              .content_length = 4567};
  measure("write response head", write_response_head(response, buffer),
          [&] { keep(write_response_head(response, buffer)); });
  measure("render asset headers", 0,
          [&] { keep(render_asset_headers({.path = "/docs/guide/getting-started.html"})); });
  const OneAsset source;
  const NameResolver names(source, {});
  measure("resolve an exact name", head->path.size(), [&] { keep(names.resolve(*head)); });
}

}  // namespace

int main() {
  measure_parser("parse a tool's request", kTool);
  measure_parser("parse a browser's request", kBrowser);
  measure_pieces();
  measure_rest();
  return 0;
}
