#pragma once

#include <memory>

#include "seabag/intercept/session.h"
#include "seabag/vfs/result.h"

/// Interception of the program that links this: its own calls of open(2), stat(2), fopen(3),
/// opendir(3), dlopen(3) and so on, and those of the libraries that it uses, are answered by a
/// session in the same process. What it starts is intercepted too.
///
///   auto session = SEABAG_TRY(intercept::Session::start());
///   auto mount = SEABAG_TRY(session->mount("/app", files));
///   auto attachment = SEABAG_TRY(intercept::attach(*session));
///   std::ifstream("/app/config.toml");  // reads from `files`
///
/// The program must use the shared C library; a call outside of every mount costs some nanoseconds
/// more than before.
namespace seabag::intercept {

/// Interception of this process by one session, for as long as this object lives. Move-only.
class [[nodiscard]] Attachment {
 public:
  Attachment(Attachment&&) noexcept;
  Attachment& operator=(Attachment&&) noexcept;
  ~Attachment();

 private:
  friend Result<Attachment> attach(Session& session);
  struct State;
  explicit Attachment(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Lets this process see the mounts of `session`, which outlives the attachment. Sets LD_PRELOAD
/// and SEABAG_INTERCEPT in the environment, for programs that are started, until the end. Not while
/// other threads use the environment. EBUSY while another session is attached.
[[nodiscard]] Result<Attachment> attach(Session& session);

}  // namespace seabag::intercept
