#include "indexer/report_stage.h"

#include "indexer/evaluate/predictions.h"
#include "indexer/personalize/training_rules.h"
#include "indexer/support/files.h"
#include "shared/section.h"

namespace vitrine {
namespace {

constexpr int kReportVersion = 14;  // a higher one makes kept reports be measured again
// Learned from at most when every build evaluates; `vitrine evaluate -c` takes all.
constexpr size_t kQuickInteractions = 120'000;

Result<Recommender> RecommenderOf(const BundleParts& parts) {
  Recommender recommender;
  const std::pair<SectionKind, const Bytes*> sections[] = {
      {SectionKind::kCatalogue, &parts.catalogue},
      {SectionKind::kRules, &parts.rules},
      {SectionKind::kVectors, &parts.vectors},
      {SectionKind::kTaste, &parts.taste}};
  for (const auto& [kind, payload] : sections) {
    if (payload->empty()) continue;
    VITRINE_RETURN_IF_ERROR(
        recommender.AddSection(FrameSection(kind, LayoutVersion(kind), *payload)));
  }
  return recommender;
}

// Everything that the figures depend on.
std::string KeyOf(const ComputedShop& computed, const IngestReport& ingest, const Config& config,
                  bool thorough) {
  std::vector<std::string> texts = {ReportToJson(ingest), config.publish.shop_name};
  for (const Product& product : computed.shop.products) {
    texts.insert(texts.end(), {product.id, product.title, product.category, product.department,
                               product.colour, product.price, product.group_id,
                               product.images.empty() ? "" : product.images.front()});
  }
  const ShopEvaluationOptions& evaluation = config.report.evaluation;
  return StageCache::Digest(
      kReportVersion, thorough, texts, computed.shop.interactions, computed.shop.baskets,
      computed.vectors, computed.rules, computed.parts.catalogue, computed.parts.rules,
      computed.parts.taste, computed.parts.vectors, evaluation.strategies,
      evaluation.split.test_share, evaluation.split.max_cases, evaluation.split.max_interactions,
      config.embed.encoders, config.taste.min_users, config.taste.half_life_days,
      config.taste.list_size, config.report.encoder_examples);
}

// What is learned for an evaluation: cheap enough for every build, in full when asked for.
TasteOptions TasteFor(const Config& config, size_t interactions, size_t products, bool thorough) {
  TasteOptions taste = config.taste;
  if (thorough) return taste;
  taste.encoder.max_examples = std::min(taste.encoder.max_examples, config.report.encoder_examples);
  const uint64_t examples =
      std::max<uint64_t>(1, std::min<uint64_t>(interactions, taste.encoder.max_examples));
  taste.encoder.epochs = static_cast<uint32_t>(std::clamp<uint64_t>(
      config.report.encoder_examples / examples, 1, EpochsFor(examples, products)));
  taste.encoder.dropout = 0.1f;  // so few passes learn nothing by heart
  return taste;
}

}  // namespace

Status ReportStage::Measure(const ComputedShop& computed, const IngestReport& ingest,
                            StageCache& cache, bool thorough,
                            const std::filesystem::path& predictions) {
  ShopEvaluationOptions options = config_.report.evaluation;
  if (!thorough && options.split.max_interactions == 0)
    options.split.max_interactions = kQuickInteractions;
  const auto make = [&]() -> Result<std::string> {
    VITRINE_ASSIGN(Recommender recommender, RecommenderOf(computed.parts));
    const size_t learned =
        options.split.max_interactions == 0
            ? computed.shop.interactions.size()
            : std::min(computed.shop.interactions.size(), options.split.max_interactions);
    VITRINE_ASSIGN(const ShopEvaluation evaluation,
                   EvaluateShop(computed.shop, computed.vectors.view(), options,
                                TasteFor(config_, learned, computed.shop.products.size(), thorough),
                                console_));
    if (!predictions.empty()) {
      VITRINE_RETURN_IF_ERROR(
          WritePredictions(evaluation, computed.shop.products, computed.session_ids, predictions));
    }
    const ReportInput input{config_,        computed.shop,  computed.vectors.view(),
                            computed.parts, computed.rules, computed.complements,
                            ingest,         evaluation,     recommender,
                            console_,       thorough};
    return MakeReport(input).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  StageCache nothing_kept{{}};  // a kept report has no lists any more
  StageCache& kept = predictions.empty() ? cache : nothing_kept;
  VITRINE_ASSIGN(
      const std::string text,
      kept.Run<std::string>("report", KeyOf(computed, ingest, config_, thorough), console_, make));
  report_ = Json::parse(text, nullptr, false);
  if (!thorough) return Ok();
  // Nothing is published now, so that what shoppers download is still the last build's.
  VITRINE_ASSIGN(const Json published, ReadReport(config_.report.folder / "published.json", true));
  report_["bytes"]["published_bundle"] = At(published, "bytes/bundle");
  return Ok();
}

Status ReportStage::CompareWithPublished() {
  VITRINE_ASSIGN(before_, ReadReport(config_.report.folder / "published.json", true));
  return AddComparison(before_, "the last published build", report_);
}

Status ReportStage::CompareWith(const std::filesystem::path& other_report) {
  VITRINE_ASSIGN(before_, ReadReport(other_report, false));
  return AddComparison(before_, other_report.string(), report_);
}

Status ReportStage::Gate(bool accept_worse, std::span<const Product> products) {
  const std::vector<Finding> failures = FindingsOf(report_["gate"]["failures"]);
  if (failures.empty()) return Ok();
  std::string reasons;
  for (const Finding& failure : failures) {
    reasons += "\n  " + failure.subject + ": " + failure.reason + "; " + failure.fix;
  }
  if (accept_worse || !config_.report.gate) {
    console_.Warn("published although the quality gate says no:" + reasons);
    return Ok();
  }
  VITRINE_RETURN_IF_ERROR(Write(products));
  return Error{"the quality gate was not met, nothing was published:" + reasons + "\n  see " +
                   (config_.report.folder / "index.html").string() +
                   "; --accept-worse publishes all the same",
               ErrorKind::kQualityGate};
}

Status ReportStage::Write(std::span<const Product> products) {
  return WriteReport(report_, products, config_.embed.photos, config_.report.folder);
}

Status ReportStage::WritePublished(const std::filesystem::path& bundle,
                                   std::span<const Product> products) {
  report_["bytes"]["bundle"] = MeasureBundle(bundle);
  // Again, as the downloads are known now.
  VITRINE_RETURN_IF_ERROR(AddComparison(before_, "the last published build", report_));
  report_["gate"]["published"] = true;
  VITRINE_RETURN_IF_ERROR(Write(products));
  return WriteFileAtomically(config_.report.folder / "published.json",
                             report_.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string ReportStage::Summary() const {
  return TerminalSummary(report_) + "report                " +
         (config_.report.folder / "index.html").string() + "\n";
}

}  // namespace vitrine
