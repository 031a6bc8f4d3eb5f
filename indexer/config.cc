#include "indexer/config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "indexer/ingest/log_feed.h"
#include "indexer/ingest/product_normaliser.h"
#include "indexer/ingest/users.h"
#include "indexer/toml_reader.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;

// Paths of the configuration start at its own folder; "-" is standard input, "" is none.
class Paths {
 public:
  explicit Paths(fs::path base) : base_(std::move(base)) {}

  void Resolve(std::string& path) const {
    if (!path.empty() && path != "-") path = (base_ / path).lexically_normal().string();
  }
  void Resolve(fs::path& path) const {
    if (!path.empty()) path = (base_ / path).lexically_normal();
  }
  void Resolve(std::vector<std::string>& paths) const {
    for (std::string& path : paths) Resolve(path);
  }

 private:
  fs::path base_;
};

void ReadColumns(TomlReader& toml, const std::string& key, const std::vector<FieldSpec>& fields,
                 ColumnMapping& columns) {
  for (const FieldSpec& field : fields) {
    const std::string name = key + "." + std::string(field.name);
    if (toml.Has(name)) toml.Read(name, columns[std::string(field.name)]);
  }
}

void ReadEventRules(TomlReader& toml, std::vector<EventRule>& rules) {
  const std::string key = "events.rules";
  std::vector<std::map<std::string, std::string>> tables;
  toml.Read(key, {"event", "button", "kind", "weight"}, tables);
  for (auto& table : tables) {
    EventRule rule{table["event"], table["button"]};
    const auto kind = std::find(kInteractionKindNames.begin(), kInteractionKindNames.end(),
                                std::string_view(table["kind"]));
    if (kind == kInteractionKindNames.end()) {
      return toml.Fail(
          key, "kind = \"" + table["kind"] + "\" must be view, click, wishlist, cart or order");
    }
    rule.kind = static_cast<InteractionKind>(kind - kInteractionKindNames.begin());
    if (const std::string& weight = table["weight"]; !weight.empty()) {
      char* end = nullptr;
      rule.weight = std::strtof(weight.c_str(), &end);
      if (*end != '\0' || !(rule.weight > 0 && rule.weight <= 1e6F)) {
        return toml.Fail(key, "weight = \"" + weight + "\" must be a number from 0 to 1000000");
      }
    }
    rules.push_back(std::move(rule));
  }
}

void ReadAgeCuts(TomlReader& toml, std::vector<int>& cuts) {
  std::vector<float> numbers;
  toml.Read("users.age_cuts", numbers);
  if (numbers.empty()) return;
  cuts.assign(numbers.begin(), numbers.end());
  for (size_t i = 0; i < cuts.size(); ++i) {
    if (static_cast<float>(cuts[i]) != numbers[i] || cuts[i] < 1 || cuts[i] > 150)
      toml.Fail("users.age_cuts", "must be whole numbers from 1 to 150");
  }
}

