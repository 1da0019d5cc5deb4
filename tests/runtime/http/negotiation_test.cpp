#include "seabag/http/negotiation.h"

#include <string>
#include <vector>

#include "parsed_request.h"
#include "seabag/http/entity_tag.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

using vfs::Encoding;

// Lengths of the representations in the order of Encoding; 0 for one that is not there.
vfs::Asset asset_with(std::array<std::uint64_t, vfs::kEncodingCount> lengths) {
  vfs::Asset asset;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    asset.representations[i].present = lengths[i] != 0;
    asset.representations[i].length = lengths[i];
  }
  return asset;
}

TEST_CASE("the best acceptable representation is chosen", "[http][negotiation]") {
  struct Row {
    std::string header;
    Encoding chosen;
  };
  const std::vector<Row> rows = {
      {"", Encoding::identity},
      {"gzip", Encoding::gzip},
      {"GZip", Encoding::gzip},
      {"x-gzip", Encoding::gzip},
      {"br", Encoding::br},
      {"zstd", Encoding::zstd},
      {"identity", Encoding::identity},
      {"deflate", Encoding::identity},
      {"compress, deflate", Encoding::identity},
      {"gzip, deflate", Encoding::gzip},
      {"gzip, deflate, br", Encoding::br},
      {"gzip, deflate, br, zstd", Encoding::br},
      {"gzip, deflate, br;q=0.9", Encoding::gzip},
      {"gzip,deflate,br", Encoding::br},
      {"br;q=0.5, gzip", Encoding::gzip},
      {"br;q=0.5, gzip;q=0.5", Encoding::br},
      {"br;q=0.5,gzip;q=0.501", Encoding::gzip},
      {"br ; q=0.5 , gzip ;\tq=0.6", Encoding::gzip},
      {"gzip;Q=1.000, br;q=0.999", Encoding::gzip},
      {"*", Encoding::br},
      {"*;q=0.1", Encoding::br},
      {"*, br;q=0", Encoding::zstd},
      {"gzip;q=0.2, *;q=0.1", Encoding::gzip},
      {"identity, *;q=0.1", Encoding::identity},
      {"identity;q=0", Encoding::identity},
      {"identity;q=0, gzip", Encoding::gzip},
      {"identity;q=1, gzip;q=0.5", Encoding::identity},
      {"identity;q=0.5, gzip;q=0.5", Encoding::gzip},
      {"gzip;q=0.001", Encoding::gzip},
      {"gzip;q=0", Encoding::identity},
      {"gzip;q=0.000", Encoding::identity},
      {"*;q=0", Encoding::identity},
      {"*;q=0, gzip", Encoding::gzip},
      {"gzip;q=0, *", Encoding::br},
      {"gzip, gzip;q=0", Encoding::identity},
      {", ,gzip,", Encoding::gzip},
      {"gzip;q=2", Encoding::identity},
      {"gzip;q=1.001", Encoding::identity},
      {"gzip;q=0.0001", Encoding::identity},
      {"gzip;q=-1", Encoding::identity},
      {"gzip;q=", Encoding::identity},
      {"gzip;q", Encoding::identity},
      {"gzip;", Encoding::identity},
      {"gzip;level=9", Encoding::identity},
      {"gzip;q=0.5;x=y", Encoding::identity},
      {"gzip q=1", Encoding::identity},
      {"gzip;q=.5", Encoding::identity},
      {"gzip;q=0.", Encoding::identity},
      {"gzip;q=1.", Encoding::gzip},
      {"gzipped", Encoding::identity},
      {"\"gzip\"", Encoding::identity},
      {"g\xc3\xbdzip, gzip", Encoding::gzip},
  };
  const vfs::Asset asset = asset_with({1000, 300, 200, 250});
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK(choose_encoding(AcceptedEncodings::parse(row.header), asset) == row.chosen);
  }
}

TEST_CASE("of equally good representations the shortest is chosen", "[http][negotiation]") {
  const auto all = AcceptedEncodings::parse("gzip, deflate, br, zstd");
  CHECK(choose_encoding(all, asset_with({1000, 100, 200, 300})) == Encoding::gzip);
  CHECK(choose_encoding(all, asset_with({1000, 300, 200, 100})) == Encoding::zstd);
  CHECK(choose_encoding(all, asset_with({1000, 0, 0, 300})) == Encoding::zstd);
  CHECK(choose_encoding(all, asset_with({1000, 0, 0, 0})) == Encoding::identity);
  CHECK(choose_encoding(all, asset_with({1000, 200, 200, 200})) == Encoding::gzip);
  CHECK(choose_encoding(AcceptedEncodings::parse("*"), asset_with({100, 200, 0, 0})) ==
        Encoding::identity);
}

TEST_CASE("without Accept-Encoding identity is sent", "[http][negotiation]") {
  const vfs::Asset asset = asset_with({1000, 300, 200, 250});
  CHECK(choose_encoding(AcceptedEncodings(), asset) == Encoding::identity);
  CHECK(select_encoding(ParsedRequest(get_with("")).head, asset) == Encoding::identity);
}

TEST_CASE("several Accept-Encoding lines are one list", "[http][negotiation]") {
  const vfs::Asset asset = asset_with({1000, 300, 200, 250});
  const ParsedRequest request(
      get_with("Accept-Encoding: gzip;q=0.5\r\nAccept-Encoding: zstd;q=0.9\r\n"));
  CHECK(select_encoding(request.head, asset) == Encoding::zstd);
}

TEST_CASE("a range request gets identity unless If-Range names an encoded ETag",
          "[http][negotiation]") {
  vfs::Asset asset = asset_with({1000, 300, 0, 250});
  asset.content_hash.fill(std::byte{0xab});
  const auto tag = [&](Encoding encoding) {
    return std::string(EntityTag(asset.content_hash, encoding).text());
  };
  const std::string accept = "Accept-Encoding: gzip, deflate, br\r\n";
  const std::string range = accept + "Range: bytes=0-1\r\n";
  const auto select = [&](const std::string& fields) {
    const ParsedRequest request(get_with(fields));
    REQUIRE(request.is_complete());
    return select_encoding(request.head, asset);
  };
  CHECK(select(accept) == Encoding::gzip);
  CHECK(select(range) == Encoding::identity);
  CHECK(select(range + "If-Range: " + tag(Encoding::gzip) + "\r\n") == Encoding::gzip);
  CHECK(select(range + "If-Range: " + tag(Encoding::identity) + "\r\n") == Encoding::identity);
  CHECK(select(range + "If-Range: W/" + tag(Encoding::gzip) + "\r\n") == Encoding::identity);
  // Not acceptable, and not present.
  CHECK(select(range + "If-Range: " + tag(Encoding::zstd) + "\r\n") == Encoding::identity);
  CHECK(select(range + "If-Range: " + tag(Encoding::br) + "\r\n") == Encoding::identity);
  const ParsedRequest head("HEAD / HTTP/1.1\r\nHost: a\r\n" + range + "\r\n");
  CHECK(select_encoding(head.head, asset) == Encoding::gzip);
}

}  // namespace
}  // namespace seabag::http
