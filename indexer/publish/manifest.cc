#include "indexer/publish/manifest.h"

#include <nlohmann/json.hpp>

#include "indexer/publish/number_style.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kBundleVersion = 1;
constexpr uint64_t kMostItems = 0xFFFFFFF0u;
constexpr uint64_t kMostShards = 1u << 20;

Json PieceJson(const Manifest::Piece& piece) {
  return {{"file", piece.file}, {"bytes", piece.size_bytes}, {"sha256", piece.sha256}};
}

Json FileJson(const Manifest::File& file) {
  Json json = PieceJson(file);
  for (const Manifest::Piece& piece : file.pieces) json["pieces"].push_back(PieceJson(piece));
  return json;
}

Json SectionJson(const Manifest::Section& section) {
  Json json = FileJson(section);
  if (section.delta) {
    json["delta"] = FileJson(*section.delta);
    json["delta"]["from"] = section.delta->from;
  }
  return json;
}

Json SetJson(const Manifest::ShardSet& set) { return {{"count", set.count}, {"stamp", set.stamp}}; }

// A path that stays inside the bundle and is one of our own names.
bool IsPlainPath(std::string_view path) {
  return !path.empty() && path.front() != '/' && path.find("..") == std::string_view::npos &&
         path.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-/") ==
             std::string_view::npos;
}

bool IsStamp(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsPowerOfTwo(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

// Reads fields of the manifest and remembers the first that is wrong.
class Fields {
 public:
  std::string Text(const Json& object, const char* name) {
    const Json* value = Find(object, name);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    return Wrong(name, "a text"), std::string();
  }
  uint64_t Number(const Json& object, const char* name) {
    const Json* value = Find(object, name);
    if (value != nullptr && value->is_number_unsigned()) return value->get<uint64_t>();
    return Wrong(name, "a whole number"), 0;
  }
  const Json& Object(const Json& object, const char* name) {
    static const Json kEmpty = Json::object();
    const Json* value = Find(object, name);
    if (value != nullptr && value->is_object()) return *value;
    return Wrong(name, "an object"), kEmpty;
  }
  Manifest::Piece Piece(const Json& object) {
    Manifest::Piece piece{Text(object, "file"), Number(object, "bytes"), Text(object, "sha256")};
    if (!IsPlainPath(piece.file)) Wrong("file", "a path inside the bundle");
    return piece;
  }
  Manifest::File File(const Json& object) {
    Manifest::File file{Piece(object), {}};
    if (!object.contains("pieces")) return file;
    uint64_t size_bytes = 0;
    for (const Json& piece : object["pieces"]) {
      if (!piece.is_object()) return Wrong("pieces", "a list of files"), file;
      file.pieces.push_back(Piece(piece));
      size_bytes += file.pieces.back().size_bytes;
    }
    if (size_bytes != file.size_bytes) Wrong("pieces", "as large together as the file");
    return file;
  }
  void Wrong(const std::string& name, const std::string& what) {
    if (error_.empty()) error_ = "field \"" + name + "\" must be " + what;
  }
  Manifest::Section Section(const Json& object) {
    Manifest::Section section{File(object), {}};
    if (object.contains("delta")) {
      const Json& delta = Object(object, "delta");
      section.delta.emplace(Manifest::Section::Delta{File(delta), Text(delta, "from")});
      if (!IsPlainPath(section.delta->from)) Wrong("from", "a path inside the bundle");
    }
    return section;
  }
  Manifest::ShardSet Set(const Json& object) {
    Manifest::ShardSet set{Number(object, "count"), Text(object, "stamp")};
    if (!IsStamp(set.stamp)) Wrong("stamp", "16 hexadecimal digits");
    if (set.count == 0 || set.count > kMostShards) Wrong("count", "from 1 to 2^20");
    return set;
  }
  std::string OptionalText(const Json& object, const char* name) {
    return object.contains(name) ? Text(object, name) : "";
  }
  const std::string& error() const { return error_; }

 private:
  static const Json* Find(const Json& object, const char* name) {
    auto at = object.find(name);
    return at == object.end() ? nullptr : &*at;
  }
  std::string error_;
};

}  // namespace

std::string RefinementName(size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kRefinementPrefix) + std::string(3 - std::min<size_t>(3, digits.size()), '0') +
         digits;
}

