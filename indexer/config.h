// vitrine.toml: everything a build needs to know. docs/config.md lists every key.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "indexer/embed/embed.h"
#include "indexer/embed/labels.h"
#include "indexer/evaluate/shop_evaluation.h"
#include "indexer/ingest/ingest.h"
#include "indexer/mine/shop_rules.h"
#include "indexer/personalize/taste_builder.h"
#include "indexer/publish/bundle.h"
#include "indexer/search/search_builder.h"
#include "indexer/vectors/quantizer.h"
#include "shared/result.h"

namespace vitrine {

// How good is it, on the shop's own later sessions? [evaluate], [report]
struct ReportOptions {
  // Of index.html, report.json and the rest; empty = no evaluation and no report. The report tells
  // what is nobody's business outside, so it stands apart from the bundle. [report] folder
  std::filesystem::path folder = "report";
  bool gate = true;  // refuse to publish what is worse; [evaluate] gate
  ShopEvaluationOptions evaluation;
  // What the session encoder learns from when every build evaluates.
  uint64_t encoder_examples = 150'000;  // over all epochs; [evaluate] encoder_examples
};

struct Config {
  IngestOptions ingest;
  EmbedOptions embed;
  LabelOptions labels;  // inferred where the catalogue lacks them
  MineOptions mine;
  QuantizerOptions vectors;
  TasteOptions taste;
  PublishOptions publish;
  ReportOptions report;
  SearchOptions search;
  size_t neighbours = 48;       // exact neighbours kept per product; [vectors] neighbours
  std::filesystem::path cache;  // stage cache; [build] cache, "" = none
  bool keep_order = true;       // products stand where the bundle in the output folder has them
  int threads = 0;              // [build] threads, 0 = all of the machine's
};

// Reads a configuration. Paths in it are relative to the file's own folder. `overrides`:
// "section.key=value" (see TomlReader).
Result<Config> ReadConfig(const std::filesystem::path& path,
                          const std::vector<std::string>& overrides);

}  // namespace vitrine
