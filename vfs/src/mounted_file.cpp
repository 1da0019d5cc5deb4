#include "mounted_file.h"

#include <string>
#include <utility>

namespace seabag::vfs {
namespace {

/// The reading half over either contract. Members are destroyed file first, then the pin.
template <typename Contract>
class Mounted : public Contract {
 public:
  Mounted(Pin pin, std::unique_ptr<Contract> file, std::string_view path)
      : pin_(std::move(pin)), file_(std::move(file)), path_(path) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return named(file_->read_at(buffer, offset));
  }
  Result<Attributes> attributes() const override { return named(file_->attributes()); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return named(file_->find_extent(kind, offset));
  }

 protected:
  template <typename T>
  Result<T> named(Result<T> result) const {
    if (!result) {
      return with_path(std::move(result).error(), path_);
    }
    return result;
  }
  [[nodiscard]] Contract& file() const { return *file_; }

 private:
  Pin pin_;
  std::unique_ptr<Contract> file_;
  std::string path_;
};

class MountedWritable final : public Mounted<WritableFile> {
 public:
  using Mounted::Mounted;

  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return named(file().write_at(bytes, offset));
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    return named(file().append(bytes));
  }
  Result<void> resize(std::uint64_t size) override { return named(file().resize(size)); }
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override {
    return named(file().allocate(mode, offset, length));
  }
  Result<void> sync(SyncScope scope) override { return named(file().sync(scope)); }
};

}  // namespace

std::unique_ptr<File> make_mounted_file(Pin pin, std::unique_ptr<File> file,
                                        std::string_view path) {
  return std::make_unique<Mounted<File>>(std::move(pin), std::move(file), path);
}

std::unique_ptr<WritableFile> make_mounted_file(Pin pin, std::unique_ptr<WritableFile> file,
                                                std::string_view path) {
  return std::make_unique<MountedWritable>(std::move(pin), std::move(file), path);
}

}  // namespace seabag::vfs
