#pragma once

#include <memory>
#include <string>

#include "command_line.h"
#include "seabag/bundle/reader.h"
#include "seabag/command/run.h"

/// What each subcommand does. An error is the one line that the user sees.
namespace seabag::command {

/// Where the command keeps its own things, in its own bundle. Hidden from the documentation site,
/// which is served from the same bundle, by its leading dot.
inline constexpr const char* kStubPath = "/.seabag/stub";
inline constexpr const char* kStubWithStatePath = "/.seabag/stub_with_state";
inline constexpr const char* kLicensesPath = "/.seabag/licenses";
inline constexpr const char* kCompletionsPath = "/.seabag/completions/";

[[nodiscard]] Result<void> execute(const Show& show, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Pack& options, const Surroundings& surroundings);
[[nodiscard]] Result<console::ExitCode> execute(const Serve& options,
                                                const Surroundings& surroundings);
[[nodiscard]] Result<console::ExitCode> execute(const Docs& options,
                                                const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Export& options, const Surroundings& surroundings);
[[nodiscard]] Result<console::ExitCode> execute(const Fsck& options,
                                                const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const List& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Tree& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Stat& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Cat& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Extract& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Verify& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Info& options, const Surroundings& surroundings);
[[nodiscard]] Result<console::ExitCode> execute(const Mount& options,
                                                const Surroundings& surroundings);
[[nodiscard]] Result<console::ExitCode> execute(const Run& options,
                                                const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Unmount& options, const Surroundings& surroundings);
[[nodiscard]] Result<console::ExitCode> execute(const Fs& options,
                                                const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Bench& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Top& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Licenses& options, const Surroundings& surroundings);
[[nodiscard]] Result<void> execute(const Completion& options, const Surroundings& surroundings);

/// The command's own bundle, or the reason why it has none.
[[nodiscard]] Result<vfs::FileSystem*> own_files(const Surroundings& surroundings);

/// Opens a packed executable or a bare bundle. Errors name the file as the user gave it.
[[nodiscard]] Result<std::unique_ptr<bundle::Bundle>> open_app(const std::string& path);

}  // namespace seabag::command
