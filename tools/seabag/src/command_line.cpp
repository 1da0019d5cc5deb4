#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <utility>

#include "parse_time.h"
#include "seabag/console/exit_code.h"
#include "seabag/console/version.h"
#include "seabag/load/plan.h"

namespace seabag::command {

namespace {

// Declares the subcommands; the one that is used leaves itself in `invocation`.
class Declaration {
 public:
  Declaration() {
    root_.require_subcommand(1);
    root_.set_help_flag("-h,--help", "Show help");
    root_.set_version_flag("--version", "seabag " + std::string(console::version()));
    root_.get_formatter()->column_width(30);
    root_.footer("Help on a command: seabag COMMAND --help");
    add_pack();
    add_serve();
    add_docs();
    add_list();
    add_tree();
    add_stat();
    add_cat();
    add_extract();
    add_verify();
    add_info();
    add_export();
    add_fsck();
    add_mount();
    add_unmount();
    add_run();
    add_fs();
    add_bench();
    add_top();
    add_licenses();
    add_completion();
  }

  Result<Invocation> parse(std::span<const std::string> arguments) {
    // What follows `run ... --` are another program's words: none of them is an option here.
    std::vector<std::string> words;
    if (!arguments.empty() && arguments.front() == "run") {
      const auto mark = std::find(arguments.begin(), arguments.end(), "--");
      if (mark != arguments.end()) {
        words.assign(mark + 1, arguments.end());
        arguments = {arguments.begin(), mark};
      }
    }
    // CLI11 takes its arguments back to front.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    if (reversed.empty()) {
      return Invocation(Show{root_.help()});
    }
    try {
      root_.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
      return Invocation(Show{chosen().help(prefix_of(chosen()))});
    } catch (const CLI::CallForVersion& version) {
      return Invocation(Show{std::string(version.what()) + "\n"});
    } catch (const CLI::ParseError& error) {
      return refused(error.what());
    }
    if (auto* run = std::get_if<Run>(&invocation_)) {
      run->command.insert(run->command.end(), words.begin(), words.end());
      if (run->command.empty()) {
        return refused("COMMAND is required, after --");
      }
    }
    return std::move(invocation_);
  }

 private:
  // The subcommand that was named, its own one included, or the command itself.
  const CLI::App& chosen() const {
    const CLI::App* app = &root_;
    for (auto below = app->get_subcommands(); !below.empty(); below = app->get_subcommands()) {
      app = below.front();
    }
    return *app;
  }

  // What is written in front of its name.
  static std::string prefix_of(const CLI::App& app) {
    std::string prefix;
    for (const CLI::App* above = app.get_parent(); above != nullptr; above = above->get_parent()) {
      prefix = above->get_name() + (prefix.empty() ? "" : " ") + prefix;
    }
    return prefix;
  }

  Error refused(std::string message) const {
    std::replace(message.begin(), message.end(), '\n', ' ');
    const std::string whole = prefix_of(chosen()) + " " + chosen().get_name();
    const std::string name = &chosen() == &root_ ? "" : whole.substr(whole.find(' '));
    return console::usage_error(message + " (see seabag" + name + " --help)");
  }

  // Adds a subcommand whose options are bound to a T that `parse` gives back.
  template <typename T>
  std::pair<CLI::App*, T*> add(const char* name, const char* what, const char* examples) {
    CLI::App* app = root_.add_subcommand(name, what);
    app->footer(std::string("Examples:\n") + examples);
    const auto options = std::make_shared<T>();
    app->callback([this, options] { invocation_ = *options; });
    return {app, options.get()};
  }

  static void add_app(CLI::App& app, std::string& target) {
    app.add_option("APP", target, "A packed executable or a bare bundle")->required();
  }

