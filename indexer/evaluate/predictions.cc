#include "indexer/evaluate/predictions.h"

#include <cstdio>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

class Writer {
 public:
  Writer(const std::vector<ShopCase>& cases, std::span<const Product> products,
         std::span<const std::string> session_ids, const std::filesystem::path& file)
      : cases_(cases), products_(products), session_ids_(session_ids), file_(file) {}

  Status Lists(const std::string& name, const RankedLists& lists) const {
    std::string lines;
    for (size_t c = 0; c < cases_.size(); ++c) {
      AppendPrediction(
          session_ids_[cases_[c].session], cases_[c].session_events, lists[c],
          [&](ItemIndex item) -> const std::string& { return products_[item].id; }, lines);
    }
    return Write(name, lines);
  }

  Status Confidence(const std::string& name, const std::vector<double>& confidence) const {
    std::string lines;
    for (size_t c = 0; c < cases_.size(); ++c) {
      if (confidence[c] < 0) continue;
      char probability[32];
      std::snprintf(probability, sizeof probability, "%.9g", confidence[c]);
      lines += session_ids_[cases_[c].session] + '\t' + std::to_string(cases_[c].session_events) +
               '\t' + probability + '\n';
    }
    return lines.empty() ? Ok() : Write(name + ".confidence", lines);
  }

 private:
  Status Write(const std::string& name, const std::string& lines) const {
    return WriteFileAtomically(file_.string() + "." + name, lines);
  }

  const std::vector<ShopCase>& cases_;
  std::span<const Product> products_;
  std::span<const std::string> session_ids_;
  const std::filesystem::path& file_;
};

}  // namespace

Status WritePredictions(const ShopEvaluation& evaluation, std::span<const Product> products,
                        std::span<const std::string> session_ids,
                        const std::filesystem::path& file) {
  const Writer writer(evaluation.split.cases, products, session_ids, file);
  for (const StrategyRun& run : evaluation.runs) {
    VITRINE_RETURN_IF_ERROR(writer.Lists(run.name, run.lists));
    VITRINE_RETURN_IF_ERROR(writer.Confidence(run.name, run.confidence));
  }
  const auto curve = [&](const std::vector<CurvePoint>& points, const std::string& what) -> Status {
    for (const CurvePoint& point : points) {
      VITRINE_RETURN_IF_ERROR(writer.Lists(
          point.strategy + what + std::to_string(static_cast<uint64_t>(point.x)), point.lists));
    }
    return Ok();
  };
  VITRINE_RETURN_IF_ERROR(curve(evaluation.learning_curve, ".newest-"));
  return curve(evaluation.floor_curve, ".floor-");
}

}  // namespace vitrine
