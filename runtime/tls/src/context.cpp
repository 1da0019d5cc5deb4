#include "seabag/tls/context.h"

#include <ctime>
#include <mutex>
#include <utility>

#include "identity.h"
#include "self_signed.h"
#include "server_context.h"
#include "ticket_keys.h"
#include "tls_channel.h"

namespace seabag::tls {
namespace {

/// One batch of records with what protection adds, so that it never grows.
constexpr std::size_t kOutputRoom = 80 * 1024;

struct Loaded {
  std::shared_ptr<const ServerContext> context;
  std::vector<std::string> warnings;
};

Result<Loaded> load_all(const Settings& settings, const FileReader& read, TicketKeys& keys) {
  Loaded loaded;
  std::vector<Identity> identities;
  for (const CertificateFiles& files : settings.certificates) {
    identities.push_back(SEABAG_TRY(load_identity(files, read)));
    if (const std::string trouble = identities.back().date_trouble(); !trouble.empty()) {
      loaded.warnings.push_back(files.certificate + ": " + trouble);
    }
  }
  if (identities.empty()) {
    identities.push_back(SEABAG_TRY(make_self_signed_identity()));
  }
  loaded.context = SEABAG_TRY(ServerContext::make(settings, std::move(identities), keys));
  return loaded;
}

}  // namespace

struct Context::State {
  Settings settings;
  FileReader read;
  std::unique_ptr<TicketKeys> keys;
  mutable std::mutex mutex;
  Loaded loaded;  ///< guarded by the mutex

  [[nodiscard]] std::shared_ptr<const ServerContext> context() const {
    const std::lock_guard lock(mutex);
    return loaded.context;
  }
};

namespace {

class Source final : public net::ChannelSource {
 public:
  using Current = std::function<std::shared_ptr<const ServerContext>()>;
  explicit Source(Current current) : current_(std::move(current)) {
    scratch_.output.reserve(kOutputRoom);
    scratch_.method = TlsChannel::make_method();
  }

  std::unique_ptr<net::Channel> open() override {
    std::shared_ptr<const ServerContext> context = current_();
    OpensslPointer<SSL> connection = context->accept();
    if (connection == nullptr || scratch_.method == nullptr) {
      return nullptr;
    }
    auto channel =
        std::make_unique<TlsChannel>(std::move(context), std::move(connection), scratch_);
    return channel->attach() ? std::move(channel) : nullptr;
  }

 private:
  Current current_;
  Scratch scratch_;
};

}  // namespace

Context::Context(std::unique_ptr<State> state) : state_(std::move(state)) {}

Context::~Context() = default;

Result<std::unique_ptr<Context>> Context::load(Settings settings, FileReader read) {
  start_openssl();
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  auto state = std::make_unique<State>();
  state->keys = SEABAG_TRY(TicketKeys::make(static_cast<TicketKeys::Seconds>(now.tv_sec)));
  state->settings = std::move(settings);
  state->read = std::move(read);
  state->loaded = SEABAG_TRY(load_all(state->settings, state->read, *state->keys));
  return std::unique_ptr<Context>(new Context(std::move(state)));
}

Result<void> Context::reload() {
  if (state_->settings.certificates.empty()) {
    return {};
  }
  Loaded loaded = SEABAG_TRY(load_all(state_->settings, state_->read, *state_->keys));
  const std::lock_guard lock(state_->mutex);
  std::swap(state_->loaded, loaded);
  return {};
}

std::vector<std::string> Context::warnings() const {
  const std::lock_guard lock(state_->mutex);
  return state_->loaded.warnings;
}

bool Context::is_for(std::string_view host) const { return state_->context()->is_for(host); }

std::string Context::fingerprint() const {
  return state_->context()->first_identity().fingerprint();
}

std::unique_ptr<net::ChannelSource> Context::make_source() {
  return std::make_unique<Source>([state = state_.get()] { return state->context(); });
}

}  // namespace seabag::tls
