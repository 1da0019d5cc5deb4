#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "seabag/app/settings.h"
#include "seabag/vfs/result.h"

/// The arguments of `seabag`, parsed: one struct a subcommand.
namespace seabag::command {

enum class Format { text, json };

/// Help or a version: written to standard output as it is.
struct Show {
  std::string text;
};

struct Pack {
  std::vector<std::string> inputs;
  std::string output;
  std::optional<std::string> profile;
  std::optional<std::string> links;
  std::string config;
  std::string stub;
  std::string cache;
  unsigned jobs = 0;
  bool with_state = false;
  bool no_cache = false;
  bool quiet = false;
  bool json = false;
};

struct Serve {
  std::string subject;
  std::vector<std::string> listen;
  std::optional<std::string> workers;
  std::optional<std::string> access_log;
  std::optional<std::string> admin;
  bool listing = false;
  app::TlsFlags tls;
  std::string config;
};

struct Docs {
  std::vector<std::string> listen;
};

struct List {
  std::string app;
  std::vector<std::string> paths;
  bool details = false;
  bool nul = false;
  bool json = false;
};

struct Tree {
  std::string app;
  std::string path = "/";
};

struct Stat {
  std::string app;
  std::vector<std::string> paths;
  bool json = false;
};

struct Cat {
  std::string app;
  std::vector<std::string> paths;
};

struct Extract {
  std::string app;
  std::string directory;
  std::vector<std::string> globs;
  bool force = false;
  bool quiet = false;
  bool json = false;
};

struct Verify {
  std::string app;
  bool quiet = false;
  bool json = false;
};

struct Info {
  std::string app;
  bool json = false;
};

struct Export {
  std::string app;
  std::string output;
};

struct Fsck {
  std::string file;
  bool repair = false;
  bool quiet = false;
  bool json = false;
};

struct Mount {
  std::string source;
  std::string directory;
  std::string overlay;  ///< where changes go; empty: into the source
  bool is_writable = false;
  bool is_foreground = false;
};

struct Run {
  std::vector<std::string> mounts;
  std::vector<std::string> command;
  bool is_overlay = false;
  bool is_writable = false;
};

struct Unmount {
  std::string directory;
};

/// What `seabag fs` does.
enum class FsVerb {
  list,
  tree,
  cat,
  stat,
  find,
  usage,
  diff,
  put,
  copy,
  move,
  remove,
  make,
  link,
  commit
};

struct Fs {
  FsVerb verb = FsVerb::list;
  /// SOURCE:PATH or paths of the host; for `put` the destination, for `link` what it leads to and
  /// its name, for `copy` and `move` the sources and the destination, for `diff` both, or with an
  /// overlay its source; for `commit` the source and the target.
  std::vector<std::string> operands;
  std::string overlay;  ///< diff, commit: where the changes are
  std::string name;     ///< find
  std::string type;     ///< find: f, d or l
  bool details = false;
  bool nul = false;
  bool json = false;
  bool recursive = false;
  bool force = false;
  bool parents = false;
  bool symbolic = false;
};

struct Bench {
  std::string url;
  std::string method;  ///< empty: GET, or POST with a body
  std::vector<std::string> fields;
  std::string body;  ///< a file
  unsigned connections = 64;
  unsigned threads = 0;  ///< 0: half of the processors
  unsigned pipeline = 1;
  std::optional<double> rate;
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::chrono::nanoseconds warm_up = std::chrono::seconds(1);
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);
  bool json = false;
  bool quiet = false;
};

struct Top {
  std::string address;
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  bool once = false;
  bool json = false;
};

struct Licenses {};

struct Completion {
  std::string shell;
};

using Invocation =
    std::variant<Show, Pack, Serve, Docs, List, Tree, Stat, Cat, Extract, Verify, Info, Export,
                 Fsck, Mount, Unmount, Run, Fs, Bench, Top, Licenses, Completion>;

/// Parses the arguments that follow the program's name. A usage error when they make no
/// sense.
[[nodiscard]] Result<Invocation> parse_command_line(std::span<const std::string> arguments);

}  // namespace seabag::command
