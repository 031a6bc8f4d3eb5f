// `vitrine embed`: products to vectors, encoder by encoder, outside of a build.
#include "indexer/embed_command.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "indexer/command.h"
#include "indexer/embed/embed.h"
#include "indexer/embed/fusion.h"
#include "indexer/embed/labels.h"
#include "indexer/embed/precision.h"
#include "indexer/embed/shards.h"
#include "indexer/ingest/ingest.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;

struct EmbedCommandOptions {
  bool list = false;
  std::string catalogue;
  std::string catalogue_format = "auto";
  EmbedOptions embed;
  LabelOptions labels;
  std::string shard = "1/1";
  std::optional<std::vector<fs::path>> merge;
  std::vector<std::string> precision;
  std::string fuse;
  fs::path out;
};

const char* KindOf(const EncoderProfile& profile) {
  if (profile.kind == EncoderProfile::Kind::kBagOfWords) return "words";
  if (profile.kind == EncoderProfile::Kind::kProjection) return "projection";
  if (profile.image && profile.text) return profile.joint ? "image+text, joint" : "image+text";
  return profile.image ? "image" : "text";
}

Status ListEncoders(const EmbedOptions& options) {
  VITRINE_ASSIGN(const auto profiles, ListProfiles(options.profile_dir));
  for (const EncoderProfile& profile : profiles) {
    std::printf("%-22s %-18s %s%s%s\n", profile.name.c_str(), KindOf(profile),
                profile.about.c_str(), profile.licence.empty() ? "" : "; licence ",
                profile.licence.c_str());
  }
  return Ok();
}

void ReportPhotos(const EncodedRows& encoded, EmbedOutput& output, Console& console) {
  if (encoded.problems.empty()) return;
  constexpr size_t kShown = 10;
  console.Warn(encoded.name + ": " + std::to_string(encoded.problems.size()) +
               " products without a usable photo; " +
               (encoded.text.rows > 0 ? "they have their text's vectors" : "their rows are zero") +
               "; all are listed in photo_problems.tsv");
  for (size_t i = 0; i < encoded.problems.size(); ++i) {
    const PhotoProblem& problem = encoded.problems[i];
    if (i < kShown) {
      console.Info("  " + problem.product_id + ": " + problem.image + ": " + problem.reason);
    }
    output.problems.emplace_back(encoded.name, problem);
  }
}

// Prints precision at 10 of every table by the fields, as a table.
void PrintPrecision(const std::vector<std::pair<std::string, Matrix>>& tables,
                    std::span<const Product> products, const EmbedCommandOptions& options) {
  constexpr size_t kMostQueries = 5'000;
  std::vector<std::vector<uint32_t>> labels;
  std::printf("%-24s %10s", "P@10", "dimensions");
  for (const std::string& field : options.precision) {
    labels.push_back(LabelsOf(products, field));
    std::printf(" %12s", field.c_str());
  }
  std::printf("\n");
  const auto queries = SpreadQueries(products.size(), kMostQueries);
  for (const auto& [name, rows] : tables) {
    Matrix unit = rows;
    NormaliseRows(unit);
    const Matrix similarity = Similarity(unit.view(), queries, options.embed.threads);
    std::printf("%-24s %10zu", name.c_str(), rows.cols);
    for (double value :
         PrecisionAtK(similarity.view(), queries, labels, 10, options.embed.threads)) {
      std::printf(" %12.3f", value);
    }
    std::printf("\n");
  }
}

Status WriteLabels(std::span<const Product> products, const EmbedCommandOptions& options,
                   Console& console) {
  VITRINE_ASSIGN(const auto labels, InferLabels(products, options.labels, options.embed, console));
  std::string text = "id\tfield\tvalue\tconfidence\n";
  for (const InferredLabel& label : labels) {
    char confidence[16];
    std::snprintf(confidence, sizeof confidence, "%.4f", static_cast<double>(label.confidence));
    text += products[label.product].id + "\t" + label.field + "\t" + label.value + "\t" +
            confidence + "\n";
  }
  return WriteFileAtomically(options.out / "labels.tsv", text);
}

// Encoders that learn from all products run on all of them in every shard; the others on the
// shard's products only.
Result<EncodedRows> EncodeShard(std::span<const Product> products, const std::string& encoder,
                                const Shard& shard, const EmbedOptions& options, Console& console) {
  const auto [begin, end] = RangeOf(shard, products.size());
  VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(encoder, options.profile_dir));
  if (profile.kind == EncoderProfile::Kind::kOnnx) {
    return EncodeProducts(products.subspan(begin, end - begin), encoder, options, console);
  }
  VITRINE_ASSIGN(EncodedRows all, EncodeProducts(products, encoder, options, console));
  Matrix rows(end - begin, all.rows.cols);
  std::copy_n(all.rows.data.data() + begin * rows.cols, rows.data.size(), rows.data.data());
  all.rows = std::move(rows);
  return all;
}

