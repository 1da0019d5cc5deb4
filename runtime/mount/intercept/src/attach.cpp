#include "seabag/intercept/attach.h"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "hooks.h"
#include "host.h"
#include "server.h"
#include "shim_image.h"

namespace seabag::intercept {

namespace {

// The hooks are functions without a place for a pointer, so the one who answers them is global.
std::atomic<Host*> attached_host{nullptr};

void answer(const Letter& letter, Reply& reply) {
  if (Host* host = attached_host.load(std::memory_order_acquire); host != nullptr) {
    host->answer(letter, Asker::this_user, reply);
    return;
  }
  reply.answer = {};
  reply.answer.error = EIO;
  reply.descriptor = -1;
}

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void set_variable(const char* name, const std::optional<std::string>& value) {
  if (value) {
    setenv(name, value->c_str(), 1);
  } else {
    unsetenv(name);
  }
}

// Takes the object files of all hooks along into the program.
void link_hooks() {
  shim::link_attribute_hooks();
  shim::link_descriptor_hooks();
  shim::link_directory_hooks();
  shim::link_library_hooks();
  shim::link_name_hooks();
  shim::link_open_hooks();
  shim::link_program_hooks();
  shim::link_status_hooks();
  shim::link_stream_hooks();
  shim::link_system_call_hooks();
  shim::link_tree_hooks();
  shim::link_walk_hooks();
  shim::link_working_directory_hooks();
}

constexpr const char* kPreload = "LD_PRELOAD";

}  // namespace

struct Attachment::State {
  std::optional<std::string> preload = variable(kPreload);
  std::optional<std::string> host = variable(kHostVariable);
};

Attachment::Attachment(std::unique_ptr<State> state) : state_(std::move(state)) {}
Attachment::Attachment(Attachment&&) noexcept = default;
Attachment& Attachment::operator=(Attachment&&) noexcept = default;

Attachment::~Attachment() {
  if (state_ != nullptr) {
    shim::detach_desk();
    attached_host.store(nullptr);
    set_variable(kPreload, state_->preload);
    set_variable(kHostVariable, state_->host);
  }
}

Result<Attachment> attach(Session& session) {
  link_hooks();
  Host* nobody = nullptr;
  Host& host = session.host();
  if (!attached_host.compare_exchange_strong(nobody, &host)) {
    return make_error(std::errc::device_or_resource_busy, "attach", {},
                      "another session is attached to this process");
  }
  auto state = std::make_unique<Attachment::State>();
  host.set_thread_start(shim::stay_inside);
  for (const std::string& each : session.environment(state->preload.value_or(""))) {
    const std::size_t equals = each.find('=');
    setenv(each.substr(0, equals).c_str(), each.c_str() + equals + 1, 1);
  }
  shim::attach_desk(answer, host.page(), host.server().name().c_str(), shim_path().c_str());
  return Attachment(std::move(state));
}

}  // namespace seabag::intercept
