#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <utility>

#include "seabag/console/exit_code.h"
#include "seabag/console/version.h"

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
      return Invocation(Show{chosen().help(&chosen() == &root_ ? "" : root_.get_name())});
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
  // The subcommand that was named, or the command itself.
  const CLI::App& chosen() const {
    const auto subcommands = root_.get_subcommands();
    return subcommands.empty() ? root_ : *subcommands.front();
  }

  Error refused(std::string message) const {
    std::replace(message.begin(), message.end(), '\n', ' ');
    const auto subcommands = root_.get_subcommands();
    const std::string name = subcommands.empty() ? "" : " " + subcommands.front()->get_name();
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
    app->add_option("--stub", options->stub,
                    "Pack into this executable instead of the built-in server")
        ->type_name("FILE");
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
    app->add_option("--config", options->config, "The seabag.toml to use")->type_name("FILE");
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
  Invocation invocation_;
};

}  // namespace

Result<Invocation> parse_command_line(std::span<const std::string> arguments) {
  return Declaration().parse(arguments);
}

}  // namespace seabag::command
