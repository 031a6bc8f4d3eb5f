// Downloads against a small server of the test's own: what it is asked, how often, and what it may
// do.
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "indexer/embed/download.h"
#include "indexer/embed/http.h"
#include "indexer/embed/model_store.h"
#include "indexer/embed/photo_source.h"
#include "indexer/support/files.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

class Server {
 public:
  Server() {
    ::setenv("no_proxy", "127.0.0.1", 1);
    server_.set_pre_routing_handler([this](const auto& request, auto&) {
      const std::lock_guard lock(mutex_);
      ++asked_[request.path];
      return httplib::Server::HandlerResponse::Unhandled;
    });
  }
  ~Server() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  httplib::Server& operator*() { return server_; }
  void Start() {
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int Asked(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return asked_[path];
  }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::mutex mutex_;
  std::map<std::string, int> asked_;
};

void Answer(httplib::Response& response, const Bytes& bytes) {
  response.set_content(reinterpret_cast<const char*>(bytes.data()), bytes.size(), "image/png");
}

PhotoOptions LocalOptions(const std::filesystem::path& downloads) {
  PhotoOptions options;
  options.downloads = downloads;
  options.allow_private_addresses = true;
  options.retry_delay = std::chrono::milliseconds(1);
  return options;
}

std::string Problem(const Result<Bytes>& bytes) { return bytes.ok() ? "" : bytes.error().message; }

const Console kQuiet(Console::Level::kQuiet);

}  // namespace

TEST_CASE("photos are downloaded once, tried again where that helps, and failures say why") {
  Server server;
  const Bytes png = PlainPng(1, 2, 3);
  std::atomic<int> flaky = 0;
  (*server).Get("/ok.png", [&](auto&, auto& response) { Answer(response, png); });
  (*server).Get("/flaky.png", [&](auto&, auto& response) {
    if (++flaky < 3)
      response.status = 503;
    else
      Answer(response, png);
  });
  (*server).Get("/broken.png", [&](auto&, auto& response) { response.status = 500; });
  (*server).Get("/there.png", [&](auto&, auto& response) { response.set_redirect("/ok.png"); });
  (*server).Get("/loop.png", [&](auto&, auto& response) { response.set_redirect("/loop.png"); });
  (*server).Get("/file.png",
                [&](auto&, auto& response) { response.set_redirect("file:///etc/hostname"); });
  (*server).Get("/huge.png", [&](auto&, auto& response) {
    response.set_content_provider(size_t{65} << 20, "image/png", [](size_t, size_t, auto& sink) {
      const std::string zeros(1 << 16, '\0');
      return sink.write(zeros.data(), zeros.size());
    });
  });
  server.Start();
  TemporaryFolder folder;
  std::vector<std::string> urls;
  for (const char* name :
       {"ok", "ok", "flaky", "broken", "there", "loop", "file", "huge", "none"}) {
    urls.push_back(server.Url("/" + std::string(name) + ".png"));
  }
  {
    auto source = PhotoSource::Open(LocalOptions(folder / "photos"));
    REQUIRE(source.ok());
    source.value()->Fetch(urls, kQuiet);
    CHECK(source.value()->Read(urls[0]).value() == png);
    CHECK(source.value()->Read(urls[2]).value() == png);
    CHECK(source.value()->Read(urls[4]).value() == png);
    CHECK(Problem(source.value()->Read(urls[3])) == "HTTP 500");
    CHECK(Problem(source.value()->Read(urls[5])) == "more than 5 redirects");
    CHECK(Problem(source.value()->Read(urls[6])).find("http") != std::string::npos);
    CHECK(Problem(source.value()->Read(urls[7])).find("larger than") != std::string::npos);
    CHECK(Problem(source.value()->Read(urls[8])) == "HTTP 404");
  }
  CHECK(server.Asked("/ok.png") == 2);  // once for itself, once as a redirect's end
  CHECK(server.Asked("/flaky.png") == 3);
  CHECK(server.Asked("/broken.png") == 3);
  CHECK(server.Asked("/none.png") == 1);
  // The next run asks only for what is not there.
  auto source = PhotoSource::Open(LocalOptions(folder / "photos"));
  source.value()->Fetch(urls, kQuiet);
  CHECK(source.value()->Read(urls[0]).value() == png);
  CHECK(server.Asked("/ok.png") == 2);
  CHECK(server.Asked("/none.png") == 2);
}

