#include "indexer/publish/own_shop.h"

#include <fcntl.h>
#include <httplib.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "indexer/publish/hosting.h"
#include "indexer/support/ascii.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
using httplib::Request;
using httplib::Response;

constexpr const char* kOwnPageHeader = "X-Vitrine-Own-Shop";
constexpr size_t kLogTail = 4000;  // bytes of a failed command's output that are shown

bool IsPhoto(const fs::path& path) {
  static const std::set<std::string> kPhotos = {".jpg", ".jpeg", ".png", ".webp"};
  return kPhotos.count(AsciiLower(path.extension().string())) != 0;
}

bool IsTable(fs::path path) {
  static const std::set<std::string> kTables = {".csv",  ".tsv",   ".txt",   ".xml",
                                                ".json", ".jsonl", ".ndjson"};
  static const std::set<std::string> kPacked = {".gz", ".zst"};
  if (kPacked.count(AsciiLower(path.extension().string())) != 0) path.replace_extension();
  return kTables.count(AsciiLower(path.extension().string())) != 0;
}

// A name that means nothing to a glob.
std::string PlainName(std::string name) {
  for (char& letter : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(letter)) || letter == '.' ||
                       letter == '_' || letter == '-' || (letter & 0x80) != 0;
    if (!plain) letter = '_';
  }
  return name;
}

// Below `folder`, or "" for what is neither table nor photo or leads out of it. Tables lie side by
// side, so that a photo is found from the catalogue by the path that it has from there.
fs::path PlaceOf(const fs::path& folder, const std::string& name) {
  const fs::path path = fs::path(name).lexically_normal();
  const bool inside = path.is_relative() && !path.empty() && *path.begin() != "..";
  if (!inside || name.find('\0') != std::string::npos) return {};
  if (IsPhoto(path)) return folder / path;
  return IsTable(path) ? folder / PlainName(path.filename().string()) : fs::path();
}

// photos/red/1.jpg is also red/1.jpg and 1.jpg: the catalogue may name it from any folder.
void LinkFromAbove(const fs::path& folder, const fs::path& photo) {
  const fs::path path = photo.lexically_relative(folder);
  std::error_code ignored;  // of two photos of one name the first stays
  for (auto part = std::next(path.begin()); part != path.end(); ++part) {
    fs::path shorter = folder;
    for (auto rest = part; rest != path.end(); ++rest) shorter /= *rest;
    fs::create_directories(shorter.parent_path(), ignored);
    fs::create_hard_link(photo, shorter, ignored);
  }
}

// Runs this program with these arguments; its output, or what it said last when it failed.
Result<std::string> RunSelf(std::vector<std::string> arguments, const fs::path& log) {
  arguments.insert(arguments.begin(), "vitrine");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;  // the server's threads leave signals to one of them
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  int state = posix_spawn(&child, "/proc/self/exe", &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (state != 0) return Error{"the indexer could not be started"};
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  VITRINE_ASSIGN(const Bytes output, ReadFile(log));
  std::string text(output.begin(), output.end());
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return text;
  return Error{text.size() > kLogTail ? text.substr(text.size() - kLogTail) : text};
}

void AnswerError(Response& response, int status, const std::string& text) {
  const nlohmann::json json = {{"error", text}};
  response.status = status;
  response.set_content(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                       "application/json");
}

// The request names this machine, and comes from a page of it where it changes something.
bool IsOurs(const Request& request) {
  const std::string host = request.get_header_value("Host");
  const std::string name = host.substr(0, host.rfind(':'));
  if (name != "127.0.0.1" && name != "localhost") return false;
  return request.method == "GET" || request.has_header(kOwnPageHeader);
}

}  // namespace

Result<std::unique_ptr<OwnShop>> OwnShop::Create(const fs::path& engine) {
  if (!fs::is_regular_file(engine)) return UsageError(engine.string() + ": no such engine");
  std::string folder = (fs::temp_directory_path() / "vitrine-own-shop-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return Error{folder + " could not be made"};
  return std::unique_ptr<OwnShop>(new OwnShop(fs::absolute(engine), folder));
}

OwnShop::~OwnShop() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void OwnShop::Forget() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    fs::remove_all(entry.path(), ignored);
  }
}

