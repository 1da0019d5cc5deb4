// Programs that read what is mounted: the shell, coreutils, find, python.
#include "programs.h"

namespace {

using seabag::testing::Ending;
using seabag::testing::InterceptedPrograms;
namespace intercept = seabag::intercept;
namespace vfs = seabag::vfs;

TEST_CASE("cat prints a file of a mount", "[intercept][read]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/etc/app.conf", "debug = true\n");
  const Ending ending = programs.run("/bin/cat", {"/seabag-app/etc/app.conf"});
  CHECK(ending.output == "debug = true\n");
  CHECK(ending.errors.empty());
  CHECK(ending.exit_code == 0);
}

TEST_CASE("a missing file of a mount is reported as anywhere else", "[intercept][read]") {
  const InterceptedPrograms programs;
  const Ending ending = programs.run("/bin/cat", {"/seabag-app/missing"});
  CHECK(ending.errors == "/bin/cat: /seabag-app/missing: No such file or directory\n");
  CHECK(ending.exit_code == 1);
}

TEST_CASE("a directory cannot be read as a file", "[intercept][read]") {
  const InterceptedPrograms programs;
  const Ending ending = programs.run("/bin/cat", {"/seabag-app"});
  CHECK(ending.errors == "/bin/cat: /seabag-app: Is a directory\n");
}

TEST_CASE("ls lists a directory of a mount", "[intercept][read]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/b", "12345");
  programs.put("/seabag-app/a/x", "");
  CHECK(programs.run("/bin/ls", {"/seabag-app"}).output == "a\nb\n");
  CHECK(programs.run("/bin/ls", {"-l", "/seabag-app/b"}).output.starts_with("-rw-r--r-- 1"));
  CHECK(programs.run("/bin/ls", {"-R", "/seabag-app"}).output ==
        "/seabag-app:\na\nb\n\n/seabag-app/a:\nx\n");
}

TEST_CASE("stat tells the same of a path and of a descriptor", "[intercept][read]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/f", "12345", 0640);
  const auto stat = [&](const std::string& how) {
    return programs.shell("stat -L -c '%a %s %h %i %d' " + how + " < /seabag-app/f").output;
  };
  const std::string of_path = stat("/seabag-app/f");
  CHECK(of_path.starts_with("640 5 1 "));
  CHECK(stat("-") == of_path);
}

TEST_CASE("find walks a mount and its parent", "[intercept][read]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/a/b/c", "");
  programs.put("/seabag-app/d", "");
  CHECK(programs.shell("cd / && find /seabag-app | sort").output ==
        "/seabag-app\n/seabag-app/a\n/seabag-app/a/b\n/seabag-app/a/b/c\n/seabag-app/d\n");
  CHECK(programs.shell("ls -d /seabag*").output == "/seabag-app\n");
  CHECK(programs.shell("ls / | grep seabag-app").output == "seabag-app\n");
}

TEST_CASE("symlinks lead through a mount and out of it", "[intercept][read]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/etc/real", "text\n");
  REQUIRE(vfs::create_symlink(programs.session->files(), "etc/real", "/seabag-app/near"));
  REQUIRE(vfs::create_symlink(programs.session->files(), "/bin/sh", "/seabag-app/out"));
  CHECK(programs.run("/bin/cat", {"/seabag-app/near"}).output == "text\n");
  CHECK(programs.run("/bin/readlink", {"/seabag-app/near"}).output == "etc/real\n");
  CHECK(programs.run("/bin/realpath", {"/seabag-app/near"}).output == "/seabag-app/etc/real\n");
  CHECK(programs.run("/usr/bin/cmp", {"/seabag-app/out", "/bin/sh"}).exit_code == 0);
  CHECK(programs.run("/bin/cat", {"/seabag-app/../seabag-app/./etc//real"}).output == "text\n");
  CHECK(programs.run("/usr/bin/cmp", {"/seabag-app/../bin/sh", "/bin/sh"}).exit_code == 0);
}

TEST_CASE("paths outside of every mount are the real ones", "[intercept][read]") {
  const InterceptedPrograms programs;
  CHECK(programs.run("/bin/cat", {"/proc/self/comm"}).output == "cat\n");
  CHECK(programs.run("/usr/bin/test", {"-e", "/seabag-app2"}).exit_code == 1);
}

TEST_CASE("a program changes into a mount and works there", "[intercept][directory]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/sub/file", "text\n");
  CHECK(programs.shell("cd /seabag-app/sub && cat file && pwd && /bin/pwd").output ==
        "text\n/seabag-app/sub\n/seabag-app/sub\n");
  CHECK(programs.shell("cd /seabag-app/sub && ls .. && cat ../sub/file").output == "sub\ntext\n");
  CHECK(programs.shell("cd /seabag-app/sub && cd ../.. && /bin/pwd && ls -d bin").output ==
        "/\nbin\n");
  CHECK(programs.shell("cd / && cat seabag-app/sub/file").output == "text\n");
}

TEST_CASE("an overlay shows what it has over what is real", "[intercept][overlay]") {
  InterceptedPrograms programs;
  const auto over =
      programs.session
          ->mount("/etc", std::shared_ptr(seabag::providers::make_memory_file_system()),
                  {.view = intercept::View::overlay})
          .value();
  programs.put("/etc/seabag-test.conf", "virtual\n");
  CHECK(programs.shell("cat /etc/seabag-test.conf; head -c 4 /etc/passwd").output ==
        "virtual\nroot");
  CHECK(programs.shell("ls /etc | grep -x -e passwd -e seabag-test.conf").output ==
        "passwd\nseabag-test.conf\n");
  CHECK(programs.shell("cd /etc && cat seabag-test.conf && head -c 4 passwd").output ==
        "virtual\nroot");
}

}  // namespace
