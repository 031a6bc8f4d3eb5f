#include "indexer/embed/web_photos.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "indexer/embed/http.h"
#include "indexer/embed/parallel.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

constexpr int kAttempts = 3;
constexpr int kSilentAnswers = 20;  // in a row, then the host is given up
constexpr long kLongestPauseSeconds = 60;

std::filesystem::path TagOf(std::filesystem::path path) { return path.replace_extension(".tag"); }

// Hands out addresses so that no host gets more than its share of connections.
class HostQueue {
 public:
  HostQueue(const std::vector<std::string>& urls, unsigned per_host) : per_host_(per_host) {
    for (const std::string& url : urls) hosts_[HostOf(url)].waiting.push_back(url);
    left_ = urls.size();
  }

  struct Item {
    std::string host, url;
    bool given_up = false;
  };

  // The next address, of the host with the fewest connections; none at the end.
  std::optional<Item> Take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (left_ == 0) return std::nullopt;
      Host* best = nullptr;
      std::string name;
      for (auto& [key, host] : hosts_) {
        if (host.waiting.empty() || host.active >= per_host_) continue;
        if (best == nullptr || host.active < best->active) best = &host, name = key;
      }
      if (best == nullptr) {
        changed_.wait(lock);
        continue;
      }
      Item item{name, std::move(best->waiting.front()), best->silent >= kSilentAnswers};
      best->waiting.pop_front();
      ++best->active;
      --left_;
      return item;
    }
  }

  void Done(const Item& item, bool answered) {
    const std::lock_guard lock(mutex_);
    Host& host = hosts_[item.host];
    --host.active;
    host.silent = answered ? 0 : host.silent + 1;
    changed_.notify_all();
  }

 private:
  struct Host {
    std::deque<std::string> waiting;
    unsigned active = 0;
    int silent = 0;  // addresses in a row without any answer
  };
  const unsigned per_host_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Host> hosts_;
  size_t left_ = 0;
};

}  // namespace

WebPhotos::WebPhotos(const PhotoOptions& options) : options_(options) {}

WebPhotos::~WebPhotos() {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(options_.downloads, ignored);
}

std::filesystem::path WebPhotos::PathOf(const std::string& url) const {
  const std::string digest = Sha256Hex(AsBytes(url));
  return options_.downloads / digest.substr(0, 2) / (digest + ".photo");
}

void WebPhotos::Fetch(std::span<const std::string> images, const Console& console) {
  std::vector<std::string> urls;
  for (const std::string& image : images) {
    if (IsWebAddress(image)) urls.push_back(image);
  }
  std::sort(urls.begin(), urls.end());
  urls.erase(std::unique(urls.begin(), urls.end()), urls.end());
  if (options_.downloads.empty() && !urls.empty()) {
    std::string folder =
        (std::filesystem::temp_directory_path() / "vitrine-photos-XXXXXX").string();
    if (::mkdtemp(folder.data()) != nullptr) options_.downloads = folder, temporary_ = true;
  }
  if (!options_.refresh) {
    std::erase_if(urls, [&](const auto& url) { return std::filesystem::exists(PathOf(url)); });
  }
  HostQueue queue(urls, std::max(1u, options_.connections_per_host));
  Progress progress(console, "photos from the web", urls.size(), "photos");
  std::mutex mutex;
  size_t done = 0;
  const unsigned workers = std::clamp(options_.connections, 1u, 256u);
  ForEachPiece(std::min<size_t>(workers, urls.size()), workers, [&](size_t) {
    while (const auto item = queue.Take()) {
      bool answered = false;
      const std::string problem = item->given_up
                                      ? "not tried: " + item->host + " did not answer " +
                                            std::to_string(kSilentAnswers) + " times in a row"
                                      : FetchOne(item->url, answered);
      queue.Done(*item, answered);
      const std::lock_guard lock(mutex);
      if (!problem.empty()) problems_[item->url] = problem;
      progress.Update(++done);
    }
  });
}

std::string WebPhotos::FetchOne(const std::string& url, bool& answered) const {
  const auto path = PathOf(url);
  HttpRequest request;
  request.url = url;
  request.max_bytes = PhotoSource::kMaxBytes;
  request.allow_private_addresses = options_.allow_private_addresses;
  if (std::filesystem::exists(path)) {  // only if it has changed
    const Bytes tag = ReadFile(TagOf(path)).ok() ? ReadFile(TagOf(path)).value() : Bytes{};
    const auto line = std::find(tag.begin(), tag.end(), '\n');
    request.etag.assign(tag.begin(), line);
    if (line != tag.end()) request.since.assign(line + 1, tag.end());
  }
  for (int attempt = 1;; ++attempt) {
    Bytes bytes;
    const HttpAnswer answer = HttpGet(request, [&](ByteView piece) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      return true;
    });
    answered = answer.status != 0;
    if (answer.status == 304) return "";
    if (answer.ok()) {
      Status kept = WriteFileAtomically(path, bytes);
      if (kept.ok()) {
        kept = WriteFileAtomically(TagOf(path), answer.etag + "\n" + answer.last_modified);
      }
      return kept.ok() ? "" : kept.error().message;
    }
    if (!answer.again || attempt == kAttempts) {
      return answer.problem.empty() ? "HTTP " + std::to_string(answer.status) : answer.problem;
    }
    const auto asked =
        std::chrono::seconds(std::clamp(answer.retry_after_seconds, 0L, kLongestPauseSeconds));
    std::this_thread::sleep_for(
        std::max<std::chrono::milliseconds>(asked, options_.retry_delay * (1 << (attempt - 1))));
  }
}

Result<Bytes> WebPhotos::Read(const std::string& url) const {
  const auto at = problems_.find(url);
  if (at != problems_.end()) return Error{at->second};
  auto bytes = ReadFile(PathOf(url));
  return bytes.ok() ? std::move(bytes) : Error{"not downloaded"};
}

}  // namespace vitrine