TEST_CASE("a refresh takes only photos that have changed") {
  Server server;
  Bytes png = PlainPng(1, 2, 3);
  std::string tag = "\"one\"";
  std::atomic<int> sent = 0;
  (*server).Get("/a.png", [&](const auto& request, auto& response) {
    response.set_header("ETag", tag);
    if (request.get_header_value("If-None-Match") == tag) {
      response.status = 304;
    } else {
      ++sent;
      Answer(response, png);
    }
  });
  server.Start();
  TemporaryFolder folder;
  PhotoOptions options = LocalOptions(folder / "photos");
  options.refresh = true;
  const std::vector<std::string> urls = {server.Url("/a.png")};
  const auto read = [&] {
    auto source = PhotoSource::Open(options);
    source.value()->Fetch(urls, kQuiet);
    return source.value()->Read(urls[0]).value();
  };
  CHECK(read() == png);
  CHECK(read() == png);
  CHECK(sent == 1);
  png = PlainPng(9, 9, 9);
  tag = "\"two\"";
  CHECK(read() == png);
  CHECK(sent == 2);
}

TEST_CASE("addresses of private networks are refused, however they are written") {
  Server server;
  (*server).Get("/a.png", [&](auto&, auto& response) { Answer(response, PlainPng(1, 2, 3)); });
  server.Start();
  const std::string port = HostOf(server.Url("/")).substr(10);
  TemporaryFolder folder;
  PhotoOptions options = LocalOptions(folder / "photos");
  options.allow_private_addresses = false;
  std::vector<std::string> urls;
  for (const char* host : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]",
                           "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "LOCALHOST."}) {
    urls.push_back("http://" + std::string(host) + ":" + port + "/a.png");
  }
  for (const char* host : {"10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
                           "[fd00::1]", "[fe80::1]", "[64:ff9b::a00:1]", "224.0.0.1"}) {
    urls.push_back("http://" + std::string(host) + "/a.png");
  }
  auto source = PhotoSource::Open(options);
  source.value()->Fetch(urls, kQuiet);
  for (const std::string& url : urls) {
    CAPTURE(url);
    const std::string problem = Problem(source.value()->Read(url));
    INFO(problem);
    CHECK_FALSE(problem.empty());
  }
  CHECK(Problem(source.value()->Read(urls[0])).find("private") != std::string::npos);
  CHECK(server.Asked("/a.png") == 0);
}

