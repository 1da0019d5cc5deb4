#include "responder.h"

#include "asset_answer.h"

namespace seabag::server {

using http::Method;
using http::Status;

Responder::Responder(const vfs::AssetSource& assets, std::size_t longest_path)
    : assets_(&assets),
      longest_path_(longest_path),
      path_(std::make_unique_for_overwrite<char[]>(longest_path)) {}

AnswerRecord Responder::answer(const http::RequestHead& head, const AnswerContext& context,
                               Output& output) {
  if (head.method == Method::options) {
    return add_plain({.status = Status::no_content, .fields = http::kAllowField}, context, output);
  }
  if (head.method != Method::get && head.method != Method::head) {
    return add_plain({.status = Status::method_not_allowed, .fields = http::kAllowField}, context,
                     output);
  }
  const http::TargetOutcome target =
      http::decode_target(head.path, std::span(path_.get(), longest_path_));
  if (target.error != nullptr) {
    return add_plain({.status = Status::bad_request, .part = part_for(head)}, context, output);
  }
  return answer_path(head, target.target, context, output);
}

AnswerRecord Responder::answer_path(const http::RequestHead& head, const http::TargetPath& target,
                                    const AnswerContext& context, Output& output) {
  const auto asset = assets_->find(target.path);
  if (!asset || asset->type != vfs::FileType::regular) {
    return add_plain({.status = Status::not_found, .part = part_for(head)}, context, output);
  }
  return add_asset(head, *asset, Status::ok, context, output);
}

}  // namespace seabag::server
