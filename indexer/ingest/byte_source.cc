#include "indexer/ingest/byte_source.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>

#include "indexer/ingest/ahead.h"
#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

constexpr size_t kBlockBytes = 1 << 18;

// Layers below the outermost one are never looked ahead into.
class InnerSource : public ByteSource {
 public:
  Result<std::string> Head(size_t) override { return std::string(); }
};

// The layers below: bytes of the file, then decompressed, then UTF-8. Each has a name for errors.
class FileSource : public InnerSource {
 public:
  FileSource(int fd, std::string name, uint64_t size)
      : fd_(fd), name_(std::move(name)), size_(size) {}
  ~FileSource() override {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  Result<size_t> Read(char* buffer, size_t size) override {
    for (;;) {
      const ssize_t got = read(fd_, buffer, size);
      if (got >= 0) {
        position_ += static_cast<uint64_t>(got);
        return static_cast<size_t>(got);
      }
      if (errno != EINTR) return Error{name_ + ": cannot read: " + std::strerror(errno)};
    }
  }
  uint64_t position_bytes() const override { return position_; }
  uint64_t size_bytes() const override { return size_; }

 private:
  int fd_;
  std::string name_;
  uint64_t size_;
  std::atomic<uint64_t> position_{0};
};

class MemorySource : public InnerSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<size_t> Read(char* buffer, size_t size) override {
    const size_t count = std::min(size, bytes_.size() - position_);
    std::memcpy(buffer, bytes_.data() + position_, count);
    position_ += count;
    return count;
  }
  uint64_t position_bytes() const override { return position_; }
  uint64_t size_bytes() const override { return bytes_.size(); }

 private:
  std::string bytes_;
  size_t position_ = 0;
};

// Any layer over another one; holds the bytes that were read to look at the format.
class Layer : public InnerSource {
 public:
  Layer(std::unique_ptr<ByteSource> below, std::string name)
      : below_(std::move(below)), name_(std::move(name)) {}
  uint64_t position_bytes() const override { return below_->position_bytes(); }
  uint64_t size_bytes() const override { return below_->size_bytes(); }

 protected:
  std::unique_ptr<ByteSource> below_;
  std::string name_;
};

// Lets the first bytes be looked at before they are read.
class PeekSource : public Layer {
 public:
  using Layer::Layer;
  Result<std::string_view> Peek(size_t size) {
    while (head_.size() < size) {
      char buffer[512];
      VITRINE_ASSIGN(const size_t got,
                     below_->Read(buffer, std::min(sizeof buffer, size - head_.size())));
      if (got == 0) break;
      head_.append(buffer, got);
    }
    return std::string_view(head_);
  }
  Result<size_t> Read(char* buffer, size_t size) override {
    if (taken_ == head_.size()) return below_->Read(buffer, size);
    const size_t count = std::min(size, head_.size() - taken_);
    std::memcpy(buffer, head_.data() + taken_, count);
    taken_ += count;
    return count;
  }
  void Skip(size_t size) { taken_ += size; }

 private:
  std::string head_;
  size_t taken_ = 0;
};

class GzipSource : public Layer {
 public:
  GzipSource(std::unique_ptr<ByteSource> below, std::string name)
      : Layer(std::move(below), std::move(name)), input_(kBlockBytes) {
    inflateInit2(&stream_, 15 + 16);
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<size_t> Read(char* buffer, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) {
        VITRINE_ASSIGN(const size_t got, below_->Read(input_.data(), input_.size()));
        if (got == 0 && member_open_) {
          return Error{name_ + ": the gzip data ends early; is the file truncated? Fetch it again"};
        }
        if (got == 0) return size_t{0};
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(got);
      }
      if (!member_open_) {
        inflateReset(&stream_);  // a gzip file may be several members one after the other
        member_open_ = true;
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        member_open_ = false;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        return Error{name_ + ": the gzip data is damaged (" +
                     (stream_.msg != nullptr ? stream_.msg : "unknown reason") +
                     "). Compress or fetch it again"};
      }
    }
    return size - stream_.avail_out;
  }

 private:
  std::vector<char> input_;
  z_stream stream_{};
  bool member_open_ = true;
};

