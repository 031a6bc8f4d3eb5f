#include "indexer/publish/search_files.h"

#include "indexer/publish/opened_bundle.h"
#include "indexer/support/files.h"
#include "shared/section.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;

constexpr int kDescriptionVersion = 1;
constexpr size_t kNameDigits = 16;
constexpr uint64_t kMostShards = 20'000;
// Of a tower's file: hosts refuse 25 MiB, and what was downloaded of a model is kept piece by
// piece.
constexpr size_t kChunkBytes = 4 << 20;

Json FileJson(const Manifest::File& file) {
  return {{"file", file.file}, {"bytes", file.size_bytes}, {"sha256", file.sha256}};
}

class Writer {
 public:
  Writer(const fs::path& folder, SearchWritten& written) : folder_(folder), written_(written) {}

  Result<Manifest::File> Add(const std::string& name, const std::string& extension,
                             ByteView bytes) {
    const std::string file = name + "." + Sha256Hex(bytes).substr(0, kNameDigits) + "." + extension;
    VITRINE_RETURN_IF_ERROR(Write(file, bytes));
    return Manifest::File{file, bytes.size(), Sha256Base64(bytes)};
  }

  Result<Json> AddSection(const std::string& name, SectionKind kind, const Bytes& payload) {
    VITRINE_ASSIGN(const auto file, Add("search/" + name, "bin", FrameSection(kind, 1, payload)));
    return FileJson(file);
  }

  // search/<stamp>/<n>.bin
  Result<Json> AddShards(SectionKind kind, const std::vector<Bytes>& payloads) {
    std::vector<Bytes> files;
    std::string hashes;
    for (const Bytes& payload : payloads) {
      files.push_back(FrameSection(kind, 1, payload));
      hashes += Sha256Hex(files.back());
    }
    const std::string stamp = Sha256Hex(AsBytes(hashes)).substr(0, kNameDigits);
    for (size_t n = 0; n < files.size(); ++n) {
      VITRINE_RETURN_IF_ERROR(
          Write("search/" + stamp + "/" + std::to_string(n) + ".bin", files[n]));
    }
    return Json{{"count", files.size()}, {"stamp", stamp}};
  }

  Result<Json> AddChunks(const std::string& name, ByteView bytes) {
    Json chunks = Json::array();
    for (size_t begin = 0; begin < bytes.size(); begin += kChunkBytes) {
      const ByteView chunk = bytes.subspan(begin, std::min(kChunkBytes, bytes.size() - begin));
      VITRINE_ASSIGN(const auto file, Add("search/" + name, "bin", chunk));
      chunks.push_back(FileJson(file));
    }
    return chunks;
  }

 private:
  Status Write(const std::string& file, ByteView bytes) {
    ++written_.files;
    written_.size_bytes += bytes.size();
    return WriteFileAtomically(folder_ / file, bytes);
  }

  const fs::path& folder_;
  SearchWritten& written_;
};

Result<Json> WriteTowers(const TowerFiles& towers, Writer& writer) {
  Json encoder = Json::parse(towers.encoder_json);
  if (!towers.image_model.empty()) {
    VITRINE_ASSIGN(encoder["image"]["model"], writer.AddChunks("image", towers.image_model));
  }
  if (!towers.text_model.empty()) {
    VITRINE_ASSIGN(encoder["text"]["model"], writer.AddChunks("text", towers.text_model));
    VITRINE_ASSIGN(const auto file, writer.Add("search/tokenizer", "bin", towers.tokenizer));
    encoder["text"]["tokenizer"] = FileJson(file);
  }
  VITRINE_ASSIGN(const auto licence, writer.Add("search/licence", "txt", AsBytes(towers.licence)));
  encoder["licence_file"] = FileJson(licence);
  return encoder;
}

bool IsPlain(const std::string& path) {
  return path.starts_with("search/") && path.find("..") == std::string::npos &&
         path.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz._-/") == std::string::npos;
}

