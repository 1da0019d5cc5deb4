#include "json.h"

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "seabag/console/format.h"
#include "seabag/inspect/describe.h"

namespace seabag::command {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, vfs::kEncodingCount> kEncodingNames = {"identity", "gzip", "br",
                                                                         "zstd"};

std::string dumped(const Json& value) {
  constexpr int kNoIndent = -1;
  return value.dump(kNoIndent, ' ', false, Json::error_handler_t::replace);
}

template <typename Tally>
Json tally(const Tally& value) {
  return {{"count", value.count}, {"bytes", value.bytes}};
}

template <typename Tallies>
Json by_encoding(const Tallies& tallies) {
  Json json = Json::object();
  for (std::size_t encoding = 0; encoding < tallies.size(); ++encoding) {
    json[kEncodingNames[encoding]] = tally(tallies[encoding]);
  }
  return json;
}

std::string hexadecimal(std::span<const std::byte> bytes) {
  return console::format_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Json json_of_path(std::string_view path) {
  Json json;
  json["path"] = path;
  if (!console::is_utf8(path)) {
    json["path_hex"] = console::format_hex(path);
  }
  return json;
}

void add_asset(Json& json, const vfs::Asset& asset) {
  json["hash"] = hexadecimal(asset.content_hash);
  Json& forms = json["forms"] = Json::object();
  for (std::size_t encoding = 0; encoding < vfs::kEncodingCount; ++encoding) {
    if (asset.representations[encoding].present) {
      forms[kEncodingNames[encoding]] = asset.representations[encoding].length;
    }
  }
  Json& headers = json["headers"] = Json::array();
  std::string_view fields = asset.header_fields;
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    headers.push_back(fields.substr(0, end));
    fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 2);
  }
}

}  // namespace

std::string to_json(const Usage& usage) {
  Json json = json_of_path(usage.path);
  json["nodes"] = usage.nodes;
  json["bytes"] = usage.bytes;
  json["allocated"] = usage.allocated;
  return dumped(json);
}

std::string to_json(const PathChange& change) {
  Json json = json_of_path(change.path);
  json["change"] = change.change == '-' ? "removed" : change.change == '+' ? "added" : "modified";
  return dumped(json);
}

std::string to_json(const Row& row) {
  Json json = json_of_path(row.path);
  json["type"] = console::format_type(row.attributes.type);
  json["mode"] = row.attributes.mode;
  json["size"] = row.attributes.size;
  json["modified"] = {{"seconds", row.attributes.modified.seconds},
                      {"nanoseconds", row.attributes.modified.nanoseconds}};
  json["links"] = row.attributes.links;
  if (row.attributes.type == vfs::FileType::symlink) {
    json["target"] = row.target;
  }
  if (row.asset != nullptr) {
    add_asset(json, *row.asset);
  }
  return dumped(json);
}

std::string to_json(const bundle::BundleInfo& info) {
  const bundle::Totals& totals = info.totals;
  Json json;
  json["producer"] = info.producer;
  json["created"] = info.created;
  json["format"] = info.version;
  json["compatible_features"] = info.compat_features;
  json["incompatible_features"] = info.incompat_features;
  json["files"] = totals.files;
  json["directories"] = totals.directories;
  json["symlinks"] = totals.symlinks;
  json["hard_links"] = totals.hard_links;
  json["content_bytes"] = totals.content_bytes;
  json["contents"] = info.contents;
  json["deduplicated"] = {{"count", totals.deduplicated}, {"bytes", totals.deduplicated_bytes}};
  json["representations"] = by_encoding(totals.encodings);
  json["table_bytes"] = info.metadata_bytes;
  json["name_bytes"] = info.name_bytes;
  json["bundle_bytes"] = info.payload_bytes;
  json["root_hash"] = inspect::format_root_hash(info);
  return dumped(json);
}

std::string to_json(const bundle::VerifyReport& report) {
  return dumped({{"intact", true},
                 {"entries", report.entries},
                 {"contents", report.contents},
                 {"variants", report.variants},
                 {"hashed_bytes", report.hashed_bytes}});
}

std::string to_json(const inspect::ExtractReport& report) {
  return dumped({{"files", report.files},
                 {"directories", report.directories},
                 {"symlinks", report.symlinks},
                 {"bytes", report.bytes}});
}

std::string to_json(const providers::SqliteCheckReport& report) {
  Json defects = Json::array();
  for (const providers::SqliteDefect& defect : report.defects) {
    defects.push_back(
        {{"kind", defect.kind}, {"detail", defect.detail}, {"repaired", defect.is_repaired}});
  }
  return dumped({{"clean", report.defects.empty()},
                 {"nodes", report.nodes},
                 {"entries", report.entries},
                 {"content_bytes", report.content_bytes},
                 {"defects", std::move(defects)}});
}

std::string to_json(const bundler::PackReport& report, std::string_view output) {
  Json json;
  json["output"] = output;
  json["files"] = report.files;
  json["directories"] = report.directories;
  json["symlinks"] = report.symlinks;
  json["bytes_in"] = report.bytes_in;
  json["representations"] = by_encoding(report.representations);
  json["deduplicated"] = tally(report.deduplicated);
  json["adopted"] = tally(report.adopted);
  json["computed_variants"] = report.computed_variants;
  json["cached_variants"] = report.cached_variants;
  json["bytes_out"] = report.bytes_out;
  json["seconds"] = std::chrono::duration<double>(report.elapsed).count();
  json["warnings"] = report.warnings;
  return dumped(json);
}

}  // namespace seabag::command
