#include "arguments.h"

#include <algorithm>
#include <array>

#include "seabag/console/exit_code.h"

namespace seabag::app {

namespace {

struct Flag {
  std::string_view name;
  std::string_view value;  ///< what its value is called; empty: takes none
  std::string_view help;
  void (*apply)(Arguments& arguments, std::string_view value);
};

template <Action action>
void choose(Arguments& arguments, std::string_view /*value*/) {
  arguments.action = action;
}

constexpr std::string_view kState = "--state";

constexpr std::array<Flag, 18> kFlags = {{
    {"--listen", "ADDR:PORT", "where to listen, may be repeated (default 127.0.0.1:8080)",
     [](Arguments& arguments, std::string_view value) {
       arguments.flags.listen.emplace_back(value);
     }},
    {"--workers", "N", "workers, or auto for one a processor (default 1)",
     [](Arguments& arguments, std::string_view value) { arguments.flags.workers = value; }},
    {"--access-log", "FILE", "one JSON object a request; - is standard output",
     [](Arguments& arguments, std::string_view value) { arguments.flags.access_log = value; }},
    {"--admin", "ADDR:PORT", "where operators look: /status, /metrics, /readyz (default nowhere)",
     [](Arguments& arguments, std::string_view value) { arguments.flags.admin = value; }},
    {"--listing", "", "list directories that have no index",
     [](Arguments& arguments, std::string_view /*value*/) { arguments.flags.listing = true; }},
    {"--tls-certificate", "FILE", "speak HTTPS with this chain (PEM), may be repeated",
     [](Arguments& arguments, std::string_view value) {
       arguments.flags.tls.certificate.emplace_back(value);
     }},
    {"--tls-key", "FILE", "its private key, when it is in a file of its own",
     [](Arguments& arguments, std::string_view value) {
       arguments.flags.tls.key.emplace_back(value);
     }},
    {"--tls-self-signed", "", "speak HTTPS with a certificate made now, to try it out",
     [](Arguments& arguments, std::string_view /*value*/) {
       arguments.flags.tls.self_signed = true;
     }},
    {"--tls-redirect", "ADDR:PORT", "send plain HTTP from here to HTTPS, may be repeated",
     [](Arguments& arguments, std::string_view value) {
       arguments.flags.tls.redirect.emplace_back(value);
     }},
    {"--tls-min-version", "V", "the oldest TLS to speak: 1.2 (default) or 1.3",
     [](Arguments& arguments, std::string_view value) { arguments.flags.tls.min_version = value; }},
    {kState, "FILE", "keep changes of the files in this database, made if missing",
     [](Arguments& arguments, std::string_view value) { arguments.state = value; }},
    {"--bundle-list", "", "list what is in the bundle", choose<Action::list>},
    {"--bundle-info", "", "show counts, sizes and the root hash", choose<Action::info>},
    {"--bundle-verify", "", "check every byte of the bundle", choose<Action::verify>},
    {"--bundle-extract", "DIR", "write the files to a directory",
     [](Arguments& arguments, std::string_view value) {
       arguments.action = Action::extract;
       arguments.extract_directory = value;
     }},
    {"--bundle-mount", "DIR", "show the files as a directory until it is unmounted",
     [](Arguments& arguments, std::string_view value) {
       arguments.action = Action::mount;
       arguments.mount_directory = value;
     }},
    {"--help", "", "show this help", choose<Action::help>},
    {"--version", "", "show the version", choose<Action::version>},
}};

Error refused(std::string_view argument, const char* what) {
  return console::usage_error(std::string(argument) + ": " + what + " (see --help)");
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const char* const> arguments) {
  Arguments parsed;
  for (std::size_t position = 0; position < arguments.size(); ++position) {
    const std::string_view argument = arguments[position];
    if (argument == "--") {
      const auto rest = arguments.subspan(position + 1);
      parsed.rest.assign(rest.begin(), rest.end());
      break;
    }
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const auto* flag = std::find_if(kFlags.begin(), kFlags.end(),
                                    [&](const Flag& each) { return each.name == name; });
    if (flag == kFlags.end()) {
      return refused(argument, argument.starts_with('-') ? "unknown flag" : "not a flag");
    }
    if (flag->value.empty()) {
      if (equals != std::string_view::npos) {
        return refused(argument, "this flag takes no value");
      }
      flag->apply(parsed, {});
    } else if (equals != std::string_view::npos) {
      flag->apply(parsed, argument.substr(equals + 1));
    } else if (position + 1 < arguments.size()) {
      ++position;
      flag->apply(parsed, arguments[position]);
    } else {
      return refused(argument, "this flag needs a value");
    }
  }
  return parsed;
}

std::string help_text(std::string_view program, StateFlag state) {
  constexpr std::size_t kColumn = 26;
  std::string text = "Usage: " + std::string(program) +
                     " [OPTION]...\n\nServes the files that this executable carries.\n\n";
  for (const Flag& flag : kFlags) {
    if (flag.name == kState && state == StateFlag::absent) {
      continue;
    }
    std::string line = "  " + std::string(flag.name);
    if (!flag.value.empty()) {
      line += " " + std::string(flag.value);
    }
    line.resize(std::max(kColumn, line.size() + 1), ' ');
    text += line + std::string(flag.help) + "\n";
  }
  text += "  --                      what follows belongs to the app\n";
  return text;
}

}  // namespace seabag::app
