// The whole build: ingest → embed → order → mine → learn → quantize → publish.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "indexer/config.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"

namespace vitrine {

struct BuildSummary {
  IngestReport ingest;
  size_t products = 0, interactions = 0, baskets = 0, users = 0;
  size_t dimensions = 0;     // of the embeddings
  size_t without_photo = 0;  // products embedded by text alone
  size_t rules = 0, rules_multi = 0;
  double neighbour_recall = 1;  // of the neighbour lists, against exact search on a sample
  size_t search_words = 0, search_queries = 0;
  PublishSummary publish;
  struct StageTime {
    std::string stage;
    double seconds;
  };
  std::vector<StageTime> times;
  std::string report;  // a screenful: see TerminalSummary(); empty when there is none
};

// What a shop's data became. Everything is in bundle order.
struct ComputedShop {
  Shop shop;
  std::vector<std::string> session_ids;  // by Interaction::session
  Matrix vectors;
  BundleParts parts;  // its products are the shop's, and still there
  std::vector<Rule> rules;
  ComplementsData complements;  // as in parts.rules, with the shoppers behind each number
  std::string search_encoder;   // whose rows shoppers' words and photos are compared with, or empty
  Matrix search_rows, search_thumbs;
};

struct BuildFlags {
  bool accept_worse = false;  // publish although the quality gate says no
};

// Builds the bundle of a shop into `folder`, and its report. Nothing is written to `folder` before
// everything was computed and, unless told otherwise, found no worse than what was published last
// (an error of kind kQualityGate; the report is written all the same). Same input and configuration
// give the same bundle, whatever the number of threads.
Result<BuildSummary> Build(const Config& config, const BuildFlags& flags,
                           const std::filesystem::path& folder, Console& console);

struct EvaluateFlags {
  std::filesystem::path compare;      // another report.json; empty = of the last published build
  std::filesystem::path predictions;  // where WritePredictions() writes; empty = nowhere
};

// Everything that a build computes, and the report in full: nothing is published.
Result<BuildSummary> EvaluateOnly(const Config& config, const EvaluateFlags& flags,
                                  Console& console);

}  // namespace vitrine
