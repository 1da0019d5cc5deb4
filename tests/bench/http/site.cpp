#include "site.h"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string_view>

namespace seabag::bench {
namespace {

constexpr std::size_t kJsonLength = 4608;
constexpr std::size_t kSmallLength = 1024;
constexpr std::size_t kMediumLength = 16 * 1024;
constexpr std::size_t kLargeLength = 128 * 1024;

/// Rows like those of an API, from a fixed seed.
std::string make_json() {
  std::minstd_rand random(1);
  std::string json = "[";
  for (unsigned row = 0; json.size() < kJsonLength - 64; ++row) {
    json += (row == 0 ? "" : ",") + std::string("{\"id\":") + std::to_string(1000 + row) +
            ",\"name\":\"item " + std::to_string(random() % 1000) +
            "\",\"price\":" + std::to_string(random() % 10'000) +
            ",\"in_stock\":" + (random() % 2 == 0 ? "true" : "false") + "}";
  }
  json += "]";
  json.append(kJsonLength - json.size(), '\n');
  return json;
}

std::string gzip(std::string_view text) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string make_noise(std::size_t length, unsigned seed = 2) {
  std::minstd_rand random(seed);
  std::string noise(length, '\0');
  for (char& byte : noise) {
    byte = static_cast<char>(random() >> 8U);
  }
  return noise;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

std::string many_path(unsigned file) { return "/many/" + std::to_string(10'000 + file) + ".bin"; }

Site write_site(const std::string& folder) {
  const std::string json = make_json();
  const std::string zipped = gzip(json);
  write_file(folder + "/data.json", json);
  write_file(folder + "/data.json.gz", zipped);
  write_file(folder + "/medium.bin", make_noise(kMediumLength));
  write_file(folder + "/large.bin", make_noise(kLargeLength));
  std::filesystem::create_directories(folder + "/many");
  for (unsigned file = 0; file < kManyFiles; ++file) {
    write_file(folder + many_path(file), make_noise(kSmallLength, 3 + file));
  }
  write_file(folder + "/index.html", "<!doctype html><title>bench</title>");
  // nginx wants both of the same age.
  const auto time = std::filesystem::last_write_time(folder + "/data.json");
  std::filesystem::last_write_time(folder + "/data.json.gz", time);
  return {.folder = folder,
          .json_gzip_length = zipped.size(),
          .small_length = kSmallLength,
          .medium_length = kMediumLength,
          .large_length = kLargeLength};
}

}  // namespace seabag::bench
