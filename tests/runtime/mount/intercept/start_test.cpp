// Programs that start programs, of a mount and others.
#include <filesystem>

#include "programs.h"
#include "seabag/providers/directory.h"

namespace {

using seabag::testing::Ending;
using seabag::testing::InterceptedPrograms;
namespace vfs = seabag::vfs;

void put_real(const InterceptedPrograms& programs, std::string_view path, const char* real) {
  vfs::Namespace names;
  const auto root = std::shared_ptr(seabag::providers::DirectoryFileSystem::open_root("/").value());
  const auto mount = names.mount("/", root).value();
  programs.put(path, vfs::read_file(names, std::filesystem::canonical(real).native()).value(),
               0755);
}

TEST_CASE("a program of a mount is started", "[intercept][exec]") {
  const InterceptedPrograms programs;
  put_real(programs, "/seabag-app/bin/tool", "/bin/echo");
  CHECK(programs.shell("/seabag-app/bin/tool a b").output == "a b\n");
  CHECK(programs.shell("cd /seabag-app && ./bin/tool a b").output == "a b\n");
  CHECK(programs.shell("PATH=/seabag-app/bin:$PATH; tool c").output == "c\n");
  CHECK(programs.shell("env -i /seabag-app/bin/tool d").output == "d\n");
}

TEST_CASE("a program of a mount finds the libraries that it needs there", "[intercept][exec]") {
  const InterceptedPrograms programs;
  put_real(programs, "/seabag-app/bin/tool", SEABAG_TEST_NEEDS_SIBLING);
  put_real(programs, "/seabag-app/lib/libseabag_test_sibling.so", SEABAG_TEST_SIBLING);
  CHECK(programs.shell("/seabag-app/bin/tool").exit_code == 21);
  CHECK(programs.shell("cd /seabag-app/bin && exec ./tool").exit_code == 21);
  CHECK(programs.shell("env -i /seabag-app/bin/tool").exit_code == 21);
  put_real(programs, "/seabag-app/elsewhere/tool", SEABAG_TEST_NEEDS_SIBLING);
  CHECK(programs.shell("/seabag-app/elsewhere/tool").exit_code == 21);
  REQUIRE(programs.session->files().rename("/seabag-app/lib", "/seabag-app/libraries"));
  CHECK(programs.shell("/seabag-app/bin/tool").exit_code == 127);
  CHECK(programs.shell("LD_LIBRARY_PATH=/nowhere:/seabag-app/libraries /seabag-app/bin/tool")
            .exit_code == 21);
}

TEST_CASE("what is preloaded for one program is not for those that it starts",
          "[intercept][exec]") {
  const InterceptedPrograms programs;
  put_real(programs, "/seabag-app/lib/libseabag_test_sibling.so", SEABAG_TEST_SIBLING);
  put_real(programs, "/seabag-app/bin/tool", SEABAG_TEST_NEEDS_SIBLING);
  programs.put("/seabag-app/run", "#!/bin/sh\n/seabag-app/bin/tool\necho $?\nenv\n", 0755);
  const std::string output = programs.shell("/seabag-app/run").output;
  CHECK(output.starts_with("21\n"));
  CHECK(output.find("SEABAG_INTERCEPT_LIBRARIES") == std::string::npos);
}

TEST_CASE("a script of a mount is started by its interpreter", "[intercept][exec]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/run", "#!/bin/sh -u\necho \"$0: $1\"; cat /seabag-app/data\n", 0755);
  programs.put("/seabag-app/data", "text\n");
  CHECK(programs.shell("/seabag-app/run one").output == "/seabag-app/run: one\ntext\n");
  put_real(programs, "/seabag-app/bin/sh", "/bin/sh");
  programs.put("/seabag-app/own", "#!/seabag-app/bin/sh\necho own\n", 0755);
  CHECK(programs.shell("/seabag-app/own").output == "own\n");
}

TEST_CASE("a file that nobody may execute is not started", "[intercept][exec]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/plain", "#!/bin/sh\n", 0644);
  CHECK(programs.shell("/seabag-app/plain").exit_code == 126);
  CHECK(programs.shell("/seabag-app/missing").exit_code == 127);
}

TEST_CASE("children inherit the mounts, also with an empty environment", "[intercept][exec]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/f", "text\n");
  CHECK(programs.shell("sh -c 'sh -c \"cat /seabag-app/f\"'").output == "text\n");
  CHECK(programs.shell("env -i /bin/cat /seabag-app/f").output == "text\n");
  CHECK(programs.shell("cd /seabag-app && sh -c 'cat f; sh -c \"cat f\"'").output ==
        "text\ntext\n");
}

TEST_CASE("descriptors are inherited and passed on", "[intercept][exec]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/f", "one\ntwo\n");
  CHECK(programs.shell("exec 3< /seabag-app/f; read line <&3; cat <&3").output == "two\n");
  CHECK(programs.shell("sort -r < /seabag-app/f | tee /seabag-app/g").output == "two\none\n");
  CHECK(programs.text("/seabag-app/g") == "two\none\n");
}

TEST_CASE("python works in a mount", "[intercept][python]") {
  if (!std::filesystem::exists("/usr/bin/python3")) {
    WARN("skipped: there is no /usr/bin/python3");
    return;
  }
  const InterceptedPrograms programs;
  programs.put("/seabag-app/module.py", "value = 42\n");
  const Ending ending = programs.run("/usr/bin/python3", {"-c", R"(
import os, glob, mmap, shutil, subprocess, sys
sys.path.insert(0, '/seabag-app')
import module
print(module.value)
os.makedirs('/seabag-app/a/b')
with open('/seabag-app/a/b/f', 'w+b') as f:
    f.write(b'hello')
    f.flush()
    with mmap.mmap(f.fileno(), 0) as m:
        m[0:1] = b'J'
    os.fsync(f.fileno())
    assert os.fstat(f.fileno()).st_ino == os.stat('/seabag-app/a/b/f').st_ino
print(open('/seabag-app/a/b/f').read())
print(sorted(os.listdir('/seabag-app/a')), glob.glob('/seabag-app/*/b'))
print([x for x in os.walk('/seabag-app/a')])
print(subprocess.run(['cat', 'f'], cwd='/seabag-app/a/b', capture_output=True).stdout)
os.rename('/seabag-app/a/b/f', '/seabag-app/g')
fd = os.open('/seabag-app', os.O_RDONLY)
print(os.stat('g', dir_fd=fd).st_size, sorted(os.listdir(fd))[-1])
shutil.rmtree('/seabag-app/a')
print(os.path.exists('/seabag-app/a'), os.path.realpath('/seabag-app/../seabag-app/g'))
)"});
  CHECK(ending.errors.empty());
  CHECK(ending.output ==
        "42\nJello\n['b'] ['/seabag-app/a/b']\n"
        "[('/seabag-app/a', ['b'], []), ('/seabag-app/a/b', [], ['f'])]\n"
        "b'Jello'\n5 module.py\nFalse /seabag-app/g\n");
}

}  // namespace
