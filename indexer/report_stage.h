// The report as a stage of the pipeline: evaluate, compare with what was published, gate, write.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "indexer/pipeline.h"
#include "indexer/report/report.h"
#include "indexer/stage_cache.h"

namespace vitrine {

class ReportStage {
 public:
  ReportStage(const Config& config, Console& console) : config_(config), console_(console) {}

  // Does the configuration ask for a report?
  bool wanted() const { return !config_.report.folder.empty(); }

  // Behind the stage cache. `thorough`: every strategy and encoder, and the slow comparisons.
  // `predictions`: where WritePredictions() writes; all is measured anew then. Empty = nowhere.
  Status Measure(const ComputedShop& computed, const IngestReport& ingest, StageCache& cache,
                 bool thorough, const std::filesystem::path& predictions = {});
  // With <folder>/published.json, the report of the build that was published last.
  Status CompareWithPublished();
  Status CompareWith(const std::filesystem::path& other_report);
  // An error of kind kQualityGate when something forbids publishing; the report is written then.
  Status Gate(bool accept_worse, std::span<const Product> products);
  Status Write(std::span<const Product> products);
  // Write() with the bundle's downloads, and from now on this is what was published last.
  Status WritePublished(const std::filesystem::path& bundle, std::span<const Product> products);

  const Json& report() const { return report_; }
  std::string Summary() const;

 private:
  const Config& config_;
  Console& console_;
  Json report_;
  Json before_;  // what it is compared with; null = nothing
};

}  // namespace vitrine