void ReadIngest(TomlReader& toml, IngestOptions& ingest) {
  CatalogueOptions& catalogue = ingest.catalogue;
  toml.Read("catalogue.files", catalogue.files);
  toml.Read("catalogue.format", catalogue.format);
  ReadColumns(toml, "catalogue.columns", CatalogueFields(), catalogue.columns);
  toml.Read("catalogue.defaults", catalogue.defaults);
  toml.Read("catalogue.delimiter", catalogue.delimiter);
  toml.Read("catalogue.image_separator", catalogue.image_separator);
  toml.Read("catalogue.image_template", catalogue.image_template);
  toml.Read("catalogue.image_prefix", catalogue.image_prefix);
  toml.Read("catalogue.keep_other_columns", catalogue.keep_other_columns);
  toml.Read("events.files", ingest.events.files);
  toml.Read("events.format", ingest.events.format);
  ReadColumns(toml, "events.columns", LogFields(), ingest.events.columns);
  ReadEventRules(toml, ingest.events.rules);
  toml.Read("events.delimiter", ingest.events.delimiter);
  toml.Read("events.id_pattern", ingest.events.id_pattern);
  toml.Read("orders.files", ingest.orders.files);
  ReadColumns(toml, "orders.columns", LogFields(), ingest.orders.columns);
  toml.Read("orders.delimiter", ingest.orders.delimiter);
  toml.Read("users.files", ingest.users.files);
  toml.Read("users.format", ingest.users.format);
  ReadColumns(toml, "users.columns", UserFields(), ingest.users.columns);
  toml.Read("users.estimate_age", ingest.users.estimate_age);
  toml.Read("users.merge_into_events", ingest.users.merge_into_events);
  ReadAgeCuts(toml, ingest.users.age_cuts);
  toml.Read("users.delimiter", ingest.users.delimiter);
  toml.Read("baskets.from", ingest.baskets_from);
  toml.ReadInteger("baskets.max_items", ingest.max_basket_items, 0, 1'000'000);
  toml.Read("ingest.as_of", ingest.as_of);
  toml.Read("ingest.time_zone", ingest.time_zone);
  toml.Read("ingest.day_first", ingest.day_first);
  toml.ReadInteger("ingest.session_gap_minutes", ingest.session_gap_minutes, 1, 100'000);
  toml.ReadInteger("ingest.max_session_events", ingest.max_session_events, 0, 1'000'000'000);
  toml.Read("ingest.vocabulary", ingest.vocabulary_files);
  int64_t memory_mb = static_cast<int64_t>(ingest.memory_bytes >> 20);
  toml.ReadInteger("ingest.memory_mb", memory_mb, 16, 1 << 24);
  ingest.memory_bytes = static_cast<uint64_t>(memory_mb) << 20;
}

Status ReadEmbed(TomlReader& toml, EmbedOptions& embed, LabelOptions& labels) {
  toml.Read("embed.encoders", embed.encoders);
  toml.Read("embed.weights", embed.weights);
  toml.ReadInteger("embed.max_dimensions", embed.max_dimensions, 2, 8192);
  auto read_path = [&toml](const char* key, fs::path& path) {
    std::string text = path.string();
    toml.Read(key, text);
    path = text;
  };
  read_path("embed.profile_dir", embed.profile_dir);
  read_path("embed.model_dir", embed.model_dir);
  read_path("embed.image_root", embed.photos.root);
  read_path("embed.ort_lib", embed.ort_lib);
  toml.Read("embed.refresh_photos", embed.photos.refresh);
  toml.Read("embed.allow_private_photos", embed.photos.allow_private_addresses);
  toml.ReadInteger("embed.photo_connections", embed.photos.connections, 1, 256);
  toml.Read("embed.text_weight", embed.joint_text_weight, 0, 1);
  toml.Read("embed.tune", embed.tune_by);
  toml.Read("embed.infer", labels.fields);
  toml.Read("embed.infer_with", labels.encoder);
  toml.Read("embed.infer_threshold", labels.threshold, 0, 1);
  if (labels.fields.empty() != labels.encoder.empty()) {
    return UsageError("embed.infer (fields) and embed.infer_with (an encoder) belong together");
  }
  std::string device = "auto";
  toml.Read("embed.device", device);
  if (device != "auto" && device != "cpu" && device != "cuda") {
    return UsageError("embed.device \"" + device + "\" must be auto, cpu or cuda");
  }
  embed.device = device == "cuda" ? Device::kCuda : device == "cpu" ? Device::kCpu : Device::kAuto;
  if (!embed.weights.empty() && embed.weights.size() != embed.encoders.size()) {
    return UsageError("embed.weights must have one number for each of embed.encoders");
  }
  return Ok();
}

Status ReadLearning(TomlReader& toml, Config& config) {
  constexpr int64_t kMany = 0xFFFFFFFF;
  MineOptions& mine = config.mine;
  toml.ReadInteger("mine.partners", mine.partners, 1, 1000);
  toml.ReadInteger("mine.max_antecedent", mine.max_antecedent, 1, 8);
  toml.ReadInteger("mine.min_count_multi", mine.min_count_multi, 1, kMany);
  toml.ReadInteger("mine.consequents_multi", mine.consequents_multi, 1, 1000);
  toml.Read("mine.min_improvement", mine.min_improvement, 0, 1000);
  toml.ReadInteger("mine.max_rules_multi", mine.max_rules_multi, 0, kMany);
  toml.ReadInteger("mine.max_itemsets", mine.max_itemsets, 1000, kMany);
  toml.Read("mine.half_life_days", mine.half_life_days, 0, 100'000);
  toml.Read("vectors.bytes_per_item", config.vectors.bytes_per_item, 4, 1024);
  toml.ReadInteger("vectors.neighbours", config.neighbours, 1, 1000);
  TasteOptions& taste = config.taste;
  toml.Read("taste.half_life_days", taste.half_life_days, 0, 100'000);
  toml.Read("taste.bytes_per_item", taste.bytes_per_item, 4, 1000);
  toml.Read("taste.two_tower", taste.two_tower);
  double diversity = 0, exploration = 0;
  toml.Read("taste.diversity", diversity, 0, 1);
  toml.Read("taste.exploration", exploration, 0, 0.5);
  taste.variety = {static_cast<float>(diversity), static_cast<float>(exploration)};
  std::string similarity = "cosine";
  toml.Read("taste.similarity", similarity);
  constexpr std::array<std::string_view, 3> kSimilarities = {"cosine", "pearson", "embedding"};
  const auto* known = std::find(kSimilarities.begin(), kSimilarities.end(), similarity);
  if (known == kSimilarities.end()) {
    return UsageError("taste.similarity \"" + similarity +
                      "\" must be cosine, pearson or embedding");
  }
  taste.similarity = static_cast<TasteSimilarity>(known - kSimilarities.begin());
  toml.Read("privacy.publish_sessions", taste.publish_sessions);
  toml.ReadInteger("taste.list_size", config.taste.list_size, 1, 1000);
  toml.ReadInteger("privacy.min_users", config.taste.min_users, 1, kMany);
  config.mine.min_users = config.taste.min_users;
  return Ok();
}

// "women = \"women unisex\"": which audiences' products may stand beside one for women.
Status ReadAudienceGate(TomlReader& toml, std::array<uint8_t, kAudiences>& gate) {
  std::map<std::string, std::string> beside;
  toml.Read("publish.beside", beside);
  auto audience = [](const std::string& name) {
    const std::string_view known = name == "unknown" ? ""
                                   : name.empty()    ? "?"
                                                     : std::string_view(name);
    return std::find(kAudienceNames.begin(), kAudienceNames.end(), known) - kAudienceNames.begin();
  };
  for (const auto& [name, others] : beside) {
    uint8_t bits = 0;
    std::istringstream words(others);
    std::vector<std::string> names = {name};
    for (std::string word; words >> word;) names.push_back(word);
    for (size_t i = 0; i < names.size(); ++i) {
      const auto at = audience(names[i]);
      if (at == kAudiences) {
        return UsageError(
            "publish.beside: \"" + names[i] +
            "\" is no audience; they are women, men, unisex, girls, boys, kids, baby, unknown");
      }
      if (i > 0) bits = static_cast<uint8_t>(bits | 1 << at);
    }
    gate[static_cast<size_t>(audience(name))] = bits;
  }
  return Ok();
}

void ReadReport(TomlReader& toml, ReportOptions& report) {
  std::string folder = report.folder.string();
  toml.Read("report.folder", folder);
  report.folder = folder;
  ShopEvaluationOptions& evaluation = report.evaluation;
  toml.Read("evaluate.gate", report.gate);
  toml.Read("evaluate.strategies", evaluation.strategies);
  toml.Read("evaluate.test_share", evaluation.split.test_share, 0.001, 0.9);
  toml.ReadInteger("evaluate.max_cases", evaluation.split.max_cases, 1, 1'000'000);
  toml.ReadInteger("evaluate.encoder_examples", report.encoder_examples, 1, 1'000'000'000);
  toml.ReadInteger("evaluate.max_interactions", evaluation.split.max_interactions, 0,
                   1'000'000'000);
}

Status ReadSearch(TomlReader& toml, Config& config) {
  SearchOptions& search = config.search;
  toml.Read("search.enabled", search.enabled);
  toml.Read("search.queries", search.queries.log_files);
  toml.ReadInteger("search.max_queries", search.queries.max_queries, 0, kMaxQueries);
  toml.ReadInteger("search.answers", search.answers, 1, kMaxAnswers);
  toml.Read("search.encoder", search.encoder);
  toml.Read("search.bytes_per_item", search.bytes_per_item, 4, 1024);
  toml.Read("search.towers", search.towers);
  search.queries.min_users = config.taste.min_users;
  std::string engine;
  toml.Read("publish.search_engine", engine);
  config.publish.search_wasm = engine;
  const auto& encoders = config.embed.encoders;
  if (search.encoder != "auto" && search.encoder != "none" &&
      std::find(encoders.begin(), encoders.end(), search.encoder) == encoders.end()) {
    return UsageError("search.encoder \"" + search.encoder +
                      "\" must be one of embed.encoders, auto or none");
  }
  return Ok();
}

Status ReadPublish(TomlReader& toml, Config& config) {
  PublishOptions& publish = config.publish;
  toml.Read("shop.name", publish.shop_name);
  toml.Read("shop.currency", publish.currency);
  toml.Read("shop.locale", publish.locale);
  toml.Read("publish.product_url", publish.product_url);
  toml.Read("publish.image_url", publish.image_url);
  toml.Read("publish.card_attributes", publish.card_attributes);
  toml.ReadInteger("publish.list_length", publish.list_length, 1, 100);
  toml.Read("publish.keep_order", config.keep_order);
  for (auto [key, path] : {std::pair("publish.engine", &publish.wasm),
                           {"publish.package", &publish.package},
                           {"publish.rules", &publish.rules}}) {
    std::string text;
    toml.Read(key, text);
    *path = text;
  }
  toml.ReadInteger("publish.refine_above_bytes", publish.refine_above_bytes, 0, int64_t{1} << 40);
  std::string precompress = "auto";
  toml.Read("publish.precompress", precompress);
  using Precompress = PublishOptions::Precompress;
  if (precompress != "auto" && precompress != "all" && precompress != "none") {
    return UsageError("publish.precompress \"" + precompress + "\" must be auto, all or none");
  }
  publish.precompress = precompress == "all"    ? Precompress::kAll
                        : precompress == "none" ? Precompress::kNone
                                                : Precompress::kAuto;
  publish.min_users = static_cast<uint32_t>(config.taste.min_users);
  return ReadAudienceGate(toml, publish.audience_gate);
}

}  // namespace

Result<Config> ReadConfig(const fs::path& path, const std::vector<std::string>& overrides) {
  VITRINE_ASSIGN(TomlReader toml, TomlReader::Open(path, overrides));
  Config config;
  ReadIngest(toml, config.ingest);
  VITRINE_RETURN_IF_ERROR(ReadLearning(toml, config));
  VITRINE_RETURN_IF_ERROR(ReadPublish(toml, config));
  std::string cache = ".vitrine-cache";
  VITRINE_RETURN_IF_ERROR(ReadEmbed(toml, config.embed, config.labels));
  VITRINE_RETURN_IF_ERROR(ReadSearch(toml, config));
  toml.Read("build.cache", cache);
  ReadReport(toml, config.report);
  toml.ReadInteger("build.threads", config.threads, 0, 1024);
  VITRINE_RETURN_IF_ERROR(toml.Finish());
  if (config.ingest.catalogue.files.empty()) {
    return UsageError(path.string() + ": catalogue.files is missing: name the shop's product feed");
  }

  config.cache = cache;
  if (config.threads == 0) config.threads = static_cast<int>(std::thread::hardware_concurrency());
  config.mine.threads = config.taste.threads = config.threads;
  config.embed.threads = static_cast<unsigned>(config.threads);
  config.vectors.threads = config.publish.threads = static_cast<size_t>(config.threads);
  const Paths paths(path.parent_path());
  paths.Resolve(config.ingest.catalogue.files);
  paths.Resolve(config.ingest.events.files);
  paths.Resolve(config.ingest.orders.files);
  paths.Resolve(config.ingest.users.files);
  paths.Resolve(config.ingest.vocabulary_files);
  paths.Resolve(config.publish.wasm);
  paths.Resolve(config.publish.package);
  paths.Resolve(config.publish.rules);
  paths.Resolve(config.publish.search_wasm);
  paths.Resolve(config.search.queries.log_files);
  paths.Resolve(config.embed.profile_dir);
  paths.Resolve(config.embed.model_dir);
  paths.Resolve(config.embed.photos.root);
  paths.Resolve(config.embed.ort_lib);
  paths.Resolve(config.cache);
  paths.Resolve(config.report.folder);
  if (config.embed.photos.root.empty()) {
    config.embed.photos.root = fs::path(config.ingest.catalogue.files.front()).parent_path();
  }
  if (!config.cache.empty()) config.embed.cache_dir = config.cache / "embed";
  return config;
}

}  // namespace vitrine