Result<Manifest::File> FileIn(const Json& json, const char* name) {
  const auto at = json.find(name);
  if (at == json.end() || !at->is_object()) return Error{std::string("no file \"") + name + "\""};
  Manifest::File file{at->value("file", ""), at->value("bytes", uint64_t{0}),
                      at->value("sha256", "")};
  if (!IsPlain(file.file)) return Error{"\"" + std::string(name) + "\" is no path inside search/"};
  return file;
}

Result<std::vector<std::string>> ShardsIn(const Json& json, const char* name) {
  std::vector<std::string> shards;
  const auto at = json.find(name);
  if (at == json.end() || !at->is_object()) return Error{std::string("no shards \"") + name + "\""};
  const std::string stamp = at->value("stamp", "");
  const uint64_t count = at->value("count", uint64_t{0});
  if (!IsPlain("search/" + stamp) || count > kMostShards) return Error{"impossible shards"};
  for (uint64_t n = 0; n < count; ++n) {
    shards.push_back("search/" + stamp + "/" + std::to_string(n) + ".bin");
  }
  return shards;
}

// Every {"file", "bytes", "sha256"} anywhere below.
Status CollectFiles(const Json& json, std::vector<Manifest::File>& files) {
  if (json.is_object() && json.contains("file") && json["file"].is_string()) {
    VITRINE_ASSIGN(files.emplace_back(), FileIn(Json{{"it", json}}, "it"));
    return Ok();
  }
  for (const Json& each : json) {
    if (each.is_structured()) VITRINE_RETURN_IF_ERROR(CollectFiles(each, files));
  }
  return Ok();
}

Result<SearchFiles> ParseDescription(const Json& json) {
  if (json.value("format", "") != "vitrine-search" ||
      json.value("version", 0) != kDescriptionVersion) {
    return Error{"not a search description of version 1"};
  }
  SearchFiles files;
  VITRINE_ASSIGN(files.index, FileIn(json, "index"));
  VITRINE_ASSIGN(files.postings, ShardsIn(json, "postings"));
  VITRINE_ASSIGN(files.queries, ShardsIn(json, "queries"));
  if (json.contains("space")) {
    VITRINE_ASSIGN(files.space, FileIn(json, "space"));
  }
  if (json.contains("thumbs")) {
    VITRINE_ASSIGN(files.thumbs, FileIn(json, "thumbs"));
  }
  for (const char* name : {"engine", "encoder"}) {
    if (json.contains(name)) VITRINE_RETURN_IF_ERROR(CollectFiles(json[name], files.others));
  }
  if (json.contains("encoder") && json["encoder"].is_object()) {
    files.encoder = json["encoder"].value("name", "");
  }
  return files;
}

}  // namespace

Result<SearchWritten> WriteSearch(const SearchParts& parts, ByteView engine,
                                  const fs::path& folder) {
  SearchWritten written;
  Writer writer(folder, written);
  Json json = {{"format", "vitrine-search"}, {"version", kDescriptionVersion}};
  if (!engine.empty()) {
    VITRINE_ASSIGN(const auto file, writer.Add("search/engine", "wasm", engine));
    json["engine"] = FileJson(file);
  }
  VITRINE_ASSIGN(json["index"], writer.AddSection("index", SectionKind::kSearch, parts.index));
  VITRINE_ASSIGN(json["postings"], writer.AddShards(SectionKind::kPostings, parts.postings));
  VITRINE_ASSIGN(json["queries"], writer.AddShards(SectionKind::kQueries, parts.queries));
  if (!parts.space.empty()) {
    VITRINE_ASSIGN(json["space"], writer.AddSection("space", SectionKind::kVectors, parts.space));
  }
  if (!parts.thumbs.empty()) {
    VITRINE_ASSIGN(json["thumbs"], writer.AddSection("thumbs", SectionKind::kThumbs, parts.thumbs));
  }
  if (!parts.towers.encoder_json.empty()) {
    VITRINE_ASSIGN(json["encoder"], WriteTowers(parts.towers, writer));
  }
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  VITRINE_ASSIGN(written.description, writer.Add("data/search", "json", AsBytes(text)));
  return written;
}