std::vector<std::string> Manifest::File::Paths() const {
  if (pieces.empty()) return {file};
  std::vector<std::string> paths;
  for (const Piece& piece : pieces) paths.push_back(piece.file);
  return paths;
}

std::string EncodeManifest(Manifest& manifest) {
  Json json = {{"format", "vitrine-bundle"},
               {"version", kBundleVersion},
               {"build", ""},
               {"shop",
                {{"name", manifest.shop_name},
                 {"currency", manifest.currency},
                 {"locale", manifest.locale}}},
               {"items", manifest.items},
               {"min_users", manifest.min_users},
               {"pages", SetJson(manifest.pages)},
               {"cards", SetJson(manifest.cards)}};
  if (const auto style = FindNumberStyle(manifest.locale, manifest.currency)) {
    json["shop"]["numbers"] = *style;
  }
  json["cards"]["items_per_file"] = manifest.cards_per_file;
  if (!manifest.templates.image.empty()) json["cards"]["image"] = manifest.templates.image;
  if (!manifest.templates.url.empty()) json["cards"]["url"] = manifest.templates.url;
  if (manifest.changes.count != 0) json["changes"] = SetJson(manifest.changes);
  json["popular"] = FileJson(manifest.popular);
  json["sections"] = Json::object();
  for (const auto& [name, section] : manifest.sections)
    json["sections"][name] = SectionJson(section);
  json["engine"] = Json::object();
  for (const auto& [name, file] : manifest.engine) json["engine"][name] = FileJson(file);
  if (!manifest.script.empty()) json["script"] = manifest.script;
  if (manifest.search) json["search"] = FileJson(*manifest.search);
  auto text = [&json] { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  manifest.build = Sha256Hex(AsBytes(text())).substr(0, 16);
  json["build"] = manifest.build;
  return text() + "\n";
}

Result<Manifest> ReadManifest(const std::filesystem::path& folder) {
  const auto path = folder / "manifest.json";
  VITRINE_ASSIGN(Bytes bytes, ReadFile(path));
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object()) return Error{path.string() + ": not a JSON object (truncated?)"};
  Fields fields;
  Manifest manifest;
  if (fields.Text(json, "format") != "vitrine-bundle") fields.Wrong("format", "\"vitrine-bundle\"");
  if (fields.Number(json, "version") != kBundleVersion) fields.Wrong("version", "1");
  manifest.build = fields.Text(json, "build");
  const Json& shop = fields.Object(json, "shop");
  manifest.shop_name = fields.Text(shop, "name");
  manifest.currency = fields.Text(shop, "currency");
  manifest.locale = fields.Text(shop, "locale");
  manifest.items = fields.Number(json, "items");
  manifest.min_users = fields.Number(json, "min_users");
  manifest.pages = fields.Set(fields.Object(json, "pages"));
  const Json& cards = fields.Object(json, "cards");
  manifest.cards = fields.Set(cards);
  manifest.cards_per_file = fields.Number(cards, "items_per_file");
  manifest.templates = {fields.OptionalText(cards, "image"), fields.OptionalText(cards, "url")};
  if (json.contains("changes")) manifest.changes = fields.Set(fields.Object(json, "changes"));
  manifest.popular = fields.File(fields.Object(json, "popular"));
  for (const auto& [name, section] : fields.Object(json, "sections").items()) {
    manifest.sections[name] = fields.Section(section);
  }
  for (const auto& [name, file] : fields.Object(json, "engine").items()) {
    manifest.engine[name] = fields.File(file);
  }
  manifest.script = fields.OptionalText(json, "script");
  if (!manifest.script.empty() && !IsStamp(manifest.script)) fields.Wrong("script", "a stamp");
  if (json.contains("search")) manifest.search = fields.File(fields.Object(json, "search"));
  if (manifest.items > kMostItems) fields.Wrong("items", "below 2^32");
  if (manifest.cards_per_file == 0) fields.Wrong("items_per_file", "at least 1");
  if (!IsPowerOfTwo(manifest.pages.count)) fields.Wrong("count", "a power of two");
  if (manifest.changes.count != 0 &&
      (!IsPowerOfTwo(manifest.changes.count) || manifest.changes.count > manifest.pages.count)) {
    fields.Wrong("changes", "a power of two of files, at most as many as pages");
  }
  if (!fields.error().empty()) return Error{path.string() + ": " + fields.error()};
  return manifest;
}

}  // namespace vitrine
