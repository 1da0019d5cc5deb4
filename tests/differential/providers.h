#pragma once

#include <memory>
#include <string>
#include <vector>

#include "comparison.h"
#include "kernel_subject.h"
#include "seabag/vfs/file_system.h"

namespace seabag::testing {

/// A provider to be compared, with what it stands on.
class Contender {
 public:
  virtual ~Contender() = default;

  /// Empty, with a root of mode 0755 that belongs to user and group 0.
  [[nodiscard]] virtual std::shared_ptr<vfs::WritableFileSystem> file_system() = 0;
  [[nodiscard]] virtual Likeness likeness() const = 0;
  /// The same tree in another shape: an overlay makes a lower of what it has, a database is opened
  /// again. No file is open. Null where there is but one.
  [[nodiscard]] virtual std::shared_ptr<vfs::WritableFileSystem> renewed() { return nullptr; }
};

/// Names that `make_contender` knows.
[[nodiscard]] const std::vector<std::string>& contender_names();

/// Null for a name that is not known. `mount` must outlive it.
[[nodiscard]] std::unique_ptr<Contender> make_contender(const std::string& name,
                                                        const KernelMount& mount);

}  // namespace seabag::testing