std::set<std::string> SearchFiles::Named() const {
  std::set<std::string> names = {index.file};
  if (space) names.insert(space->file);
  if (thumbs) names.insert(thumbs->file);
  for (const Manifest::File& file : others) names.insert(file.file);
  for (const auto* shards : {&postings, &queries}) {
    if (!shards->empty()) names.insert(fs::path(shards->front()).parent_path().generic_string());
  }
  return names;
}

Result<SearchFiles> ReadSearchFiles(const fs::path& folder, const Manifest::File& description) {
  VITRINE_ASSIGN(const Bytes bytes, ReadBundleFile(folder, description));
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  const std::string where = (folder / description.file).string();
  if (!json.is_object()) return Error{where + ": not a JSON object"};
  try {
    auto files = ParseDescription(json);
    if (!files.ok()) return Error{where + ": " + files.error().message};
    return files;
  } catch (const Json::exception& error) {
    return Error{where + ": " + error.what()};
  }
}

void RemoveStaleSearch(const fs::path& folder, const std::set<std::string>& keep) {
  std::error_code ignored;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(folder / "search", ignored)) {
    const std::string name = "search/" + entry.path().filename().string();
    if (IsPlain(name) && !keep.contains(name)) stale.push_back(entry.path());
  }
  for (const fs::path& path : stale) fs::remove_all(path, ignored);
}

Result<Searcher> OpenSearch(const fs::path& folder, const Manifest& manifest) {
  if (!manifest.search) {
    return Error{folder.string() + ": the bundle has no search (search.enabled = false)"};
  }
  VITRINE_ASSIGN(const SearchFiles files, ReadSearchFiles(folder, *manifest.search));
  Searcher searcher;
  auto add = [&](Result<Bytes> bytes, const std::string& name) -> Status {
    if (!bytes.ok()) return bytes.error();
    Status added = searcher.AddSection(std::move(bytes.value()));
    return added.ok() ? Ok() : Error{(folder / name).string() + ": " + added.error().message};
  };
  VITRINE_RETURN_IF_ERROR(add(ReadBundleFile(folder, files.index), files.index.file));
  for (const auto* shards : {&files.postings, &files.queries}) {
    for (const std::string& shard : *shards) {
      VITRINE_RETURN_IF_ERROR(add(ReadFile(folder / shard), shard));
    }
  }
  if (files.space) {
    VITRINE_RETURN_IF_ERROR(add(ReadBundleFile(folder, *files.space), files.space->file));
  }
  if (files.thumbs) {
    VITRINE_RETURN_IF_ERROR(add(ReadBundleFile(folder, *files.thumbs), files.thumbs->file));
  }
  const auto catalogue = manifest.sections.find("catalogue");
  if (catalogue != manifest.sections.end()) {
    VITRINE_RETURN_IF_ERROR(add(ReadBundleFile(folder, catalogue->second), catalogue->second.file));
  }
  const auto looks = manifest.sections.find("vectors");
  if (looks != manifest.sections.end()) {
    VITRINE_ASSIGN(Bytes bytes, ReadBundleFile(folder, looks->second));
    VITRINE_RETURN_IF_ERROR(searcher.AddLooks(std::move(bytes)));
  }
  return searcher;
}

std::vector<std::string> VerifySearch(const fs::path& folder, const Manifest& manifest,
                                      uint64_t& files, uint64_t& size_bytes) {
  std::vector<std::string> problems;
  if (!manifest.search) return problems;
  auto named = ReadSearchFiles(folder, *manifest.search);
  if (!named.ok()) return {named.error().message};
  for (const Manifest::File& file : named.value().others) {
    auto bytes = ReadBundleFile(folder, file);
    if (!bytes.ok()) problems.push_back(bytes.error().message);
    ++files;
    size_bytes += file.size_bytes;
  }
  files += 2 + named.value().postings.size() + named.value().queries.size();
  auto opened = OpenSearch(folder, manifest);
  if (!opened.ok()) problems.push_back(opened.error().message);
  return problems;
}

}  // namespace vitrine