  static void add_listen(CLI::App& app, std::vector<std::string>& target) {
    app.add_option("--listen", target,
                   "ADDR:PORT, [V6]:PORT, :PORT or unix:PATH; may be repeated. Port 0: any free "
                   "one. Default: 127.0.0.1:8080")
        ->type_name("ADDR:PORT")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  void add_pack() {
    auto [app, options] = add<Pack>("pack", "Pack directories, files and archives into an app",
                                    "  seabag pack public -o site\n"
                                    "  seabag pack public api.tar.zst:/api -o site\n"
                                    "  seabag pack public --config seabag.toml --json -o site");
    app->add_option("INPUT", options->inputs,
                    "A directory, file or archive; INPUT:/PREFIX says where it goes")
        ->required();
    app->add_option("-o,--output", options->output, "The executable to write")
        ->required()
        ->type_name("APP");
    app->add_option("--profile", options->profile,
                    "How hard to compress: release (default), dev or none")
        ->check(CLI::IsMember({"release", "dev", "none"}))
        ->type_name("NAME");
    app->add_option("--config", options->config, "The seabag.toml to check and carry along")
        ->type_name("FILE");
    auto* stub = app->add_option("--stub", options->stub,
                                 "Pack into this executable instead of the built-in server")
                     ->type_name("FILE");
    app->add_flag("--with-state", options->with_state,
                  "Give the app the flag --state FILE.db, which keeps changes of its files")
        ->excludes(stub);
    app->add_option("--jobs", options->jobs, "Parallel work; default: all processors")
        ->check(CLI::Range(1, 256))
        ->type_name("N");
    auto* cache = app->add_option("--cache", options->cache,
                                  "Where compressed forms are remembered; default: "
                                  "$XDG_CACHE_HOME/seabag or ~/.cache/seabag")
                      ->type_name("DIR");
    app->add_flag("--no-cache", options->no_cache, "Remember nothing")->excludes(cache);
    app->add_option("--links", options->links,
                    "Symlinks that leave the tree: inside (refused, default) or any (kept)")
        ->check(CLI::IsMember({"inside", "any"}))
        ->type_name("POLICY");
    app->add_flag("--json", options->json, "Write the summary as JSON");
    app->add_flag("-q,--quiet", options->quiet, "Neither progress nor summary");
  }

  void add_serve() {
    auto [app, options] = add<Serve>("serve", "Serve a live directory, an app or an archive",
                                     "  seabag serve public\n"
                                     "  seabag serve public --listen :3000\n"
                                     "  seabag serve site.tar.zst --listen 127.0.0.1:0");
    app->add_option("SUBJECT", options->subject, "A directory, a packed executable or an archive")
        ->required();
    add_listen(*app, options->listen);
    app->add_option("--workers", options->workers,
                    "Worker processes; auto: one a processor; default: 1")
        ->type_name("N");
    app->add_option("--access-log", options->access_log,
                    "A file for one JSON object a request; - is standard output")
        ->type_name("FILE");
    app->add_option("--admin", options->admin,
                    "Where operators look: /status, /metrics, /readyz; default: nowhere")
        ->type_name("ADDR:PORT");
    app->add_flag("--listing", options->listing, "List directories that have no index");
    add_tls(*app, options->tls);
    app->add_option("--config", options->config, "The seabag.toml to use")->type_name("FILE");
  }

  static void add_tls(CLI::App& app, app::TlsFlags& tls) {
    app.add_option("--tls-certificate", tls.certificate,
                   "Speak HTTPS with this certificate chain (PEM); may be repeated")
        ->allow_extra_args(false)
        ->type_name("FILE");
    app.add_option("--tls-key", tls.key, "Its private key, when it is in a file of its own")
        ->allow_extra_args(false)
        ->type_name("FILE");
    app.add_flag("--tls-self-signed", tls.self_signed,
                 "Speak HTTPS with a certificate made now, to try it out");
    app.add_option("--tls-redirect", tls.redirect,
                   "Send plain HTTP from this address to HTTPS; may be repeated")
        ->allow_extra_args(false)
        ->type_name("ADDR:PORT");
    app.add_option("--tls-min-version", tls.min_version,
                   "The oldest TLS to speak: 1.2 (default) or 1.3")
        ->check(CLI::IsMember({"1.2", "1.3"}))
        ->type_name("V");
  }

  void add_docs() {
    auto [app, options] = add<Docs>("docs", "Serve the documentation that this command carries",
                                    "  seabag docs\n  seabag docs --listen 127.0.0.1:0");
    add_listen(*app, options->listen);
  }

  void add_list() {
    auto [app, options] = add<List>("list", "List what an app holds, one path a line",
                                    "  seabag list site\n"
                                    "  seabag list --long site /assets\n"
                                    "  seabag list --null site | xargs -0 printf '%s\\n'");
    add_app(*app, options->app);
    app->add_option("PATH", options->paths, "Only what is at and below these paths");
    auto* details = app->add_flag("-l,--long", options->details, "Also mode, size and time");
    auto* nul = app->add_flag("-0,--null", options->nul, "End each line with a NUL byte");
    app->add_flag("--json", options->json, "A JSON array")->excludes(details)->excludes(nul);
  }

  void add_tree() {
    auto [app, options] = add<Tree>("tree", "Show what an app holds as a tree",
                                    "  seabag tree site\n  seabag tree site /assets");
    add_app(*app, options->app);
    app->add_option("PATH", options->path, "Where to start");
  }

  void add_stat() {
    auto [app, options] = add<Stat>("stat", "Show what is known about paths of an app",
                                    "  seabag stat site /index.html\n"
                                    "  seabag stat --json site / /index.html");
    add_app(*app, options->app);
    app->add_option("PATH", options->paths, "Paths in the app")->required();
    app->add_flag("--json", options->json, "A JSON array");
  }

  void add_cat() {
    auto [app, options] = add<Cat>("cat", "Write files of an app to standard output",
                                   "  seabag cat site /index.html");
    add_app(*app, options->app);
    app->add_option("PATH", options->paths, "Paths in the app")->required();
  }

  void add_extract() {
    auto [app, options] = add<Extract>("extract", "Write the files of an app to a directory",
                                       "  seabag extract site -C copy\n"
                                       "  seabag extract site -C images '**/*.svg' /assets");
    add_app(*app, options->app);
    app->add_option("-C,--directory", options->directory, "Where to; made when it is missing")
        ->required()
        ->type_name("DIR");
    app->add_option("GLOB", options->globs,
                    "Only paths that match; * and ? stay in a directory, ** crosses them");
    app->add_flag("-f,--force", options->force, "Replace files that are there already");
    app->add_flag("--json", options->json, "Write the summary as JSON");
    app->add_flag("-q,--quiet", options->quiet, "No summary");
  }

  void add_verify() {
    auto [app, options] = add<Verify>("verify", "Check every byte of an app's bundle",
                                      "  seabag verify site && scp site server:");
    add_app(*app, options->app);
    app->add_flag("--json", options->json, "Write the result as JSON");
    app->add_flag("-q,--quiet", options->quiet, "Only the exit code and errors");
  }

  void add_info() {
    auto [app, options] = add<Info>("info", "Show counts, sizes and the root hash of an app",
                                    "  seabag info site\n  seabag info --json site");
    add_app(*app, options->app);
    app->add_flag("--json", options->json, "A JSON object");
  }

  void add_export() {
    auto [app, options] = add<Export>("export", "Write what an app holds as an archive",
                                      "  seabag export site -o site.tar.zst\n"
                                      "  seabag export site -o site.zip\n"
                                      "  seabag export state.db -o state.sqlar\n"
                                      "  seabag export state.sqlar -o state.db");
    app->add_option("APP", options->app,
                    "A packed executable, a bare bundle, a SQLite file system (.db) or archive "
                    "(.sqlar)")
        ->required();
    app->add_option(
           "-o,--output", options->output,
           "The archive; its suffix says which kind: .tar, .tar.gz, .tar.zst, .zip, .sqlar; "
           ".db for what a .sqlar holds")
        ->required()
        ->type_name("FILE");
  }

  void add_fsck() {
    auto [app, options] = add<Fsck>("fsck", "Check a file system in a SQLite file, or repair it",
                                    "  seabag fsck state.db\n  seabag fsck --repair state.db");
    app->add_option("FILE", options->file, "The database")->required();
    app->add_flag("--repair", options->repair,
                  "Mend what is found; nothing else may have the file open");
    app->add_flag("--json", options->json, "Write the result as JSON");
    app->add_flag("-q,--quiet", options->quiet,
                  "Only the exit code (0 clean, 1 defects, 2 could not be checked) and errors");
  }

  void add_mount() {
    auto [app, options] =
        add<Mount>("mount", "Show an app, directory, archive or database as a directory",
                   "  seabag mount site /mnt/site && grep -r title /mnt/site\n"
                   "  seabag mount state.db ~/state\n"
                   "  seabag mount site /mnt/site --overlay changes.db\n"
                   "  seabag mount memory: /mnt/scratch --foreground");
    app->add_option("SOURCE", options->source,
                    "A packed executable, a directory, an archive, a database (.db; made when it "
                    "is missing) or memory:")
        ->required();
    app->add_option("DIR", options->directory, "Where; must exist")->required();
    CLI::Option* writable =
        app->add_flag("--writable", options->is_writable, "Let a directory be changed");
    app->add_option("--overlay", options->overlay,
                    "Leave the source as it is: changes go to a database (.db) or to memory:")
        ->type_name("UPPER")
        ->excludes(writable);
    app->add_flag("--foreground", options->is_foreground,
                  "Stay until unmounted, SIGINT or SIGTERM");
  }

  void add_unmount() {
    auto [app, options] = add<Unmount>("umount", "Take a mount away, also one whose process died",
                                       "  seabag umount /mnt/site");
    app->add_option("DIR", options->directory, "Where it is mounted")->required();
  }

  void add_run() {
    auto [app, options] =
        add<Run>("run", "Run a program that sees sources at paths, without root or a mount",
                 "  seabag run --mount site:/srv/site -- ls -R /srv/site\n"
                 "  seabag run --mount state.db:/var/lib/app -- app\n"
                 "  seabag run --mount fixtures:/etc --overlay -- app --config /etc/app.conf");
    app->add_option("--mount", options->mounts,
                    "SOURCE:/PREFIX; the source as for seabag mount; may be repeated")
        ->required()
        ->type_name("SOURCE:/PREFIX")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app->add_flag("--overlay", options->is_overlay,
                  "Only what the sources have is theirs; all else below the prefixes is real");
    app->add_flag("--writable", options->is_writable, "Let directories be changed");
    app->add_option("COMMAND", options->command, "The program and its arguments, after --");
  }

  // Adds a verb of `seabag fs`; all of them are bound to one Fs.
  CLI::App* add_verb(CLI::App& fs, FsVerb verb, const char* name, const char* what,
                     const char* examples) {
    CLI::App* app = fs.add_subcommand(name, what);
    app->footer(std::string("Examples:\n") + examples);
    app->callback([this, verb] {
      fs_.verb = verb;
      invocation_ = fs_;
    });
    return app;
  }

  CLI::Option* add_operands(CLI::App& app, const char* name, const char* what) {
    return app.add_option(name, fs_.operands, what)->required();
  }

  CLI::Option* add_overlay(CLI::App& app, const char* what) {
    return app.add_option("--overlay", fs_.overlay, what)->type_name("UPPER");
  }

  void add_json(CLI::App& app) { app.add_flag("--json", fs_.json, "A JSON array"); }

  void add_fs() {
    CLI::App* fs =
        root_.add_subcommand("fs", "Work with files in apps, archives, databases and directories");
    fs->require_subcommand(1);
    fs->footer(
        "A path is SOURCE:PATH, where SOURCE is a packed executable, an archive, a database (.db)\n"
        "or a directory, or a path of the host. What exists on the host is taken as such.\n\n"
        "Examples:\n"
        "  seabag fs ls site:/assets\n"
        "  seabag fs cp -r site:/docs state.db:/docs\n"
        "Help on a verb: seabag fs VERB --help");
    add_reading_verbs(*fs);
    add_changing_verbs(*fs);
  }

  void add_reading_verbs(CLI::App& fs) {
    CLI::App* ls = add_verb(fs, FsVerb::list, "ls", "List directories",
                            "  seabag fs ls site:/\n  seabag fs ls --long state.db:/ public");
    add_operands(*ls, "PATH", "Directories, or what is to be shown itself");
    ls->add_flag("-l,--long", fs_.details, "Also mode, size and time");
    ls->add_flag("-0,--null", fs_.nul, "End each line with a NUL byte");
    add_json(*ls);
    CLI::App* tree = add_verb(fs, FsVerb::tree, "tree", "Show what is below as a tree",
                              "  seabag fs tree state.db:/");
    add_operands(*tree, "PATH", "Where to start");
    CLI::App* cat = add_verb(fs, FsVerb::cat, "cat", "Write files to standard output",
                             "  seabag fs cat site.tar.zst:/index.html");
    add_operands(*cat, "PATH", "Files");
    CLI::App* stat = add_verb(fs, FsVerb::stat, "stat", "Show what is known about paths",
                              "  seabag fs stat --json state.db:/docs");
    add_operands(*stat, "PATH", "Paths; symlinks are not followed");
    add_json(*stat);
    CLI::App* find = add_verb(fs, FsVerb::find, "find", "Find what is below",
                              "  seabag fs find site:/ --name '*.{css,js}' --type f");
    add_operands(*find, "PATH", "Where to look");
    find->add_option("--name", fs_.name, "Only names that match")->type_name("GLOB");
    find->add_option("--type", fs_.type, "Only files (f), directories (d) or symlinks (l)")
        ->check(CLI::IsMember({"f", "d", "l"}))
        ->type_name("TYPE");
    find->add_flag("-0,--null", fs_.nul, "End each line with a NUL byte");
    add_json(*find);
    CLI::App* du = add_verb(fs, FsVerb::usage, "du", "Show how much room trees take",
                            "  seabag fs du state.db:/ site:/assets");
    add_operands(*du, "PATH", "Trees; a file with several names counts once");
    add_json(*du);
    CLI::App* diff =
        add_verb(fs, FsVerb::diff, "diff", "Compare two trees: the exit code is 1 when they differ",
                 "  seabag fs diff site:/ public\n"
                 "  seabag fs diff --json a.db: b.db:\n"
                 "  seabag fs diff --overlay changes.db site");
    add_operands(*diff, "PATH",
                 "Both trees: - is in the first only, + in the second, M differs; with --overlay "
                 "its source")
        ->expected(1, 2);
    add_overlay(*diff, "Show what an overlay changes in its source");
    add_json(*diff);
  }

  void add_changing_verbs(CLI::App& fs) {
    CLI::App* put = add_verb(fs, FsVerb::put, "put", "Write standard input to a file",
                             "  date | seabag fs put --force state.db:/now");
    add_operands(*put, "PATH", "The file to make")->expected(1);
    put->add_flag("-f,--force", fs_.force, "Replace it when it is there already");
    CLI::App* cp = add_verb(fs, FsVerb::copy, "cp", "Copy, also from one source to another",
                            "  seabag fs cp -r site:/docs state.db:/docs\n"
                            "  seabag fs cp -r site.tar.zst:/ public\n"
                            "  seabag fs cp a.txt b.txt state.db:/");
    add_operands(*cp, "PATH", "What to copy, and last where to: a directory or a new name");
    cp->add_flag("-r,--recursive", fs_.recursive, "Copy directories with all that is below");
    cp->add_flag("-f,--force", fs_.force, "Replace files that are there already");
    CLI::App* mv = add_verb(fs, FsVerb::move, "mv", "Move, also from one source to another",
                            "  seabag fs mv state.db:/a state.db:/b");
    add_operands(*mv, "PATH", "What to move, and last where to: a directory or a new name");
    mv->add_flag("-f,--force", fs_.force, "Replace files that are there already");
    CLI::App* rm = add_verb(fs, FsVerb::remove, "rm", "Remove", "  seabag fs rm -r state.db:/old");
    add_operands(*rm, "PATH", "What to remove; symlinks are not followed");
    rm->add_flag("-r,--recursive", fs_.recursive, "Remove directories with all that is below");
    rm->add_flag("-f,--force", fs_.force, "What is not there is no error");
    CLI::App* mkdir = add_verb(fs, FsVerb::make, "mkdir", "Make directories",
                               "  seabag fs mkdir -p state.db:/a/b");
    add_operands(*mkdir, "PATH", "What to make");
    mkdir->add_flag("-p,--parents", fs_.parents,
                    "What is missing on the way too; what exists is no error");
    CLI::App* ln = add_verb(fs, FsVerb::link, "ln", "Give a file another name, or make a symlink",
                            "  seabag fs ln state.db:/a state.db:/b\n"
                            "  seabag fs ln -s ../a state.db:/d/link");
    add_operands(*ln, "PATH", "The existing file (with -s the text of the symlink), and the name")
        ->expected(2);
    ln->add_flag("-s,--symbolic", fs_.symbolic, "Make a symlink");
    CLI::App* commit = add_verb(fs, FsVerb::commit, "commit", "Write what an overlay has changed",
                                "  seabag fs commit --overlay changes.db public\n"
                                "  seabag fs commit --overlay changes.db site public");
    add_operands(*commit, "SOURCE", "What the overlay is over, and where to, when that is not it")
        ->expected(1, 2);
    add_overlay(*commit, "Where the changes are: what seabag mount was given")->required();
  }

  // `500ms`, `10s`, `2m`; a bare number is seconds.
  static CLI::Option* add_time(CLI::App& app, const char* name, std::chrono::nanoseconds& target,
                               const char* what) {
    const auto read = [&target](const std::string& text) {
      const auto time = parse_time(text);
      target = time.value_or(target);
      return time.has_value();
    };
    return app
        .add_option_function<std::string>(
            name,
            [name, read](const std::string& text) {
              if (!read(text)) {
                throw CLI::ValidationError(name, "expected a time such as 10s, 500ms or 2m");
              }
            },
            what)
        ->type_name("TIME");
  }

  void add_top() {
    auto [app, options] = add<Top>("top", "Show how a running server is, every second",
                                   "  seabag top http://127.0.0.1:9000\n"
                                   "  seabag top unix:/run/site-admin.sock\n"
                                   "  seabag top --once --json 127.0.0.1:9000");
    app->add_option("ADDRESS", options->address,
                    "What the server was given as --admin: http://HOST:PORT, HOST:PORT, unix:PATH")
        ->required();
    add_time(*app, "-i,--interval", options->interval, "How often to look; default: 1s");
    app->add_flag("--once", options->once, "Look once, and tell what was since the server's start");
    app->add_flag("--json", options->json, "One JSON object a look, as the server tells it");
  }

  void add_bench() {
    auto [app, options] =
        add<Bench>("bench", "Put load on a server and measure how it answers",
                   "  seabag bench http://127.0.0.1:8080/\n"
                   "  seabag bench --rate 5000 --duration 30s http://127.0.0.1:8080/\n"
                   "  seabag bench -c 256 -t 2 --json http://127.0.0.1:8080/app.js > run.json\n"
                   "  seabag bench --body order.json --header 'Content-Type: application/json' "
                   "http://127.0.0.1:8080/orders");
    app->add_option("URL", options->url, "http://HOST[:PORT][/PATH][?QUERY]")->required();
    app->add_option("-r,--rate", options->rate,
                    "Requests a second at even distances, whether or not the server keeps up (open "
                    "loop); default: as fast as it answers (closed loop)")
        ->check(CLI::Range(0.001, load::kMaxRate))
        ->type_name("N");
    add_time(*app, "-d,--duration", options->duration, "How long to measure; default: 10s");
    add_time(*app, "--warm-up", options->warm_up, "How long before that; default: 1s");
    add_time(*app, "--timeout", options->timeout,
             "How long to wait for a byte of an answer; default: 10s");
    app->add_option("-c,--connections", options->connections, "Connections; default: 64")
        ->check(CLI::Range(1U, load::kMaxConnections))
        ->type_name("N");
    app->add_option("-t,--threads", options->threads,
                    "Threads of the loader; default: half of the processors")
        ->check(CLI::Range(1U, load::kMaxThreads))
        ->type_name("N");
    app->add_option("-p,--pipeline", options->pipeline,
                    "Requests under way at once on a connection; default: 1")
        ->check(CLI::Range(1U, load::kMaxPipeline))
        ->type_name("N");
    app->add_option("-X,--method", options->method, "Default: GET, or POST with --body")
        ->type_name("METHOD");
    app->add_option("-H,--header", options->fields,
                    "A header field, 'Name: value'; may be repeated")
        ->type_name("FIELD")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app->add_option("--body", options->body, "The file to send as content")->type_name("FILE");
    app->add_flag("--json", options->json, "A JSON object, latencies in microseconds");
    app->add_flag("-q,--quiet", options->quiet, "No progress");
  }

  void add_licenses() {
    add<Licenses>("licenses", "Show the licences of everything that a packed app contains",
                  "  seabag licenses");
  }

  void add_completion() {
    auto [app, options] = add<Completion>("completion", "Write a completion script for a shell",
                                          "  source <(seabag completion bash)\n"
                                          "  seabag completion zsh > ~/.zfunc/_seabag\n"
                                          "  seabag completion fish | source");
    app->add_option("SHELL", options->shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  CLI::App root_{"Packs a whole site into one executable that serves it.", "seabag"};
  Fs fs_;
  Invocation invocation_;
};

}  // namespace

Result<Invocation> parse_command_line(std::span<const std::string> arguments) {
  return Declaration().parse(arguments);
}

}  // namespace seabag::command
