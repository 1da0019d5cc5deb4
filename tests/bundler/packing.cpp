#include "packing.h"

#include <fstream>
#include <iterator>

#include "seabag/bundle/verify.h"
#include "seabag/bundler/verify.h"
#include "support/catch.h"

namespace seabag::testing {

namespace fs = std::filesystem;

Workshop::Workshop() {
  fs::create_directory(root_ / "in");
  fs::create_directory(root_ / "out");
}

fs::path Workshop::input(std::string_view name) const { return root_ / "in" / name; }

fs::path Workshop::output(std::string_view name) const { return root_ / "out" / name; }

fs::path Workshop::make(const Tree& tree, std::string_view name) const {
  const fs::path directory = input(name);
  fs::create_directories(directory);
  build_tree_on_disk(tree, directory);
  return directory;
}

bundler::PackOptions Workshop::options(const std::vector<std::string>& inputs) const {
  bundler::PackOptions options;
  for (const std::string& input : inputs) {
    options.inputs.push_back(bundler::parse_input(input).value());
  }
  options.output = output().string();
  options.profile = bundler::Profile::none;
  options.jobs = 2;
  options.durability = bundle::Durability::cached;
  return options;
}

bool Workshop::is_output_empty() const { return fs::is_empty(root_ / "out"); }

std::unique_ptr<bundle::Bundle> pack_and_open(const bundler::PackOptions& options,
                                              bundler::PackReport* report) {
  const auto packed = bundler::pack(options);
  INFO((packed ? std::string() : packed.error().message()));
  REQUIRE(packed);
  if (report != nullptr) {
    *report = *packed;
  }
  auto opened = bundle::Bundle::open_executable(options.output);
  INFO((opened ? std::string() : opened.error().message()));
  REQUIRE(opened);
  const auto verified = bundle::verify(**opened);
  INFO((verified ? std::string() : verified.error().message()));
  REQUIRE(verified);
  const auto variants = bundler::verify_variants(**opened, 1);
  INFO((variants ? std::string() : variants.error().message()));
  REQUIRE(variants);
  return std::move(*opened);
}

std::string pack_error(const bundler::PackOptions& options) {
  const auto packed = bundler::pack(options);
  REQUIRE_FALSE(packed);
  const fs::path directory = fs::path(options.output).parent_path();
  if (fs::is_directory(directory)) {
    for (const auto& left : fs::directory_iterator(directory)) {
      INFO("left behind: " << left.path());
      CHECK(left.path().filename().string().find("seabag") == std::string::npos);
      CHECK(left.path() != options.output);
    }
  }
  const std::string message = packed.error().message();
  CHECK(message.find('\n') == std::string::npos);
  return message;
}

void write_file(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  REQUIRE(file.good());
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string prose(std::size_t size, unsigned seed) {
  static constexpr const char* kWords[] = {"harbour ", "sail ",    "the ", "wind ",   "of ",
                                           "rope\n",   "lantern ", "and ", "anchor ", "tide "};
  std::string text;
  unsigned state = seed;
  while (text.size() < size) {
    state = state * 1664525U + 1013904223U;
    text += kWords[(state >> 16U) % 10U];
  }
  text.resize(size);
  return text;
}

std::string stored(const bundle::Bundle& bundle, std::string_view path, vfs::Encoding encoding) {
  const auto asset = bundle.find(path);
  INFO("path " << path);
  REQUIRE(asset);
  const vfs::Representation& form = asset->representation(encoding);
  return form.present
             ? std::string(static_cast<const char*>(static_cast<const void*>(form.bytes.data())),
                           form.bytes.size())
             : std::string();
}

}  // namespace seabag::testing
