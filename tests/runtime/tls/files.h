#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "issued.h"
#include "seabag/tls/context.h"
#include "support/catch.h"

namespace seabag::test {

/// Files by their names, which can change.
using Files = std::map<std::string, std::string>;

inline tls::FileReader reader_of(const std::shared_ptr<Files>& files) {
  return [files](const std::string& path) -> Result<std::string> {
    const auto found = files->find(path);
    if (found == files->end()) {
      return make_error(std::errc::no_such_file_or_directory, "open", path);
    }
    return found->second;
  };
}

/// One file with certificate and key.
inline std::string joined(const Issued& issued) {
  return issued.certificate_pem() + issued.key_pem();
}

inline std::unique_ptr<tls::Context> load(const std::shared_ptr<Files>& files,
                                          tls::Settings settings) {
  auto context = tls::Context::load(std::move(settings), reader_of(files));
  INFO((context ? std::string() : context.error().message()));
  REQUIRE(context);
  return std::move(*context);
}

}  // namespace seabag::test
