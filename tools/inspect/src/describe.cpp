#include "seabag/inspect/describe.h"

#include <array>

#include "seabag/console/format.h"

namespace seabag::inspect {

namespace {

constexpr std::array<const char*, vfs::kEncodingCount> kEncodingNames = {"identity", "gzip", "br",
                                                                         "zstd"};

void add_line(std::string& text, std::string_view name, std::string_view value) {
  constexpr std::size_t kNameWidth = 14;
  text += name;
  text.append(kNameWidth - name.size(), ' ');
  text += value;
  text += '\n';
}

std::string counted(std::uint64_t count, std::uint64_t bytes) {
  return console::format_count(count) + " (" + console::format_bytes(bytes) + ")";
}

}  // namespace

std::string describe(const bundle::BundleInfo& info) {
  const bundle::Totals& totals = info.totals;
  std::string text;
  add_line(text, "packed by", console::printable(info.producer));
  if (info.created != 0) {
    add_line(text, "created", console::format_time({.seconds = info.created}) + " UTC");
  }
  add_line(text, "format", std::to_string(info.version));
  add_line(text, "files", counted(totals.files, totals.content_bytes));
  add_line(text, "directories", console::format_count(totals.directories));
  add_line(text, "symlinks", console::format_count(totals.symlinks));
  add_line(text, "hard links", console::format_count(totals.hard_links));
  add_line(text, "deduplicated", counted(totals.deduplicated, totals.deduplicated_bytes));
  for (std::size_t encoding = 0; encoding < totals.encodings.size(); ++encoding) {
    const bundle::EncodingTotals& form = totals.encodings[encoding];
    add_line(text, kEncodingNames[encoding], counted(form.count, form.bytes));
  }
  add_line(text, "tables", console::format_bytes(info.metadata_bytes));
  add_line(text, "names", console::format_bytes(info.name_bytes));
  add_line(text, "bundle", console::format_bytes(info.payload_bytes));
  add_line(text, "root hash", format_root_hash(info));
  return text;
}

std::string format_root_hash(const bundle::BundleInfo& info) {
  return console::format_hex(std::string_view(reinterpret_cast<const char*>(info.root_hash.data()),
                                              info.root_hash.size()));
}

std::string describe(const bundle::VerifyReport& report) {
  return "intact: " + console::format_count(report.entries) + " entries, " +
         console::format_count(report.contents) + " contents, " +
         console::format_count(report.variants) + " compressed forms, " +
         console::format_bytes(report.hashed_bytes) + " hashed";
}

std::string describe(const ExtractReport& report) {
  return console::format_count(report.files) + " files, " +
         console::format_count(report.directories) + " directories, " +
         console::format_count(report.symlinks) + " symlinks, " +
         console::format_bytes(report.bytes);
}

}  // namespace seabag::inspect
