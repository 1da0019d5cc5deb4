#include "runtime/admin/exposition.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>

namespace seabag::test {
namespace {

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

std::optional<double> number_of(std::string_view text) {
  if (text == "+Inf") {
    return std::numeric_limits<double>::infinity();
  }
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = code == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

/// One line that is no comment.
struct Sample {
  std::string name;
  std::string labels;  ///< as they are written, without `le`
  std::string limit;   ///< the value of `le`
  double value = 0;
};

class Linter {
 public:
  std::vector<std::string> run(std::string_view text) {
    if (!text.ends_with('\n')) {
      fault("the last line does not end");
    }
    while (!text.empty()) {
      line_ = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line_.size() + 1));
      take_line();
    }
    end_family();
    return std::move(faults_);
  }

 private:
  void fault(std::string_view what) {
    faults_.push_back(std::string(what) + ": " + std::string(line_));
  }

  void take_line() {
    if (line_.starts_with("# HELP ")) {
      begin_family();
    } else if (line_.starts_with("# TYPE ")) {
      take_type();
    } else if (const auto sample = parse_sample()) {
      take_sample(*sample);
    }
  }

  void begin_family() {
    end_family();
    const std::string_view rest = line_.substr(7);
    family_ = rest.substr(0, rest.find(' '));
    kind_.clear();
    if (!is_name(family_) || rest.size() < family_.size() + 2) {
      fault("no name or no help");
    }
    if (!families_.insert(family_).second) {
      fault("a family comes twice");
    }
  }

  void take_type() {
    const std::string_view rest = line_.substr(7);
    const std::string_view name = rest.substr(0, rest.find(' '));
    kind_ = rest.substr(std::min(rest.size(), name.size() + 1));
    if (name != family_) {
      fault("TYPE of another family");
    }
    if (kind_ != "counter" && kind_ != "gauge" && kind_ != "histogram") {
      fault("no kind");
    }
    if ((kind_ == "counter") != name.ends_with("_total")) {
      fault("counters, and they only, end with _total");
    }
  }

  std::optional<Sample> parse_sample() {
    std::string_view rest = line_;
    Sample sample;
    sample.name = rest.substr(0, rest.find_first_of("{ "));
    rest.remove_prefix(sample.name.size());
    if (rest.starts_with('{') && !parse_labels(rest, sample)) {
      fault("bad labels");
      return std::nullopt;
    }
    const auto value = rest.starts_with(' ') ? number_of(rest.substr(1)) : std::nullopt;
    if (!is_name(sample.name) || !value) {
      fault("no sample");
      return std::nullopt;
    }
    sample.value = *value;
    return sample;
  }

  /// Takes `{name="value",...}` away.
  static bool parse_labels(std::string_view& rest, Sample& sample) {
    std::set<std::string> names;
    do {
      rest.remove_prefix(1);
      const std::string name(rest.substr(0, rest.find('=')));
      rest.remove_prefix(std::min(rest.size(), name.size()));
      if (!is_name(name) || !names.insert(name).second || !rest.starts_with("=\"")) {
        return false;
      }
      std::size_t end = 2;
      for (; end < rest.size() && rest[end] != '"'; ++end) {
        if (rest[end] == '\\' &&
            (++end == rest.size() || std::string_view("\\\"n").find(rest[end]) == rest.npos)) {
          return false;
        }
      }
      const std::string value(rest.substr(0, std::min(rest.size(), end + 1)));
      (name == "le" ? sample.limit : sample.labels) +=
          name == "le" ? value.substr(2) : name + value;
      rest.remove_prefix(value.size());
    } while (rest.starts_with(','));
    if (!sample.limit.empty()) {
      sample.limit.pop_back();
    }
    const bool is_closed = rest.starts_with('}');
    rest.remove_prefix(is_closed ? 1 : 0);
    return is_closed;
  }

  void take_sample(const Sample& sample) {
    if (!series_.insert(sample.name + "{" + sample.labels + "," + sample.limit).second) {
      fault("a series comes twice");
    }
    if (kind_.empty()) {
      fault("no TYPE");
    } else if (kind_ != "histogram") {
      if (sample.name != family_ || !sample.limit.empty()) {
        fault("a sample of another family");
      }
    } else {
      take_histogram(sample);
    }
    if (kind_ != "gauge" && sample.value < 0) {
      fault("less than nothing");
    }
  }

  void take_histogram(const Sample& sample) {
    if (sample.name == family_ + "_bucket") {
      const auto limit = number_of(sample.limit);
      if (!limit || *limit <= last_limit_ || sample.value < in_buckets_) {
        fault("buckets do not ascend");
      }
      last_limit_ = limit.value_or(last_limit_);
      in_buckets_ = sample.value;
    } else if (sample.name == family_ + "_count") {
      count_ = sample.value;
    } else if (sample.name == family_ + "_sum") {
      has_sum_ = true;
    } else {
      fault("a sample of another family");
    }
  }

  void end_family() {
    const bool is_complete =
        last_limit_ == std::numeric_limits<double>::infinity() && has_sum_ && count_ == in_buckets_;
    if (kind_ == "histogram" && !is_complete) {
      fault("a histogram without +Inf, sum or count, or with another count");
    }
    last_limit_ = -1;
    in_buckets_ = 0;
    count_.reset();
    has_sum_ = false;
  }

  std::string_view line_;
  std::string family_;
  std::string kind_;
  double last_limit_ = -1;
  double in_buckets_ = 0;
  std::optional<double> count_;
  bool has_sum_ = false;
  std::set<std::string> families_;
  std::set<std::string> series_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> faults_of_exposition(std::string_view text) { return Linter().run(text); }

}  // namespace seabag::test
