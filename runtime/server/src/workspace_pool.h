#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "seabag/websocket/session.h"

namespace seabag::server {

/// Workspaces of WebSockets, as many as are used at the same time. Safe for concurrent use.
class WorkspacePool {
 public:
  /// Borrowed until the end of this object's life.
  class Loan {
   public:
    explicit Loan(WorkspacePool& pool) : pool_(&pool), workspace_(pool.take()) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { pool_->give_back(std::move(workspace_)); }

    websocket::Workspace& operator*() const { return *workspace_; }

   private:
    WorkspacePool* pool_;
    std::unique_ptr<websocket::Workspace> workspace_;
  };

 private:
  std::unique_ptr<websocket::Workspace> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!spare_.empty()) {
        std::unique_ptr<websocket::Workspace> workspace = std::move(spare_.back());
        spare_.pop_back();
        return workspace;
      }
    }
    return std::make_unique<websocket::Workspace>();
  }
  void give_back(std::unique_ptr<websocket::Workspace> workspace) {
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(workspace));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<websocket::Workspace>> spare_;
};

}  // namespace seabag::server
