#pragma once

#include <array>
#include <memory>

#include "seabag/vfs/file.h"
#include "seabag/vfs/namespace.h"
#include "subject.h"

namespace seabag::testing {

/// Makes operations on a provider that is mounted at the root of a Namespace.
class NamespaceSubject final : public Subject {
 public:
  explicit NamespaceSubject(std::shared_ptr<vfs::WritableFileSystem> provider);

  Outcome run(const Operation& operation) override;

 private:
  struct Slot {
    std::unique_ptr<vfs::File> reading = {};
    std::unique_ptr<vfs::WritableFile> writing = {};

    [[nodiscard]] const vfs::File* file() const { return writing ? writing.get() : reading.get(); }
  };

  Outcome open(const Operation& operation);
  Outcome ask(const Operation& operation);
  Outcome make(const Operation& operation);
  Outcome set_attributes(const Operation& operation);
  Outcome xattr_call(const Operation& operation);
  Outcome run_on_path(const Operation& operation);
  Outcome run_on_file(const Operation& operation);
  static Outcome change_file(const Operation& operation, vfs::WritableFile& file);

  vfs::Namespace files_;
  vfs::Mount mount_;
  std::array<Slot, kSlots + 1> slots_;
};

}  // namespace seabag::testing
