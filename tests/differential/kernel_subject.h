#pragma once

#include <array>
#include <memory>
#include <string>

#include "subject.h"

namespace seabag::testing {

/// A tmpfs that only this process sees and that goes with it: the reference. As an ordinary user it
/// needs a user namespace, which `enter_own_namespace` makes.
class KernelMount {
 public:
  /// Why there is none, in one line, or an empty string. Must be called before there is any thread.
  static std::string enter_own_namespace();

  /// Null, with errno set, when the kernel does not let us.
  static std::unique_ptr<KernelMount> make();
  ~KernelMount();
  KernelMount(const KernelMount&) = delete;
  KernelMount& operator=(const KernelMount&) = delete;

  /// Makes an empty directory of the mount, of mode 0755. Ends the process when it cannot.
  [[nodiscard]] int make_directory(const std::string& name) const;
  void remove_directory(const std::string& name) const;
  /// The host path of a directory of the mount.
  [[nodiscard]] std::string path_of(const std::string& name) const;

 private:
  explicit KernelMount(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Makes operations by system calls in a directory that is the root while they run. The process's
/// root and working directory are those of the calling thread alone from the first one on.
class KernelSubject final : public Subject {
 public:
  /// `mount` must outlive it; `name` is not in use there.
  KernelSubject(const KernelMount& mount, std::string name);
  ~KernelSubject() override;
  KernelSubject(const KernelSubject&) = delete;
  KernelSubject& operator=(const KernelSubject&) = delete;

  Outcome run(const Operation& operation) override;

 private:
  struct Slot {
    int descriptor = -1;
    bool is_writable = false;
  };

  Outcome run_inside(const Operation& operation);
  Outcome run_on_file(const Operation& operation);
  Outcome change_file(const Operation& operation, int descriptor);
  Outcome open(const Operation& operation);
  Outcome put(const Operation& operation, int descriptor);

  const KernelMount& mount_;
  std::string name_;
  int root_;
  int host_root_;
  std::array<Slot, kSlots + 1> slots_;
};

}  // namespace seabag::testing
