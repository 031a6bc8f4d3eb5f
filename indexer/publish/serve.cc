#include "indexer/publish/serve.h"

#include <httplib.h>

#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "indexer/publish/compress.h"
#include "indexer/publish/hosting.h"
#include "indexer/publish/own_shop.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;

constexpr size_t kConnections = 64;  // at once; browsers open six and keep them

// What a careful shop sends: no inline script, no foreign origin; WebAssembly may be compiled.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' https: data:; connect-src 'self'; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// Files and what they are compressed, kept until they change.
class FileStore {
 public:
  explicit FileStore(fs::path root) : root_(fs::weakly_canonical(root)) {}

  // The file of a request's path, or "" when there is none inside the folder.
  fs::path Find(const std::string& path) const {
    std::error_code ignored;
    fs::path file = fs::weakly_canonical(root_ / fs::path(path).relative_path(), ignored);
    if (fs::is_directory(file, ignored)) file /= "index.html";
    const auto [end, unused] = std::mismatch(root_.begin(), root_.end(), file.begin(), file.end());
    return end == root_.end() && fs::is_regular_file(file, ignored) ? file : fs::path();
  }

  // `encoding`: "", "br" or "gzip". Null when the file cannot be read.
  std::shared_ptr<const Bytes> Read(const fs::path& file, const std::string& encoding) {
    std::error_code ignored;
    const std::string key = file.string() + "\n" + encoding;
    const fs::file_time_type time = fs::last_write_time(file, ignored);
    const std::lock_guard lock(lock_);
    Entry& entry = entries_[key];
    if (entry.bytes == nullptr || entry.time != time) {
      auto bytes = ReadFile(file);
      if (!bytes.ok()) return nullptr;
      entry = {time, std::make_shared<const Bytes>(Encode(bytes.value(), encoding))};
    }
    return entry.bytes;
  }

 private:
  struct Entry {
    fs::file_time_type time;
    std::shared_ptr<const Bytes> bytes;
  };
  static Bytes Encode(const Bytes& bytes, const std::string& encoding) {
    constexpr size_t kLargeBytes = 256 * 1024;
    if (encoding == "br") return BrotliCompress(bytes, bytes.size() > kLargeBytes ? 5 : 11);
    return encoding == "gzip" ? GzipCompress(bytes) : bytes;
  }

  fs::path root_;
  std::mutex lock_;
  std::map<std::string, Entry> entries_;
};

bool IsWorthCompressing(std::string_view type) {
  return !type.starts_with("image/") || type == "image/svg+xml" ? !type.starts_with("font/")
                                                                : false;
}

std::string EncodingFor(const httplib::Request& request, std::string_view type) {
  if (!IsWorthCompressing(type)) return "";
  const std::string accepted = request.get_header_value("Accept-Encoding");
  if (accepted.find("br") != std::string::npos) return "br";
  return accepted.find("gzip") != std::string::npos ? "gzip" : "";
}

void Answer(FileStore& store, const httplib::Request& request, httplib::Response& response) {
  const fs::path file = store.Find(request.path);
  std::shared_ptr<const Bytes> bytes;
  const std::string type = MimeType(file.string());
  const std::string encoding = EncodingFor(request, type);
  if (!file.empty()) bytes = store.Read(file, encoding);
  if (bytes == nullptr) {
    response.status = 404;
    return response.set_content("not found\n", "text/plain");
  }
  const std::string tag = "\"" + Sha256Hex(*bytes).substr(0, 16) + "\"";
  const bool page = type.starts_with("text/html");
  const bool fixed = request.path.ends_with("/manifest.json") ||
                     request.path.ends_with("/vitrine.js") ||
                     request.path.ends_with("/vitrine.css");
  response.set_header("Cache-Control", IsImmutable(request.path) ? kImmutable
                                       : fixed                   ? kShortLived
                                                                 : "no-cache");
  response.set_header("ETag", tag);
  response.set_header("Vary", "Accept-Encoding");
  for (const Header& header : kBundleHeaders) {
    if (!page || header.value != std::string_view("*"))
      response.set_header(header.name, header.value);
  }
  response.set_header("Content-Security-Policy", kContentSecurityPolicy);
  response.set_header("Referrer-Policy", "no-referrer");
  if (request.get_header_value("If-None-Match") == tag) {
    response.status = 304;
    return;
  }
  if (!encoding.empty()) response.set_header("Content-Encoding", encoding);
  if (bytes->empty()) return response.set_content("", type.c_str());
  response.set_content_provider(
      bytes->size(), type.c_str(), [bytes](size_t offset, size_t length, httplib::DataSink& sink) {
        return sink.write(reinterpret_cast<const char*>(bytes->data()) + offset, length);
      });
}

// Ends the server in order when the process is asked to end, so that nobody's files stay behind.
// REQUIRES: no other thread is running yet.
void StopOnSignal(httplib::Server& server) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::thread([ends, &server] {
    int signal = 0;
    sigwait(&ends, &signal);
    server.stop();
  }).detach();
}

}  // namespace

Status ServeFolder(const fs::path& folder, int port, const fs::path& own_engine, Console& console) {
  if (!fs::is_directory(folder)) {
    return UsageError(folder.string() + ": no such folder; build it first (vitrine build -o DIR)");
  }
  httplib::Server server;
  server.new_task_queue = [] {
    return new httplib::ThreadPool(kConnections);
  };  // each holds a thread
  FileStore store(folder);
  std::unique_ptr<OwnShop> own_shop;
  if (!own_engine.empty()) {
    VITRINE_ASSIGN(own_shop, OwnShop::Create(own_engine));
    own_shop->Mount(server);
    StopOnSignal(server);
  }
  server.Get(".*", [&store](const httplib::Request& request, httplib::Response& response) {
    Answer(store, request, response);
  });
  const char* host = "127.0.0.1";
  const int bound = port == 0 ? server.bind_to_any_port(host) : port;
  if (port != 0 && !server.bind_to_port(host, port)) {
    return Error{"port " + std::to_string(port) +
                 " is taken; choose another with --port, or --port 0"};
  }
  console.Info("serving " + folder.string() + " at http://" + host + ":" + std::to_string(bound) +
               "/ (end with Ctrl-C)");
  if (!server.listen_after_bind() && own_shop == nullptr)
    return Error{"the server stopped unexpectedly"};
  return Ok();
}

}  // namespace vitrine
