#include "checker.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

#include "decode.h"

namespace seabag::site_check {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kCodings = {"", "gzip", "br", "zstd"};
constexpr std::uint64_t kShownFailures = 100;

// A path as a request target: everything but unreserved characters and slashes is escaped.
std::string target_of(std::string_view path) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string target;
  for (const char byte : path) {
    if (kPlain.find(byte) != std::string_view::npos) {
      target += byte;
    } else {
      const auto value = static_cast<unsigned char>(byte);
      target += '%';
      target += kDigits[value >> 4U];
      target += kDigits[value & 0xFU];
    }
  }
  return target;
}

// What a server hides: dot files but for /.well-known, and the files with its own rules.
bool is_hidden(std::string_view path) {
  if (path == "/_headers" || path == "/_redirects" || path.ends_with("/.seabagignore")) {
    return true;
  }
  if (path.starts_with("/.well-known/")) {
    path.remove_prefix(std::string_view("/.well-known").size());
  }
  return path.find("/.") != std::string_view::npos;
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) {
    return make_error(std::errc::io_error, "read", path.string());
  }
  return content;
}

}  // namespace

Result<Counts> Checker::run() {
  std::error_code problem;
  fs::recursive_directory_iterator walk(directory_, problem);
  for (; !problem && walk != fs::recursive_directory_iterator(); walk.increment(problem)) {
    const std::string path = walk->path().string().substr(directory_.string().size());
    std::error_code dangling;
    if (!walk->is_regular_file(dangling)) {  // a symlink is served as what it leads to
      continue;
    }
    ++counts_.files;
    if (is_hidden(path)) {
      ++counts_.hidden;
      SEABAG_TRY(check_missing(path));
    } else {
      SEABAG_TRY(check_file(path));
      SEABAG_TRY(check_missing(path + "-missing"));
    }
  }
  if (problem) {
    return Error{.code = problem, .operation = "read", .path = directory_.string()};
  }
  return counts_;
}

Result<void> Checker::check_file(const std::string& path) {
  const std::string content = SEABAG_TRY(read_file(directory_.string() + path));
  std::set<std::string> tags;
  for (std::size_t encoding = 0; encoding < kCodings.size(); ++encoding) {
    SEABAG_TRY(check_encoding(path, encoding, content, tags));
  }
  return content.size() > 1 ? check_range(path, content) : Result<void>();
}

Result<void> Checker::check_encoding(const std::string& path, std::size_t encoding,
                                     const std::string& content, std::set<std::string>& tags) {
  const std::string_view wanted = kCodings[encoding];
  const std::string fields =
      wanted.empty() ? "" : "Accept-Encoding: " + std::string(wanted) + "\r\n";
  const Reply reply = SEABAG_TRY(get(path, fields));
  const std::string_view coding = reply.field("content-encoding");
  if (reply.status != 200) {
    fail(path, "status " + std::to_string(reply.status));
    return {};
  }
  if (!coding.empty() && coding != wanted) {
    fail(path, "came as " + std::string(coding) + " and not as " + std::string(wanted));
    return {};
  }
  ++counts_.encoded[coding.empty() ? 0 : encoding];
  const auto decoded = decode(coding, reply.body, content.size());
  if (!decoded || *decoded != content) {
    fail(path, "differs from the file (" + std::string(wanted) + ")");
  }
  const std::string_view tag = reply.field("etag");
  if (tag.size() < 3 || tag.front() != '"') {
    fail(path, "has no strong ETag");
  } else if (!tags.emplace(tag).second && !coding.empty()) {
    fail(path, "has one ETag for two encodings");
  }
  if (reply.field("content-type").empty()) {
    fail(path, "has no Content-Type");
  }
  return {};
}

Result<void> Checker::check_range(const std::string& path, const std::string& content) {
  const std::size_t first = content.size() / 2;
  const Reply reply = SEABAG_TRY(get(path, "Range: bytes=" + std::to_string(first) + "-\r\n"));
  if (reply.status != 206 || reply.body != content.substr(first)) {
    fail(path, "does not give its second half as a range");
  }
  return {};
}

Result<void> Checker::check_missing(const std::string& path) {
  ++counts_.missing;
  const Reply reply = SEABAG_TRY(get(path, ""));
  if (reply.status != 404) {
    fail(path, "should be 404 and is " + std::to_string(reply.status));
  }
  return {};
}

Result<Reply> Checker::get(const std::string& path, std::string_view fields) {
  ++counts_.requests;
  auto reply = client_.ask("GET", target_of(path), fields);
  if (!reply) {
    return with_path(std::move(reply).error(), path);
  }
  return reply;
}

void Checker::fail(const std::string& path, const std::string& what) {
  if (++counts_.failures <= kShownFailures) {
    std::printf("%s %s\n", path.c_str(), what.c_str());
  }
}

}  // namespace seabag::site_check
