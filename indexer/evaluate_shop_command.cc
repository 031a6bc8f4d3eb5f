// `vitrine evaluate -c`: the whole shop on its own log, in full.
#include <cstdio>

#include "indexer/command.h"
#include "indexer/pipeline.h"
#include "indexer/report/compare.h"
#include "indexer/report/report.h"
#include "indexer/support/files.h"

namespace vitrine {

Status RunEvaluateShop(const EvaluateShopFlags& flags, Context& context) {
  VITRINE_ASSIGN(Config config, ReadConfig(flags.config, flags.overrides));
  if (config.report.folder.empty()) {
    return UsageError("report.folder is \"\": name a folder for the report");
  }
  if (!flags.compare.empty()) {  // before minutes of work
    VITRINE_ASSIGN(const Json old, ReadReport(flags.compare, false));
  }
  ShopEvaluationOptions& evaluation = config.report.evaluation;
  evaluation.strategies = flags.strategies;
  evaluation.curve_strategies = {"popular", "session", "blend"};
  evaluation.floor_strategies = {"session", "blend"};
  evaluation.floors = {1, 5, 20};
  VITRINE_ASSIGN(const BuildSummary summary,
                 EvaluateOnly(config, {flags.compare, flags.predictions}, context.console));
  std::fputs(summary.report.c_str(), stdout);
  VITRINE_ASSIGN(const Json report, ReadReport(config.report.folder / "report.json", false));
  if (!flags.compare.empty()) {
    VITRINE_ASSIGN(const Json old, ReadReport(flags.compare, false));
    std::printf("\nagainst %s\n%s", flags.compare.c_str(),
                ToText(CompareReports(old, report)).c_str());
  }
  if (context.report_path.empty()) return Ok();
  return WriteFileAtomically(context.report_path,
                             report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace vitrine
