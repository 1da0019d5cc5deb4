#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "http_client.h"

namespace seabag::site_check {

/// What was asked and found.
struct Counts {
  std::uint64_t files = 0;
  std::uint64_t requests = 0;
  std::uint64_t hidden = 0;                ///< dot files and rule files, which must be 404
  std::uint64_t missing = 0;               ///< wrong names asked for
  std::array<std::uint64_t, 4> encoded{};  ///< answers in identity, gzip, br, zstd
  std::uint64_t failures = 0;
};

/// Compares a directory with what a server gives under the same names. Failures are written to
/// standard output, the first hundred of them. One thread at a time.
class Checker {
 public:
  Checker(std::filesystem::path directory, HttpClient client)
      : directory_(std::move(directory)), client_(std::move(client)) {}

  /// Asks for every file in every encoding and for names that do not exist. Errors: a connection
  /// that is lost, a directory that cannot be read.
  [[nodiscard]] Result<Counts> run();

 private:
  [[nodiscard]] Result<void> check_file(const std::string& path);
  [[nodiscard]] Result<void> check_encoding(const std::string& path, std::size_t encoding,
                                            const std::string& content,
                                            std::set<std::string>& tags);
  [[nodiscard]] Result<void> check_range(const std::string& path, const std::string& content);
  [[nodiscard]] Result<void> check_missing(const std::string& path);
  [[nodiscard]] Result<Reply> get(const std::string& path, std::string_view fields);
  void fail(const std::string& path, const std::string& what);

  std::filesystem::path directory_;
  HttpClient client_;
  Counts counts_;
};

}  // namespace seabag::site_check
