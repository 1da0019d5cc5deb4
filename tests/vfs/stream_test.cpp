#include "seabag/vfs/stream.h"

#include <sstream>
#include <string>

#include "memory_namespace.h"
#include "seabag/vfs/faulty.h"
#include "seabag/vfs/working_directory.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

std::string large_text() {
  std::string text;
  for (int line = 0; text.size() < 100'000; ++line) {
    text.append("line ").append(std::to_string(line)).append("\n");
  }
  return text;
}

TEST_CASE("a file can be read as a stream", "[vfs][stream]") {
  MemoryNamespace tree;
  const std::string text = large_text();
  REQUIRE(write_file(tree.files, "/file", text));
  const auto in = open_input(tree.files, "/file").value();

  SECTION("line by line") {
    std::string joined;
    for (std::string line; std::getline(*in, line);) {
      joined.append(line).append("\n");
    }
    CHECK((joined == text));
    CHECK(in->eof());
    CHECK_FALSE(in->bad());
  }
  SECTION("as a whole") {
    std::ostringstream all;
    all << in->rdbuf();
    CHECK((all.str() == text));
  }
  SECTION("in parts of every size") {
    std::string joined;
    for (std::size_t size = 1; *in; size = size * 3 + 1) {
      std::string part(size, '\0');
      in->read(part.data(), static_cast<std::streamsize>(size));
      joined.append(part, 0, static_cast<std::size_t>(in->gcount()));
    }
    CHECK((joined == text));
  }
  SECTION("from anywhere") {
    std::string word;
    in->seekg(5);
    *in >> word;
    CHECK(word == "0");
    CHECK(in->tellg() == std::streampos(6));
    in->seekg(-5, std::ios_base::end);
    std::getline(*in, word);
    CHECK(word == text.substr(text.size() - 5, 4));
    in->seekg(1, std::ios_base::end);
    CHECK(in->get() == std::char_traits<char>::eof());
    in->clear();
    in->seekg(-1);
    CHECK(in->fail());
  }
}

TEST_CASE("a file can be written as a stream", "[vfs][stream]") {
  MemoryNamespace tree;
  const std::string text = large_text();

  SECTION("made and emptied") {
    REQUIRE(write_file(tree.files, "/file", "longer than what follows"));
    const auto out = open_output(tree.files, "/file").value();
    *out << "number " << 42;
    REQUIRE(out->finish());
    CHECK(read_file(tree.files, "/file").value() == "number 42");
  }
  SECTION("large and small writes keep their order") {
    const auto out = open_output(tree.files, "/file").value();
    *out << "head" << text << "tail";
    REQUIRE(out->finish());
    CHECK((read_file(tree.files, "/file").value() == "head" + text + "tail"));
  }
  SECTION("sought") {
    const auto out = open_output(tree.files, "/file").value();
    *out << "abcdef";
    out->seekp(2);
    *out << "XY";
    CHECK(out->tellp() == std::streampos(4));
    out->seekp(0, std::ios_base::end);
    *out << "!";
    REQUIRE(out->finish());
    CHECK(read_file(tree.files, "/file").value() == "abXYef!");
  }
  SECTION("appended") {
    REQUIRE(write_file(tree.files, "/file", "one"));
    const auto out = open_append(tree.files, "/file").value();
    *out << "two";
    REQUIRE(out->finish());
    CHECK(read_file(tree.files, "/file").value() == "onetwo");
    out->seekp(0);
    CHECK(out->fail());
  }
  SECTION("by the destructor at the latest") {
    { *open_output(tree.files, "/file").value() << "kept"; }
    CHECK(read_file(tree.files, "/file").value() == "kept");
  }
}

TEST_CASE("a stream tells why it went bad", "[vfs][stream]") {
  const auto plan = std::make_shared<FaultPlan>();
  Namespace files;
  const std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  const Mount root = files.mount("/", make_writable_faulty(memory, plan)).value();
  REQUIRE(write_file(files, "/file", "text"));

  SECTION("reading") {
    const auto in = open_input(files, "/file").value();
    plan->add({.call = ContractCall::read_at});
    CHECK(in->get() == std::char_traits<char>::eof());
    CHECK(in->bad());
    REQUIRE(in->failure());
    CHECK(in->failure()->is(std::errc::io_error));
  }
  SECTION("writing") {
    plan->limit_space(3);
    const auto out = open_output(files, "/file").value();
    *out << "four" << std::flush;
    CHECK(out->bad());
    CHECK(error_of(out->finish()) == std::errc::no_space_on_device);
  }
  SECTION("opening") {
    CHECK(error_of(open_input(files, "/none")) == std::errc::no_such_file_or_directory);
    CHECK(error_of(open_output(files, "/none/file")) == std::errc::no_such_file_or_directory);
  }
}

TEST_CASE("a working directory makes relative paths whole", "[vfs][working_directory]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/b/", "/a/b/file", "/link -> a/b"});
  WorkingDirectory here(tree.files);
  CHECK(here.path() == "/");
  CHECK(here / "a" == "/a");
  REQUIRE(here.change("link"));
  CHECK(here.path() == "/a/b");
  CHECK(tree.files.stat(here / "file"));
  CHECK(tree.files.stat(here / "../b/file"));
  CHECK(here / "/a" == "/a");
  CHECK((here / "").empty());
  REQUIRE(here.change(".."));
  CHECK(here.path() == "/a");

  SECTION("and stays where it was when it cannot change") {
    const auto refused = here.change("b/file");
    CHECK(error_of(refused) == std::errc::not_a_directory);
    CHECK(refused.error().message() == "chdir 'b/file': Not a directory");
    CHECK(error_of(here.change("none")) == std::errc::no_such_file_or_directory);
    CHECK(error_of(here.change("")) == std::errc::no_such_file_or_directory);
    CHECK(here.path() == "/a");
  }
}

}  // namespace
}  // namespace seabag::vfs