Status CheckUse(EmbedCommandOptions& options, const Shard& shard) {
  if (options.catalogue.empty()) return UsageError("--catalogue FILE is missing");
  if (options.out.empty()) return UsageError("--out DIR is missing");
  if (!options.labels.fields.empty() && options.labels.encoder.empty()) {
    return UsageError("--infer needs an encoder with a joint space: --infer-with NAME");
  }
  if (options.labels.fields.empty()) options.labels.fields = {"audience", "colour", "department"};
  const bool needs_all = !options.fuse.empty() || !options.precision.empty() ||
                         !options.embed.tune_by.empty() || !options.labels.encoder.empty();
  if (shard.count > 1 && needs_all) {
    return UsageError(
        "--fuse, --tune, --infer and --precision need all products: join the shards' caches with "
        "--merge "
        "--cache DIR, then run without --shard on that cache");
  }
  if (options.embed.photos.root.empty()) {
    options.embed.photos.root = fs::path(options.catalogue).parent_path();
  }
  // A killed run goes on where it was, asked for or not.
  if (options.embed.cache_dir.empty()) options.embed.cache_dir = options.out / ".cache";
  return Ok();
}

Status WriteReport(const std::string& path, const nlohmann::json& report) {
  if (path.empty()) return Ok();
  return WriteFileAtomically(path, report.dump(2) + "\n");
}

Status RunEmbed(EmbedCommandOptions options, Context& context) {
  Console& console = context.console;
  if (options.list) return ListEncoders(options.embed);
  VITRINE_ASSIGN(const Shard shard, ParseShard(options.shard));
  if (options.merge) {
    if (options.merge->empty()) options.merge->push_back(options.out);
    if (options.out.empty() && options.embed.cache_dir.empty()) {
      return UsageError("--merge: --out DIR for the joined vectors or --cache DIR is missing");
    }
    return MergeShards(*options.merge, options.out, options.embed.cache_dir, console);
  }
  VITRINE_RETURN_IF_ERROR(CheckUse(options, shard));
  IngestOptions ingest;
  ingest.catalogue.files = {options.catalogue};
  ingest.catalogue.format = options.catalogue_format;
  VITRINE_ASSIGN(const IngestResult ingested, Ingest(ingest, console));
  const std::span<const Product> products = ingested.shop.products;

  EmbedOutput output;
  const auto [begin, end] = RangeOf(shard, products.size());
  std::string all_ids;
  for (size_t i = 0; i < products.size(); ++i) {
    all_ids += products[i].id + "\n";
    if (i >= begin && i < end) output.ids.push_back(products[i].id);
  }
  std::vector<EncodedRows> encoded;
  nlohmann::json report = {{"products", end - begin}, {"encoders", nlohmann::json::array()}};
  for (const std::string& encoder : options.embed.encoders) {
    VITRINE_ASSIGN(EncodedRows rows, EncodeShard(products, encoder, shard, options.embed, console));
    ReportPhotos(rows, output, console);
    report["encoders"].push_back({{"name", encoder},
                                  {"dimensions", rows.rows.cols},
                                  {"encoded", rows.encoded},
                                  {"unchanged", rows.reused},
                                  {"without_photo", rows.problems.size()}});
    output.tables.emplace_back(encoder, rows.rows);
    if (rows.image.rows > 0) output.tables.emplace_back(encoder + ".image", rows.image);
    if (rows.text.rows > 0) output.tables.emplace_back(encoder + ".text", rows.text);
    encoded.push_back(std::move(rows));
  }
  if (!options.fuse.empty()) {
    VITRINE_ASSIGN(EmbedResult fused,
                   FuseEncoded(products, std::move(encoded), options.embed, console));
    report["weights"] = fused.weights;
    output.tables.emplace_back(options.fuse, std::move(fused.vectors));
  }
  VITRINE_RETURN_IF_ERROR(
      WriteOutput(output, options.out, shard, Sha256Hex(AsBytes(all_ids)), console));
  if (!options.labels.encoder.empty()) {
    VITRINE_RETURN_IF_ERROR(WriteLabels(products, options, console));
  }
  if (!options.precision.empty()) PrintPrecision(output.tables, products, options);
  return WriteReport(context.report_path, report);
}

