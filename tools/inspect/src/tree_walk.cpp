#include "seabag/inspect/tree_walk.h"

#include <utility>

namespace seabag::inspect {

namespace {

constexpr std::size_t kChunk = 512;

}  // namespace

TreeWalk::TreeWalk(vfs::FileSystem& files, vfs::NodeId directory, std::string path)
    : files_(files), path_(std::move(path)), start_(directory) {
  if (path_ == "/") {
    path_.clear();
  }
}

Result<const TreeWalk::Item*> TreeWalk::next() {
  if (!is_started_) {
    is_started_ = true;
    SEABAG_TRY(push(start_));
  } else if (enters_) {
    SEABAG_TRY(push(item_.entry.node));
  }
  enters_ = false;
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    path_.resize(frame.path_length);
    if (frame.position < frame.entries.size()) {
      // One more is known before this one is shown, so that the last one can be told.
      if (frame.position + 1 == frame.entries.size()) {
        SEABAG_TRY(read_ahead(frame));
      }
      show(frame);
      return &item_;
    }
    frames_.pop_back();
  }
  return nullptr;
}

Result<void> TreeWalk::push(vfs::NodeId directory) {
  frames_.push_back({.directory = directory, .path_length = path_.size(), .entries = {}});
  return read_ahead(frames_.back());
}

Result<void> TreeWalk::read_ahead(Frame& frame) {
  if (frame.is_complete) {
    return {};
  }
  auto more = files_.list(frame.directory, frame.cookie, kChunk);
  if (!more) {
    return with_path(std::move(more).error(), path_.empty() ? "/" : path_);
  }
  frame.entries.erase(frame.entries.begin(),
                      frame.entries.begin() + static_cast<std::ptrdiff_t>(frame.position));
  frame.position = 0;
  if (more->empty()) {
    frame.is_complete = true;
    return {};
  }
  frame.cookie = more->back().cookie;
  for (vfs::DirectoryEntry& entry : *more) {
    frame.entries.push_back(std::move(entry));
  }
  return {};
}

void TreeWalk::show(Frame& frame) {
  item_.entry = std::move(frame.entries[frame.position]);
  ++frame.position;
  path_ += '/';
  path_ += item_.entry.name;
  item_.path = path_;
  item_.parent = frame.directory;
  item_.depth = frames_.size() - 1;
  item_.is_last = frame.position == frame.entries.size();
  enters_ = item_.entry.type == vfs::FileType::directory;
}

}  // namespace seabag::inspect
