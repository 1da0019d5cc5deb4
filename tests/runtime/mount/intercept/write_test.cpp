// Programs that change what is mounted.
#include "programs.h"

namespace {

using seabag::testing::Ending;
using seabag::testing::InterceptedPrograms;
namespace intercept = seabag::intercept;
namespace vfs = seabag::vfs;

TEST_CASE("what a program writes is in the file system", "[intercept][write]") {
  const InterceptedPrograms programs;
  CHECK(programs.shell("echo one > /seabag-app/f && echo two >> /seabag-app/f").exit_code == 0);
  CHECK(programs.text("/seabag-app/f") == "one\ntwo\n");
  CHECK(programs.session->files().stat("/seabag-app/f")->size == 8);
  REQUIRE(programs.session->flush());
  vfs::Namespace direct;
  const auto mount = direct.mount("/", programs.memory).value();
  CHECK(vfs::read_file(direct, "/f").value() == "one\ntwo\n");
}

TEST_CASE("several programs append to one file", "[intercept][write]") {
  const InterceptedPrograms programs;
  CHECK(programs
            .shell("exec >> /seabag-app/log; for i in 1 2 3 4; do (for j in 1 2 3 4 5; do "
                   "echo line; done) & done; wait; wc -l < /seabag-app/log >&2")
            .errors == "20\n");
  CHECK(programs.text("/seabag-app/log").size() == 20 * 5);
}

TEST_CASE("a size is visible to others as soon as it is written", "[intercept][write]") {
  const InterceptedPrograms programs;
  CHECK(programs
            .shell("exec 3> /seabag-app/f; printf 12345 >&3; stat -c %s /seabag-app/f; "
                   "wc -c < /seabag-app/f")
            .output == "5\n5\n");
}

TEST_CASE("names are made, moved and removed", "[intercept][names]") {
  const InterceptedPrograms programs;
  CHECK(programs
            .shell("cd /seabag-app && mkdir -p a/b && echo x > a/b/c && mv a d && cat d/b/c && "
                   "ln d/b/c hard && ln -s d/b/c soft && cat hard soft && "
                   "stat -c %h hard && rm hard && rm -r d && ls -A")
            .output == "x\nx\nx\n2\nsoft\n");
  CHECK(programs.shell("rmdir /seabag-app/missing").errors ==
        "rmdir: failed to remove '/seabag-app/missing': No such file or directory\n");
}

TEST_CASE("a descriptor of a directory follows it when it is renamed", "[intercept][names]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/old/f", "text\n");
  CHECK(programs
            .shell("cd /seabag-app/old && mv /seabag-app/old /seabag-app/new && cat f && "
                   "/bin/pwd")
            .output == "text\n/seabag-app/new\n");
}

TEST_CASE("attributes are changed", "[intercept][attributes]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/f", "12345");
  CHECK(programs
            .shell("cd /seabag-app && chmod 600 f && touch -d '2001-02-03 04:05:06 UTC' f && "
                   "truncate -s 3 f && touch -d '2001-02-03 04:05:06 UTC' f && "
                   "stat -c '%a %s %Y' f && cat f")
            .output == "600 3 981173106\n123");
}

TEST_CASE("an unlinked file works until it is closed", "[intercept][write]") {
  const InterceptedPrograms programs;
  CHECK(programs
            .shell("exec 3<> /seabag-app/f; echo text >&3; rm /seabag-app/f; cat /proc/self/fd/3; "
                   "ls /seabag-app")
            .output == "text\n");
}

TEST_CASE("a read-only mount refuses changes", "[intercept][write]") {
  const InterceptedPrograms programs({.access = vfs::MountAccess::read_only});
  CHECK(programs.shell("echo x > /seabag-app/f").errors.find("Read-only file system") !=
        std::string::npos);
  CHECK(programs.shell("mkdir /seabag-app/d").errors ==
        "mkdir: cannot create directory '/seabag-app/d': Read-only file system\n");
}

TEST_CASE("moving between a mount and the real file system copies", "[intercept][names]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/f", "text\n");
  CHECK(programs
            .shell("d=$(mktemp -d) && mv /seabag-app/f $d/g && cat $d/g && mv $d/g /seabag-app/h "
                   "&& cat /seabag-app/h && cp -r /seabag-app $d/copy && cat $d/copy/h && "
                   "rm -r $d && ls /seabag-app")
            .output == "text\ntext\ntext\nh\n");
}

TEST_CASE("a new name on an overlay goes where its directory is", "[intercept][overlay]") {
  const InterceptedPrograms programs({.view = intercept::View::overlay});
  programs.put("/seabag-app/conf/app.conf", "old\n");
  CHECK(programs
            .shell("cd /seabag-app/conf && echo new > app.conf.new && mv app.conf.new app.conf && "
                   "cat app.conf && ls")
            .output == "new\napp.conf\n");
  CHECK(programs.shell("echo x > /seabag-app/missing/f").exit_code != 0);
}

TEST_CASE("temporary files are made in a mount", "[intercept][names]") {
  const InterceptedPrograms programs;
  CHECK(
      programs
          .shell("f=$(mktemp -p /seabag-app) && echo x > $f && cat $f && mktemp -d -p /seabag-app "
                 "> /dev/null && ls /seabag-app | wc -l")
          .output == "x\n2\n");
}

}  // namespace