class ZstdSource : public Layer {
 public:
  ZstdSource(std::unique_ptr<ByteSource> below, std::string name)
      : Layer(std::move(below), std::move(name)), input_(kBlockBytes), context_(ZSTD_createDCtx()) {
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, 27);  // at most 128 MiB of window
  }
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }

  Result<size_t> Read(char* buffer, size_t size) override {
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size) {
        VITRINE_ASSIGN(const size_t got, below_->Read(input_.data(), input_.size()));
        if (got == 0 && frame_open_) {
          return Error{name_ + ": the zstd data ends early; is the file truncated? Fetch it again"};
        }
        if (got == 0) return size_t{0};
        in_ = {input_.data(), got, 0};
      }
      const size_t status = ZSTD_decompressStream(context_, &out, &in_);
      if (ZSTD_isError(status) != 0) {
        return Error{name_ + ": the zstd data is damaged (" + ZSTD_getErrorName(status) +
                     "). Compress or fetch it again"};
      }
      frame_open_ = status != 0;
    }
    return out.pos;
  }

 private:
  std::vector<char> input_;
  ZSTD_DCtx* context_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool frame_open_ = true;
};

class Utf16Source : public Layer {
 public:
  Utf16Source(std::unique_ptr<ByteSource> below, std::string name, bool big_endian)
      : Layer(std::move(below), std::move(name)), big_endian_(big_endian) {}

  Result<size_t> Read(char* buffer, size_t size) override {
    while (taken_ == ready_.size()) {
      ready_.clear();
      taken_ = 0;
      char block[1 << 15];
      const size_t kept = odd_.has_value() ? 1 : 0;
      if (odd_) block[0] = *odd_;
      VITRINE_ASSIGN(const size_t got, below_->Read(block + kept, sizeof block - kept));
      const size_t count = kept + got;
      odd_.reset();
      if (got == 0) {
        if (high_ != 0) AppendUtf8(0xFFFD, ready_);
        high_ = 0;
        if (ready_.empty()) return size_t{0};
        break;
      }
      for (size_t i = 0; i + 1 < count; i += 2) {
        const auto a = static_cast<uint8_t>(block[i]), b = static_cast<uint8_t>(block[i + 1]);
        Unit(static_cast<uint32_t>(big_endian_ ? a << 8 | b : b << 8 | a));
      }
      if (count % 2 == 1) odd_ = block[count - 1];
    }
    const size_t count = std::min(size, ready_.size() - taken_);
    std::memcpy(buffer, ready_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  void Unit(uint32_t unit) {
    const bool low = unit >= 0xDC00 && unit < 0xE000;
    if (high_ != 0) {
      AppendUtf8(low ? 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00) : 0xFFFD, ready_);
      high_ = 0;
      if (low) return;
    }
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else {
      AppendUtf8(low ? 0xFFFD : unit, ready_);
    }
  }

  bool big_endian_;
  std::string ready_;
  size_t taken_ = 0;
  std::optional<char> odd_;
  uint32_t high_ = 0;
};

// Reads ahead in a thread.
class ReadAheadSource : public Layer {
 public:
  ReadAheadSource(std::unique_ptr<ByteSource> below, std::string name)
      : Layer(std::move(below), std::move(name)),
        ahead_([this](std::string& block) -> Result<bool> {
          block.resize(kBlockBytes);
          VITRINE_ASSIGN(const size_t got, below_->Read(block.data(), block.size()));
          block.resize(got);
          return got > 0;
        }) {}

