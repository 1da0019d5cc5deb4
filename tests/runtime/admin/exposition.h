#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seabag::test {

/// What is wrong with a text in Prometheus' exposition format 0.0.4, a line each: stricter than
/// Prometheus itself. Every family has HELP and TYPE, once and in this order, and its samples
/// follow; names, labels and values are well-formed; no series comes twice; counters end with
/// `_total`, and nothing else does; the buckets of a histogram ascend, end with +Inf, and agree
/// with its count.
[[nodiscard]] std::vector<std::string> faults_of_exposition(std::string_view text);

}  // namespace seabag::test
