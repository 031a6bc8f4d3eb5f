#include "indexer/embed/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "indexer/support/ascii.h"

namespace vitrine {
namespace {

struct CleanUp {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One transfer: what libcurl's callbacks need.
struct Transfer {
  CURL* curl = nullptr;
  const HttpRequest* request = nullptr;
  const std::function<bool(ByteView)>* sink = nullptr;
  const std::function<bool(const HttpAnswer&)>* begin = nullptr;
  HttpAnswer answer;
  int64_t received = 0;
  bool begun = false;
  bool private_address = false, too_large = false;
  char message[CURL_ERROR_SIZE] = "";
};

bool IsPrivate(uint32_t v4) {  // in the machine's byte order
  const auto in = [v4](uint32_t network, int bits) {
    return v4 >> (32 - bits) == network >> (32 - bits);
  };
  return in(0x00000000, 8) || in(0x0A000000, 8) || in(0x64400000, 10) || in(0x7F000000, 8) ||
         in(0xA9FE0000, 16) || in(0xAC100000, 12) || in(0xC0000000, 24) || in(0xC0A80000, 16) ||
         in(0xC6120000, 15) || in(0xE0000000, 3);
}

bool IsPrivate(const in6_addr& v6) {
  const uint8_t* b = v6.s6_addr;
  const auto v4_at = [b](int i) {
    return uint32_t{b[i]} << 24 | uint32_t{b[i + 1]} << 16 | uint32_t{b[i + 2]} << 8 | b[i + 3];
  };
  const bool zeros = std::all_of(b, b + 10, [](uint8_t byte) { return byte == 0; });
  if (zeros && ((b[10] == 0xFF && b[11] == 0xFF) || (b[10] == 0 && b[11] == 0))) {
    return IsPrivate(v4_at(12));  // mapped and compatible IPv4, ::1 and :: among them
  }
  if (b[0] == 0x00 && b[1] == 0x64 && b[2] == 0xFF && b[3] == 0x9B) return true;  // NAT64
  if (b[0] == 0x20 && b[1] == 0x02) return IsPrivate(v4_at(2));                   // 6to4
  const bool unique_local = (b[0] & 0xFE) == 0xFC;
  const bool link_local = b[0] == 0xFE && (b[1] & 0x80) != 0;  // fe80::/10 and the old fec0::/10
  return unique_local || link_local || b[0] == 0xFF;
}

bool IsPrivate(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return IsPrivate(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    return IsPrivate(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  }
  return true;
}

bool BehindProxy() {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return true;
  }
  return false;
}

curl_socket_t OnOpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(user);
  if (IsPrivate(address->addr)) {
    transfer->private_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// A name or number that is private without looking it up.
bool IsPrivateName(std::string host) {
  if (host.starts_with('[')) host = host.substr(1, host.find(']') - 1);
  host = AsciiLower(host);
  while (host.ends_with('.')) host.pop_back();
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  in_addr v4{};
  if (::inet_aton(host.c_str(), &v4) != 0) return IsPrivate(ntohl(v4.s_addr));
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IsPrivate(v6);
}

std::string PartOf(const std::string& url, CURLUPart part) {
  const std::unique_ptr<CURLU, CleanUp> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  char* text = nullptr;
  if (curl_url_get(parsed.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

// Called before every request of the transfer, redirects included.
int OnRequest(void* user, char*, char*, int, int) {
  auto* transfer = static_cast<Transfer*>(user);
  char* url = nullptr;
  curl_easy_getinfo(transfer->curl, CURLINFO_EFFECTIVE_URL, &url);
  transfer->private_address = url == nullptr || IsPrivateName(PartOf(url, CURLUPART_HOST));
  return transfer->private_address ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  HttpAnswer& answer = transfer->answer;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // of this answer, not of the redirect before it
    answer.etag.clear();
    answer.last_modified.clear();
    answer.retry_after_seconds = 0;
    return size;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  const std::string name = AsciiLower(line.substr(0, colon));
  std::string value(line.substr(std::min(line.size(), line.find_first_not_of(" \t", colon + 1))));
  if (name == "etag") answer.etag = value;
  if (name == "last-modified") answer.last_modified = value;
  if (name == "retry-after") answer.retry_after_seconds = std::atol(value.c_str());
  if (name == "x-linked-etag") {
    std::erase(value, '"');
    const bool is_sha256 =
        value.size() == 64 && value.find_first_not_of("0123456789abcdef") == std::string::npos;
    answer.sha256 = is_sha256 ? value : "";
  }
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  long status = 0;
  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 && status != 206) return size;  // the text of an error
  if (!transfer->begun) {
    transfer->begun = true;
    transfer->answer.status = status;
    if (*transfer->begin && !(*transfer->begin)(transfer->answer)) return 0;
  }
  transfer->received += static_cast<int64_t>(size);
  if (transfer->received > transfer->request->max_bytes) {
    transfer->too_large = true;
    return 0;
  }
  const ByteView bytes(reinterpret_cast<const uint8_t*>(data), size);
  return (*transfer->sink)(bytes) ? size : 0;
}

curl_slist* Conditions(const HttpRequest& request) {
  curl_slist* headers = nullptr;
  const auto add = [&](const char* name, const std::string& value) {
    headers = curl_slist_append(headers, (std::string(name) + ": " + value).c_str());
  };
  if (request.from > 0) {
    const std::string& known = request.etag.empty() ? request.since : request.etag;
    if (!known.empty()) add("If-Range", known);
  } else if (!request.etag.empty()) {
    add("If-None-Match", request.etag);
  } else if (!request.since.empty()) {
    add("If-Modified-Since", request.since);
  }
  return headers;
}

void SetLimits(CURL* curl, const HttpRequest& request, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  const bool secure = request.url.starts_with("https://");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, request.max_redirects);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, request.max_seconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1000L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_bytes));
  if (request.allow_private_addresses) return;
  curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, OnRequest);
  curl_easy_setopt(curl, CURLOPT_PREREQDATA, &transfer);
  if (BehindProxy()) return;  // the only address connected to is the proxy's
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, OnOpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
}

void Explain(CURLcode code, Transfer& transfer) {
  HttpAnswer& answer = transfer.answer;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &answer.status);
  if (transfer.private_address) {
    answer.problem = "leads to a private address, which is not allowed";
  } else if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    answer.problem = "larger than " + std::to_string(transfer.request->max_bytes) + " bytes";
  } else if (code == CURLE_TOO_MANY_REDIRECTS) {
    answer.problem = "more than " + std::to_string(transfer.request->max_redirects) + " redirects";
  } else if (code == CURLE_UNSUPPORTED_PROTOCOL) {
    answer.problem =
        "leads to something that is not " +
        std::string(transfer.request->url.starts_with("https://") ? "https" : "http or https");
  } else if (code != CURLE_OK) {
    answer.problem = transfer.message[0] != '\0' ? transfer.message : curl_easy_strerror(code);
    answer.again = code != CURLE_URL_MALFORMAT && code != CURLE_WRITE_ERROR;
  } else if (answer.status >= 400) {
    answer.problem = "HTTP " + std::to_string(answer.status);
    answer.again = answer.status == 408 || answer.status == 425 || answer.status == 429 ||
                   answer.status >= 500;
  }
}

}  // namespace

HttpAnswer HttpGet(const HttpRequest& request, const std::function<bool(ByteView)>& sink,
                   const std::function<bool(const HttpAnswer&)>& begin) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, CleanUp> curl(started == CURLE_OK ? curl_easy_init() : nullptr);
  Transfer transfer;
  if (!curl) {
    transfer.answer.problem = "libcurl cannot start";
    return transfer.answer;
  }
  transfer.curl = curl.get();
  transfer.request = &request;
  transfer.sink = &sink;
  transfer.begin = &begin;
  const std::unique_ptr<curl_slist, CleanUp> headers(Conditions(request));
  SetLimits(curl.get(), request, transfer);
  curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "vitrine");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, transfer.message);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  if (request.from > 0) {
    const std::string range = std::to_string(request.from) + "-";
    curl_easy_setopt(curl.get(), CURLOPT_RANGE, range.c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  Explain(curl_easy_perform(curl.get()), transfer);
  return std::move(transfer.answer);
}

bool IsWebAddress(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

std::string HostOf(const std::string& url) {
  const std::string host = PartOf(url, CURLUPART_HOST), port = PartOf(url, CURLUPART_PORT);
  return port.empty() ? host : host + ":" + port;
}

}  // namespace vitrine