TEST_CASE("a host gets few connections at once") {
  Server server;
  std::atomic<int> now = 0, most = 0;
  (*server).Get(R"(/\d+\.png)", [&](auto&, auto& response) {
    const int here = ++now;
    for (int seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --now;
    Answer(response, PlainPng(1, 2, 3));
  });
  server.Start();
  TemporaryFolder folder;
  PhotoOptions options = LocalOptions(folder / "photos");
  options.connections = 16;
  options.connections_per_host = 3;
  std::vector<std::string> urls;
  for (int i = 0; i < 40; ++i) urls.push_back(server.Url("/" + std::to_string(i) + ".png"));
  auto source = PhotoSource::Open(options);
  source.value()->Fetch(urls, kQuiet);
  for (const std::string& url : urls) CHECK(source.value()->Read(url).ok());
  CHECK(most <= 3);
}

TEST_CASE("a host that never answers is given up, and the others are not") {
  Server server;
  (*server).Get("/a.png", [&](auto&, auto& response) { Answer(response, PlainPng(1, 2, 3)); });
  server.Start();
  TemporaryFolder folder;
  std::vector<std::string> urls = {server.Url("/a.png")};
  for (int i = 0; i < 60; ++i) urls.push_back("http://127.0.0.1:1/" + std::to_string(i));
  auto source = PhotoSource::Open(LocalOptions(folder / "photos"));
  source.value()->Fetch(urls, kQuiet);
  CHECK(source.value()->Read(urls[0]).ok());
  int given_up = 0;
  for (const std::string& url : urls) {
    given_up += Problem(source.value()->Read(url)).find("not tried") != std::string::npos;
  }
  CHECK(given_up > 30);
}

TEST_CASE("a broken download of a model goes on where it was, unless the file has changed") {
  Server server;
  std::string content(300'000, 'a');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i * i % 23);
  std::string tag = "\"one\"";
  std::atomic<bool> breaks = true;
  std::atomic<size_t> sent = 0;
  (*server).Get("/model.onnx", [&](const auto& request, auto& response) {
    response.set_header("ETag", tag);
    const std::string range = request.get_header_value("Range");
    const bool same = request.get_header_value("If-Range") == tag;
    size_t from = 0;
    if (range.starts_with("bytes=") && same) from = std::stoul(range.substr(6));
    const_cast<httplib::Request&>(request).ranges.clear();
    if (from > 0) {
      response.status = 206;
      response.set_header("Content-Range", "bytes " + std::to_string(from) + "-" +
                                               std::to_string(content.size() - 1) + "/" +
                                               std::to_string(content.size()));
    }
    const std::string rest = content.substr(from);
    response.set_content_provider(rest.size(), "application/octet-stream",
                                  [&, rest](size_t at, size_t size, auto& sink) {
                                    if (breaks && at > 0) {
                                      breaks = false;
                                      return false;
                                    }
                                    size = std::min<size_t>(size, 100'000);
                                    sent += size;
                                    return sink.write(rest.data() + at, size);
                                  });
  });
  server.Start();
  TemporaryFolder folder;
  const auto to = folder / "model.onnx";
  auto first = Download(server.Url("/model.onnx"), to, kQuiet);
  REQUIRE_MESSAGE(first.ok(), first.error().message);
  CHECK(first.value().found);
  CHECK(ReadFile(to).value() == Bytes(content.begin(), content.end()));
  CHECK(sent == content.size());  // nothing twice
  CHECK_FALSE(Download(server.Url("/none"), folder / "none", kQuiet).value().found);

  // What a killed run left of another version is not gone on with.
  REQUIRE(WriteFileAtomically(folder / "b.part", std::string_view("of another file")).ok());
  REQUIRE(WriteFileAtomically(folder / "b.part.tag", std::string_view("\"zero\"\n")).ok());
  REQUIRE(Download(server.Url("/model.onnx"), folder / "b", kQuiet).ok());
  CHECK(ReadFile(folder / "b").value() == Bytes(content.begin(), content.end()));
}

TEST_CASE("model add brings what the profile names from a server and checks size and digest") {
  Server server;
  const std::string model = "a model", vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
  (*server).Get("/m/onnx/model.onnx",
                [&](auto&, auto& response) { response.set_content(model, "text/plain"); });
  (*server).Get("/m/vocab.txt",
                [&](auto&, auto& response) { response.set_content(vocabulary, "text/plain"); });
  server.Start();
  TemporaryFolder folder;
  Console console(Console::Level::kQuiet);
  const auto profile = [&](const std::string& files) {
    return ParseProfile(R"({"name": "m", "joint": true, "files": {)" + files + R"(},
                   "image": {"model": ["onnx/vision.onnx", "onnx/model.onnx"], "fit": "squash"},
                   "text": {"model": ["onnx/text.onnx", "onnx/model.onnx"],
                            "tokenizer": "wordpiece", "tokenizer_files": "vocab.txt"}})",
                        "m.json")
        .value();
  };
  const std::string digest = Sha256Hex(AsBytes(model));
  const Status good =
      AddModel(profile(R"("onnx/model.onnx": {"bytes": 7, "sha256": ")" + digest + "\"}"),
               server.Url("/m"), folder / "models", console);
  REQUIRE_MESSAGE(good.ok(), good.error().message);
  CHECK(std::filesystem::exists(folder / "models/m/vocab.txt"));
  CHECK(server.Asked("/m/onnx/model.onnx") == 1);  // it serves both towers
  for (const std::string& facts :
       {std::string(R"("onnx/model.onnx": {"bytes": 8})"),
        R"("onnx/model.onnx": {"sha256": ")" + std::string(64, '0') + "\"}"}) {
    CAPTURE(facts);
    CHECK_FALSE(AddModel(profile(facts), server.Url("/m"), folder / "models", console).ok());
    CHECK_FALSE(std::filesystem::exists(folder / "models/m/onnx/model.onnx"));
  }
}
