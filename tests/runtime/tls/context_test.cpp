#include "seabag/tls/context.h"

#include "files.h"

namespace seabag {
namespace {

using test::Files;
using test::issue;

/// What is wrong with these files.
std::string refusal(Files files, tls::CertificateFiles names) {
  const auto context =
      tls::Context::load({.certificates = {std::move(names)}},
                         test::reader_of(std::make_shared<Files>(std::move(files))));
  REQUIRE_FALSE(context);
  const std::string line = context.error().message();
  CHECK(line.find('\n') == std::string::npos);
  return line;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a certificate and its key load, together or apart", "[tls][context]") {
  const test::Issued one = issue({});
  const auto files = std::make_shared<Files>(
      Files{{"both", test::joined(one)}, {"cert", one.certificate_pem()}, {"key", one.key_pem()}});
  CHECK(test::load(files, {.certificates = {{.certificate = "both"}}})->warnings().empty());
  CHECK(test::load(files, {.certificates = {{.certificate = "cert", .key = "key"}}}) != nullptr);
}

TEST_CASE("what is wrong with certificate files is said in one line", "[tls][context]") {
  const test::Issued authority = issue({.subject = "authority"});
  const test::Issued one = issue({.subject = "one", .issuer = &authority});
  const test::Issued other = issue({});
  const std::string certificate = one.certificate_pem();

  CHECK(has(refusal({}, {.certificate = "gone"}), "open 'gone'"));
  CHECK(has(refusal({{"c", "no pem"}}, {.certificate = "c"}), "'c': "));
  CHECK(has(refusal({{"c", "no pem"}}, {.certificate = "c"}), "holds no certificate"));
  CHECK(has(refusal({{"c", ""}}, {.certificate = "c"}), "holds no certificate"));
  CHECK(has(refusal({{"c", certificate}}, {.certificate = "c"}), "holds no private key"));
  CHECK(has(refusal({{"c", certificate}, {"k", other.key_pem()}}, {.certificate = "c", .key = "k"}),
            "the key does not belong to the certificate in 'c'"));
  CHECK(has(
      refusal({{"c", certificate}, {"k", one.locked_key_pem()}}, {.certificate = "c", .key = "k"}),
      "the key is encrypted"));
  CHECK(has(refusal({{"c", authority.certificate_pem() + certificate}, {"k", one.key_pem()}},
                    {.certificate = "c", .key = "k"}),
            "wrong order: the key belongs to certificate 2"));
  CHECK(has(refusal({{"c", certificate + other.certificate_pem()}, {"k", one.key_pem()}},
                    {.certificate = "c", .key = "k"}),
            "wrong order: certificate 2 did not issue certificate 1"));
  CHECK(has(refusal({{"c", test::joined(one)}, {"o", "no response"}},
                    {.certificate = "c", .key = "", .ocsp = "o"}),
            "holds no OCSP response"));
  std::string damaged = certificate;
  damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';
  damaged[damaged.size() / 2 + 1] = '!';
  CHECK(has(refusal({{"c", damaged + one.key_pem()}}, {.certificate = "c"}),
            "certificate 1 can't be read"));
}

TEST_CASE("weak keys are refused", "[tls][context]") {
  const test::Issued weak = issue({.is_rsa = true, .rsa_bits = 1024});
  CHECK(has(refusal({{"c", test::joined(weak)}}, {.certificate = "c"}), "key too small"));
}

TEST_CASE("certificates out of their time are used with a warning", "[tls][context]") {
  const auto files = std::make_shared<Files>(
      Files{{"old", test::joined(issue({.starts_in = -7200, .ends_in = -3600}))},
            {"new", test::joined(issue({.starts_in = 3600, .ends_in = 7200}))}});
  const auto context =
      test::load(files, {.certificates = {{.certificate = "old"}, {.certificate = "new"}}});
  CHECK(context->warnings() == std::vector<std::string>{"old: the certificate has expired",
                                                        "new: the certificate is not valid yet"});
}

TEST_CASE("certificates are for their names and one label below a wildcard", "[tls][context]") {
  const auto files = std::make_shared<Files>(
      Files{{"c", test::joined(issue({.names = {"Example.com", "*.example.org"}}))}});
  const auto context = test::load(files, {.certificates = {{.certificate = "c"}}});
  CHECK(context->is_for("example.com"));
  CHECK(context->is_for("EXAMPLE.COM."));
  CHECK(context->is_for("a.example.org"));
  CHECK_FALSE(context->is_for("example.org"));
  CHECK_FALSE(context->is_for("a.b.example.org"));
  CHECK_FALSE(context->is_for("*.example.org"));
  CHECK_FALSE(context->is_for(".example.org"));
  CHECK_FALSE(context->is_for("www.example.com"));
  CHECK_FALSE(context->is_for("test"));
  CHECK_FALSE(context->is_for(""));
}

TEST_CASE("a certificate to try it out is for this machine", "[tls][context]") {
  const auto context = test::load(std::make_shared<Files>(), {});
  CHECK(context->is_for("localhost"));
  CHECK(context->is_for("127.0.0.1"));
  CHECK(context->is_for("::1"));
  CHECK_FALSE(context->is_for("example.com"));
  CHECK(context->fingerprint().size() == 32 * 3 - 1);
  CHECK(context->warnings().empty());
  CHECK(context->reload());
}

TEST_CASE("a reload with bad files changes nothing", "[tls][context]") {
  const auto files =
      std::make_shared<Files>(Files{{"c", test::joined(issue({.names = {"a.example"}}))}});
  const auto context = test::load(files, {.certificates = {{.certificate = "c"}}});
  const std::string before = context->fingerprint();
  (*files)["c"] = "nothing";
  CHECK_FALSE(context->reload());
  CHECK(context->fingerprint() == before);
  (*files)["c"] = test::joined(issue({.names = {"b.example"}}));
  CHECK(context->reload());
  CHECK(context->fingerprint() != before);
  CHECK(context->is_for("b.example"));
  CHECK_FALSE(context->is_for("a.example"));
}

}  // namespace seabag
