// What the servers serve.
#pragma once

#include <cstdint>
#include <string>

namespace seabag::bench {

/// Files in the folder /many, each with other bytes.
constexpr unsigned kManyFiles = 100;
/// The path of one; all are as long.
std::string many_path(unsigned file);

/// The files of a small site in a folder of its own.
struct Site {
  std::string folder;
  std::uint64_t json_gzip_length = 0;  ///< of /data.json.gz beside the 4.5 KB /data.json
  std::uint64_t small_length = 0;      ///< of the incompressible ones in /many
  std::uint64_t medium_length = 0;     ///< of the incompressible /medium.bin
  std::uint64_t large_length = 0;      ///< of the incompressible /large.bin
};

/// Writes them below `folder`, which must exist.
Site write_site(const std::string& folder);

}  // namespace seabag::bench