  Result<size_t> Read(char* buffer, size_t size) override {
    if (taken_ == current_.size()) {
      VITRINE_ASSIGN(const bool more, ahead_.Next(current_));
      if (!more) return size_t{0};
      taken_ = 0;
    }
    const size_t count = std::min(size, current_.size() - taken_);
    std::memcpy(buffer, current_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  std::string current_;
  size_t taken_ = 0;
  Ahead<std::string> ahead_;  // last: its thread ends first
};

// The outermost layer: can be looked into.
class OpenedSource : public Layer {
 public:
  using Layer::Layer;
  Result<std::string> Head(size_t size) override {
    while (head_.size() - taken_ < size) {
      const size_t old = head_.size();
      head_.resize(old + size);
      Result<size_t> got = below_->Read(head_.data() + old, size);
      head_.resize(old + (got.ok() ? got.value() : 0));
      if (!got.ok()) return got.error();
      if (got.value() == 0) break;
    }
    return head_.substr(taken_, size);
  }
  Result<size_t> Read(char* buffer, size_t size) override {
    if (taken_ == head_.size()) return below_->Read(buffer, size);
    const size_t count = std::min(size, head_.size() - taken_);
    std::memcpy(buffer, head_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  std::string head_;
  size_t taken_ = 0;
};

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Result<std::unique_ptr<ByteSource>> AddLayers(std::unique_ptr<ByteSource> raw, std::string name) {
  auto peek = std::make_unique<PeekSource>(std::move(raw), name);
  VITRINE_ASSIGN(std::string_view head, peek->Peek(4));
  std::unique_ptr<ByteSource> plain;
  if (StartsWith(head, "\x1F\x8B")) {
    plain = std::make_unique<GzipSource>(std::move(peek), name);
  } else if (StartsWith(head, "\x28\xB5\x2F\xFD")) {
    plain = std::make_unique<ZstdSource>(std::move(peek), name);
  } else if (StartsWith(head, "PK\x03\x04")) {
    return Error{name + ": is a zip archive (or a spreadsheet); unpack it or export it as CSV"};
  } else if (StartsWith(head, "PAR1")) {
    return Error{name +
                 ": is a Parquet file; convert it, for example with duckdb -c \"COPY (FROM '" +
                 name + "') TO '/dev/stdout' (FORMAT csv)\" | vitrine ... -"};
  } else {
    plain = std::move(peek);
  }
  auto text = std::make_unique<PeekSource>(std::move(plain), name);
  VITRINE_ASSIGN(head, text->Peek(4));
  const bool marked_little = StartsWith(head, "\xFF\xFE"),
             marked_big = StartsWith(head, "\xFE\xFF");
  const bool bare_little =
      head.size() == 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0;
  const bool bare_big =
      head.size() == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0;
  if (StartsWith(head, "\xEF\xBB\xBF")) {
    text->Skip(3);
    return std::unique_ptr<ByteSource>(std::move(text));
  }
  if (marked_little || marked_big || bare_little || bare_big) {
    if (marked_little || marked_big) text->Skip(2);
    return std::unique_ptr<ByteSource>(
        std::make_unique<Utf16Source>(std::move(text), name, marked_big || bare_big));
  }
  return std::unique_ptr<ByteSource>(std::move(text));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path) {
  int fd = STDIN_FILENO;
  uint64_t size = 0;
  std::string name = "<stdin>";
  if (path != "-") {
    name = path;
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (fd < 0 || fstat(fd, &info) != 0) {
      const int reason = errno;
      if (fd >= 0) close(fd);
      return Error{path + ": cannot open: " + std::strerror(reason) +
                   (reason == ENOENT
                        ? ". Check the path (it is relative to the configuration file, or to "
                          "the current folder for flags)"
                        : "")};
    }
    if (S_ISDIR(info.st_mode)) {
      close(fd);
      return Error{path + ": is a folder, not a file; name the file, or a pattern such as " + path +
                   "/*.csv"};
    }
    size = S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
  }
  VITRINE_ASSIGN(auto layers, AddLayers(std::make_unique<FileSource>(fd, name, size), name));
  auto ahead = std::make_unique<ReadAheadSource>(std::move(layers), name);
  return std::unique_ptr<ByteSource>(std::make_unique<OpenedSource>(std::move(ahead), name));
}

Result<std::unique_ptr<ByteSource>> OpenMemorySource(std::string bytes, std::string name) {
  VITRINE_ASSIGN(auto layers, AddLayers(std::make_unique<MemorySource>(std::move(bytes)), name));
  return std::unique_ptr<ByteSource>(std::make_unique<OpenedSource>(std::move(layers), name));
}

Result<std::vector<std::string>> ExpandGlob(const std::string& pattern) {
  if (pattern == "-" || pattern.find_first_of("*?[") == std::string::npos ||
      access(pattern.c_str(), F_OK) == 0) {
    return std::vector<std::string>{pattern};
  }
  glob_t found{};
  const int status = glob(pattern.c_str(), GLOB_MARK, nullptr, &found);
  std::vector<std::string> paths;
  for (size_t i = 0; status == 0 && i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  std::erase_if(paths, [](const std::string& path) { return path.back() == '/'; });
  if (paths.empty()) return Error{pattern + ": no file matches this pattern"};
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace vitrine
