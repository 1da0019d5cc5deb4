// Five kinds of answers that servers give, each on a path of its own, so that each can be measured.
#include <seabag/app/app.h>
#include <seabag/server/json.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using seabag::http::Status;
using seabag::server::JsonWriter;
using seabag::server::Request;
using seabag::server::Response;

constexpr std::uint32_t kRecords = 1'000;
constexpr std::uint32_t kDefaultLimit = 20'000;
constexpr std::uint32_t kLargestLimit = 5'000'000;

struct Record {
  std::uint32_t id;
  std::string name;
  std::uint32_t berths;
};

std::vector<Record> make_records() {
  std::vector<Record> records;
  for (std::uint32_t id = 1; id <= kRecords; ++id) {
    records.push_back({id, "Harbour " + std::to_string(id), id * 37 % 61 + 4});
  }
  return records;
}

// Written anew for every request, as if it came from a database.
std::string list_of(const std::vector<Record>& records) {
  JsonWriter json(records.size() * 64);
  json.begin_array();
  for (const Record& record : records) {
    json.begin_object()
        .member("id", record.id)
        .member("name", record.name)
        .member("berths", record.berths)
        .end_object();
  }
  return json.end_array().take();
}

// The sieve of Eratosthenes.
std::uint32_t count_primes(std::uint32_t limit) {
  std::vector<bool> is_composite(limit + std::size_t{1});
  std::uint32_t count = 0;
  for (std::uint64_t i = 2; i <= limit; ++i) {
    if (!is_composite[i]) {
      ++count;
      for (std::uint64_t multiple = i * i; multiple <= limit; multiple += i) {
        is_composite[multiple] = true;
      }
    }
  }
  return count;
}

// A whole number and nothing else.
bool read_number(std::string_view text, std::uint32_t& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc{} && end == text.data() + text.size();
}

Response compute(const Request& request) {
  std::uint32_t limit = kDefaultLimit;
  if (const auto text = request.query_value("n")) {
    if (!read_number(*text, limit) || limit > kLargestLimit) {
      return Response::error(Status::bad_request);
    }
  }
  JsonWriter json;
  json.begin_object().member("limit", limit).member("primes", count_primes(limit)).end_object();
  return Response::json(json.take());
}

Response show_id(const Request& request) {
  std::uint32_t id = 0;
  if (!read_number(request.param("id"), id)) {
    return Response::error(Status::bad_request);
  }
  return Response::json(JsonWriter().begin_object().member("id", id).end_object().take());
}

}  // namespace

int main(int argc, char** argv) {
  seabag::app::App app;
  const std::vector<Record> records = make_records();

  app.get("/simple", [](const Request&) { return Response::text("Million or bust\n"); });
  app.get("/list", [&records](const Request&) { return Response::json(list_of(records)); });
  app.get("/compute", compute);
  app.get("/params/:id", show_id);
  // And /read is public/read.html, from the bundle, in the encoding that the client wants.
  return app.run(argc, argv);
}