void AddInputOptions(CLI::App& app, EmbedCommandOptions& options) {
  EmbedOptions& embed = options.embed;
  app.add_option("--catalogue", options.catalogue, "products.csv, or any catalogue feed")
      ->type_name("FILE");
  app.add_option("--catalogue-format", options.catalogue_format, "as in `vitrine ingest`")
      ->capture_default_str();
  app.add_option("--images", embed.photos.root,
                 "folder or zip archive where relative image paths start (default: the catalogue's "
                 "folder); addresses are downloaded")
      ->type_name("DIR|FILE.zip");
  app.add_flag("--refresh-photos", embed.photos.refresh,
               "ask for photos that were downloaded before whether they have changed");
  app.add_flag("--allow-private-photos", embed.photos.allow_private_addresses,
               "also download from this machine and private networks");
  app.add_option("--photo-connections", embed.photos.connections, "downloads at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void AddEncoderOptions(CLI::App& app, EmbedCommandOptions& options) {
  EmbedOptions& embed = options.embed;
  app.add_option("--encoder", embed.encoders, "encoder profiles, see --list")
      ->delimiter(',')
      ->capture_default_str()
      ->type_name("NAME[,NAME...]");
  app.add_option("--profiles", embed.profile_dir, "folder of further profiles (NAME.json)")
      ->type_name("DIR");
  app.add_option("--model-dir", embed.model_dir,
                 "folder of the models: DIR/NAME/model.onnx (default: what the set-up made)")
      ->type_name("DIR");
  app.add_option("--ort-lib", embed.ort_lib, "the ONNX Runtime library to load")
      ->type_name("FILE")
      ->envname("ORT_LIB");
  AddDeviceOption(app, embed.device);
  app.add_option("--threads", embed.threads, "0 = all cores; never changes the result")
      ->capture_default_str();
  app.add_option("--text-weight", embed.joint_text_weight,
                 "of the text beside the photo, for encoders with a joint space")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--weights", embed.weights, "of the encoders in the fused vectors")
      ->delimiter(',');
  app.add_option("--tune", embed.tune_by,
                 "find the weights that are best for these fields (e.g. category)")
      ->delimiter(',')
      ->type_name("FIELD[,FIELD...]");
}

}  // namespace

void AddDeviceOption(CLI::App& app, Device& device) {
  const std::map<std::string, Device> names = {
      {"auto", Device::kAuto}, {"cpu", Device::kCpu}, {"cuda", Device::kCuda}};
  app.add_option("--device", device, "where models run; auto = cuda where it can, else cpu")
      ->transform(CLI::CheckedTransformer(names))
      ->type_name("auto|cpu|cuda");
}

void AddEmbedCommands(Commands& commands) {
  AddModelCommand(commands);
  auto options = std::make_shared<EmbedCommandOptions>();
  CLI::App* app = commands.Add("embed", "photos and texts to vectors",
                               [options](Context& context) { return RunEmbed(*options, context); });
  app->add_flag("--list", options->list, "print the encoder profiles");
  AddInputOptions(*app, *options);
  AddEncoderOptions(*app, *options);
  app->add_option("--cache", options->embed.cache_dir,
                  "keep vectors and downloaded photos by content here (default: OUT/.cache)")
      ->type_name("DIR");
  app->add_option("--shard", options->shard,
                  "only part i of n of the products, for one machine of n")
      ->type_name("i/n");
  app->add_option("--merge", options->merge,
                  "join the shards below these folders (default: OUT) into --out, and their caches "
                  "into --cache")
      ->expected(0, 100'000)
      ->type_name("[DIR...]");
  app->add_option("--infer", options->labels.fields,
                  "guess these fields from the photos where the catalogue lacks them; writes "
                  "labels.tsv (audience, colour, department)")
      ->delimiter(',');
  app->add_option("--infer-with", options->labels.encoder, "an encoder with a joint space")
      ->type_name("NAME");
  app->add_option("--infer-threshold", options->labels.threshold, "least confidence of a guess")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app->add_option("--fuse", options->fuse, "also write the encoders' fused vectors as NAME.npy")
      ->type_name("NAME");
  app->add_option("--precision", options->precision,
                  "print the precision at 10 of every encoder by these fields")
      ->delimiter(',')
      ->type_name("FIELD[,FIELD...]");
  app->add_option("--out", options->out, "writes NAME.npy for each encoder, and ids.txt")
      ->type_name("DIR");
}

}  // namespace vitrine
