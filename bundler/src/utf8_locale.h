#pragma once

#include <clocale>

namespace seabag::bundler {

/// libarchive converts names to the thread's character set. UTF-8, wherever we run, keeps them as
/// they are.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) {
      former_ = uselocale(locale_);
    }
  }
  ~Utf8Locale() {
    if (locale_ != nullptr) {
      uselocale(former_);
      freelocale(locale_);
    }
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_;
  locale_t former_ = nullptr;
};

}  // namespace seabag::bundler
