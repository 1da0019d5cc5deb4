#include "joined_file.h"

#include <utility>

#include "joined_nodes.h"

namespace seabag::vfs {

namespace {

/// The reading half over either contract. Members are destroyed file first, then the pin.
template <typename Contract>
class Joined : public Contract {
 public:
  Joined(Pin pin, std::unique_ptr<Contract> file, JoinedNumbers numbers)
      : pin_(std::move(pin)), file_(std::move(file)), numbers_(numbers) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return file_->read_at(buffer, offset);
  }
  Result<Attributes> attributes() const override {
    return numbers_.apply(SEABAG_TRY(file_->attributes()));
  }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return file_->find_extent(kind, offset);
  }

 protected:
  [[nodiscard]] Contract& file() const { return *file_; }

 private:
  Pin pin_;
  std::unique_ptr<Contract> file_;
  JoinedNumbers numbers_;
};

class JoinedWritable final : public Joined<WritableFile> {
 public:
  using Joined::Joined;

  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return file().write_at(bytes, offset);
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    return file().append(bytes);
  }
  Result<void> resize(std::uint64_t size) override { return file().resize(size); }
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override {
    return file().allocate(mode, offset, length);
  }
  Result<void> sync(SyncScope scope) override { return file().sync(scope); }
};

}  // namespace

Result<Attributes> JoinedNumbers::apply(Attributes own) const {
  if (directory != NodeId{}) {
    own.node = directory;
    own.inode = static_cast<std::uint64_t>(directory);
    return own;
  }
  own.node = SEABAG_TRY(JoinedNodes::join(mount, own.node));
  own.inode = JoinedNodes::inode(mount, own.inode);
  return own;
}

std::unique_ptr<File> make_joined_file(Pin pin, std::unique_ptr<File> file, JoinedNumbers numbers) {
  return std::make_unique<Joined<File>>(std::move(pin), std::move(file), numbers);
}

std::unique_ptr<WritableFile> make_joined_file(Pin pin, std::unique_ptr<WritableFile> file,
                                               JoinedNumbers numbers) {
  return std::make_unique<JoinedWritable>(std::move(pin), std::move(file), numbers);
}

}  // namespace seabag::vfs
