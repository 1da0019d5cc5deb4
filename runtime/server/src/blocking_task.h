#pragma once

#include <memory>

#include "conduit.h"
#include "kept_request.h"
#include "seabag/pool/lane.h"
#include "seabag/server/router.h"

namespace seabag::server {

/// One request on its way to a handler that blocks.
class BlockingTask final : public pool::Task {
 public:
  /// What refers to the route and its lane is the router's, which outlives this.
  BlockingTask(const KeptRequest::Parts& parts, const pool::LaneOptions& lane,
               std::shared_ptr<Conduit> conduit);

  void run() override;
  void refuse(pool::Refusal refusal) override;

 private:
  KeptRequest request_;
  const Route* route_;
  const pool::LaneOptions* lane_;
  std::shared_ptr<Conduit> conduit_;
};

/// Calls a handler of any kind, whose answer goes through the conduit.
void call_handler(const AnyHandler& handler, const Request& request,
                  const std::shared_ptr<Conduit>& conduit);

/// The 503 that names the limit of a lane.
[[nodiscard]] Response make_refusal(const pool::LaneOptions& lane, pool::Refusal refusal);

}  // namespace seabag::server
