// What all measurements of a run do with their figures.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace seabag::bench {

/// Ends the program with one line.
[[noreturn]] inline void give_up(const std::string& cause) {
  std::fprintf(stderr, "http_bench: %s\n", cause.c_str());
  std::exit(1);
}

/// The upper one of two; 0 when there is none.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace seabag::bench