Result<std::string> OwnShop::Index() {
  std::vector<std::string> init = {"init", "--out", (folder_ / "files/vitrine.toml").string(),
                                   "--force", "--from"};
  std::error_code ignored;
  std::set<std::string> tables;
  for (const auto& entry : fs::directory_iterator(folder_ / "files", ignored)) {
    if (entry.is_regular_file() && IsTable(entry.path())) tables.insert(entry.path().string());
  }
  if (tables.empty()) return Error{"there is no table among the files"};
  init.insert(init.end(), tables.begin(), tables.end());
  const fs::path log = folder_ / "log", bundle = folder_ / "bundle";
  VITRINE_ASSIGN(std::string said, RunSelf(std::move(init), log));
  VITRINE_ASSIGN(const std::string built,
                 RunSelf({"build", "-c", (folder_ / "files/vitrine.toml").string(), "-o",
                          bundle.string(), "--set", "publish.engine=" + engine_.string(), "--set",
                          "build.cache=" + (folder_ / "cache").string()},
                         log));
  nlohmann::json json = {{"log", said + built}, {"files", nlohmann::json::array()}};
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(bundle, ignored)) {
    if (entry.is_regular_file()) files.insert(entry.path().lexically_relative(bundle).string());
  }
  for (const std::string& file : files) json["files"].push_back(file);
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void OwnShop::Mount(httplib::Server& server) {
  // What is not ours is not there.
  server.set_pre_routing_handler([](const Request& request, Response& response) {
    const bool asked = request.path.starts_with("/own-shop/");
    if (!asked || IsOurs(request)) return httplib::Server::HandlerResponse::Unhandled;
    AnswerError(response, 403, "not from this page");
    return httplib::Server::HandlerResponse::Handled;
  });
  server.Get("/own-shop/", [](const Request&, Response& response) {
    response.set_content("{}", "application/json");
  });
  server.Put("/own-shop/files/(.+)", [this](const Request& request, Response& response,
                                            const httplib::ContentReader& content) {
    const fs::path place = PlaceOf(folder_ / "files", request.matches[1].str());
    if (place.empty()) return AnswerError(response, 415, "neither a table nor a photo");
    const std::lock_guard lock(lock_);
    std::error_code ignored;
    fs::create_directories(place.parent_path(), ignored);
    fs::remove(place, ignored);
    std::ofstream file(place, std::ios::binary);
    const bool read = content([&file](const char* data, size_t size) {
      return file.write(data, static_cast<std::streamsize>(size)).good();
    });
    file.close();
    if (!read || !file.good()) return AnswerError(response, 507, "it could not be written");
    if (IsPhoto(place)) LinkFromAbove(folder_ / "files", place);
    response.status = 204;
  });
  server.Delete("/own-shop/files", [this](const Request&, Response& response) {
    const std::lock_guard lock(lock_);
    Forget();
    response.status = 204;
  });
  server.Post("/own-shop/bundle", [this](const Request&, Response& response) {
    const std::lock_guard lock(lock_);
    const Result<std::string> indexed = Index();
    if (!indexed.ok()) return AnswerError(response, 422, indexed.error().message);
    response.set_content(indexed.value(), "application/json");
  });
  server.Get("/own-shop/bundle/(.+)", [this](const Request& request, Response& response) {
    const fs::path path = fs::path(request.matches[1].str()).lexically_normal();
    auto bytes = *path.begin() == ".." || path.is_absolute() ? Result<Bytes>(Error{"outside"})
                                                             : ReadFile(folder_ / "bundle" / path);
    if (!bytes.ok()) return AnswerError(response, 404, "not in the bundle");
    response.set_content(std::string(bytes.value().begin(), bytes.value().end()),
                         MimeType(path.string()));
  });
}

}  // namespace vitrine
