// `vitrine build`: everything, from a configuration to a bundle.
#include <cinttypes>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "indexer/command.h"
#include "indexer/pipeline.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

struct BuildOptions {
  std::string config = "vitrine.toml";
  std::string output;
  std::vector<std::string> overrides;
  BuildFlags flags;
};

double Share(size_t part, size_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void PrintSummary(const BuildSummary& summary, const std::string& folder) {
  std::fputs(ReportToText(summary.ingest).c_str(), stdout);
  const PublishSummary& publish = summary.publish;
  const size_t n = summary.products;
  std::printf("\nembeddings            %zu dimensions; %zu products without a usable photo\n",
              summary.dimensions, summary.without_photo);
  std::printf("bought together       %zu rules, %zu of them for carts\n", summary.rules,
              summary.rules_multi);
  std::printf("  with partners       %zu products (%.1f %%)\n", publish.with_bought_together,
              Share(publish.with_bought_together, n));
  std::printf("  by content alone    %zu products (%.1f %%)\n", publish.with_goes_with,
              Share(publish.with_goes_with, n));
  std::printf("similar               %zu products (%.1f %%), neighbour lists at recall %.3f\n",
              publish.with_similar, Share(publish.with_similar, n), summary.neighbour_recall);
  std::printf("search                %zu words, %zu likely queries\n", summary.search_words,
              summary.search_queries);
  std::printf("bundle                %zu files, %" PRIu64
              " bytes, %.0f bytes/product before compression\n",
              publish.files, publish.size_bytes,
              n == 0 ? 0.0 : static_cast<double>(publish.size_bytes) / static_cast<double>(n));
  for (const auto& [part, size] : publish.size_bytes_by_part) {
    std::printf("  %-19s %" PRIu64 " bytes\n", part.c_str(), size);
  }
  std::printf("seconds              ");
  for (const auto& time : summary.times) std::printf(" %s %.1f;", time.stage.c_str(), time.seconds);
  std::printf("\nwritten to            %s\n", folder.c_str());
  if (!summary.report.empty()) std::printf("\n%s", summary.report.c_str());
}

std::string SummaryJson(const BuildSummary& summary) {
  using Json = nlohmann::ordered_json;
  Json times = Json::object();
  for (const auto& time : summary.times) times[time.stage] = time.seconds;
  const PublishSummary& publish = summary.publish;
  Json json = {{"ingest", Json::parse(ReportToJson(summary.ingest), nullptr, false)},
               {"products", summary.products},
               {"interactions", summary.interactions},
               {"baskets", summary.baskets},
               {"users", summary.users},
               {"embedding_dimensions", summary.dimensions},
               {"products_without_photo", summary.without_photo},
               {"rules", summary.rules},
               {"rules_multi", summary.rules_multi},
               {"neighbour_recall", summary.neighbour_recall},
               {"products_with_bought_together", publish.with_bought_together},
               {"products_with_goes_with", publish.with_goes_with},
               {"products_with_similar", publish.with_similar},
               {"search_words", summary.search_words},
               {"search_queries", summary.search_queries},
               {"files", publish.files},
               {"size_bytes", publish.size_bytes},
               {"size_bytes_by_part", publish.size_bytes_by_part},
               {"seconds", std::move(times)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Status RunBuild(const BuildOptions& options, Context& context) {
  VITRINE_ASSIGN(Config config, ReadConfig(options.config, options.overrides));
  VITRINE_ASSIGN(BuildSummary summary,
                 Build(config, options.flags, options.output, context.console));
  if (!context.console.quiet()) PrintSummary(summary, options.output);
  if (context.report_path.empty()) return Ok();
  return WriteFileAtomically(context.report_path, SummaryJson(summary));
}

}  // namespace

void AddBuildCommand(Commands& commands) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App* app =
      commands.Add("build", "build a shop's bundle: clean, embed, mine, learn, quantize, publish",
                   [options](Context& context) { return RunBuild(*options, context); });
  app->add_option("-c,--config", options->config, "the shop's configuration")
      ->capture_default_str()
      ->type_name("vitrine.toml");
  app->add_option("-o,--output", options->output, "folder of the bundle")
      ->required()
      ->type_name("DIR");
  app->add_option("--set", options->overrides,
                  "set a key of the configuration, e.g. --set vectors.bytes_per_item=96; also by "
                  "environment, e.g. VITRINE_VECTORS_BYTES_PER_ITEM=96")
      ->type_name("KEY=VALUE");
  app->add_flag(
      "--accept-worse", options->flags.accept_worse,
      "publish although the quality gate finds the bundle worse than popularity or than the "
      "last published one");
}

}  // namespace vitrine
