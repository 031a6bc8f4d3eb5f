#include "indexer/embed/download.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

#include "indexer/embed/http.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

constexpr int kAttempts = 5;
constexpr int64_t kMaxBytes = int64_t{16} << 30;

std::string FirstLine(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// One attempt, going on behind what `part` already has.
HttpAnswer Attempt(const std::string& url, const std::filesystem::path& part,
                   const std::filesystem::path& tag, Progress& progress) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(part.c_str(), "ab"));
  HttpAnswer answer;
  if (!file) {
    answer.problem = "cannot write " + part.string();
    return answer;
  }
  std::error_code ignored;
  HttpRequest request;
  request.url = url;
  request.from = static_cast<int64_t>(std::filesystem::file_size(part, ignored));
  request.etag = FirstLine(tag);
  request.allow_private_addresses = true;  // an address that a person gave
  request.max_bytes = kMaxBytes;
  request.max_seconds = 0;
  int64_t have = request.from;
  const auto sink = [&](ByteView bytes) {
    have += static_cast<int64_t>(bytes.size());
    progress.Update(static_cast<uint64_t>(have >> 20));
    return std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  };
  const auto begin = [&](const HttpAnswer& headers) {
    if (headers.status == 200 && have > 0) {  // another file than the one begun, or no parts here
      have = 0;
      file.reset(std::fopen(part.c_str(), "wb"));
    }
    // Weak tags ("W/...") do not promise the same bytes.
    const std::string strong = headers.etag.starts_with('"') ? headers.etag : headers.last_modified;
    return file != nullptr && WriteFileAtomically(tag, strong + "\n").ok();
  };
  answer = HttpGet(request, sink, begin);
  if ((!file || std::fflush(file.get()) != 0) && answer.ok())
    answer.problem = "cannot write " + part.string();
  return answer;
}

}  // namespace

Result<Downloaded> Download(const std::string& url, const std::filesystem::path& to,
                            const Console& console) {
  std::error_code ignored;
  std::filesystem::create_directories(to.parent_path(), ignored);
  auto part = to, tag = to;
  part += ".part";
  tag += ".part.tag";
  Progress progress(console, to.filename().string(), 0, "MiB");
  HttpAnswer answer;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100 << attempt));
    answer = Attempt(url, part, tag, progress);
    if (answer.ok()) {
      std::filesystem::rename(part, to, ignored);
      if (ignored) return Error{to.string() + ": cannot rename: " + ignored.message()};
      std::filesystem::remove(tag, ignored);
      return Downloaded{true, answer.sha256};
    }
    if (answer.status == 404 || answer.status == 403 || answer.status == 410) {
      std::filesystem::remove(part, ignored);
      return Downloaded{};
    }
    if (answer.status == 416) {  // nothing is left to send, or the file has changed: from the start
      std::filesystem::remove(part, ignored);
    } else if (!answer.again) {
      break;
    }
  }
  return Error{url + ": cannot download: " + answer.problem + "; run the command again to go on"};
}

}  // namespace vitrine
