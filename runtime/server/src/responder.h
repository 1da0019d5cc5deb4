#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "answer.h"
#include "seabag/http/request_head.h"
#include "seabag/http/target.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::server {

/// Decides what answers a request, and adds the answer to an output. It knows no sockets. One
/// thread at a time.
class Responder {
 public:
  /// `assets` must outlive this. Paths have at most `longest_path` bytes.
  Responder(const vfs::AssetSource& assets, std::size_t longest_path);

  /// Answers a request that has been parsed.
  AnswerRecord answer(const http::RequestHead& head, const AnswerContext& context, Output& output);

 private:
  AnswerRecord answer_path(const http::RequestHead& head, const http::TargetPath& target,
                           const AnswerContext& context, Output& output);

  const vfs::AssetSource* assets_;
  std::size_t longest_path_;
  std::unique_ptr<char[]> path_;  ///< a decoded path
};

}  // namespace seabag::server
