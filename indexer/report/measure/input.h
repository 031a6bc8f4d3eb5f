// What a report is made of, and what its parts share. Every part of report.json has a function of
// its own in this folder that takes ReportInput and gives JSON; docs/report.md describes each
// field.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "indexer/config.h"
#include "indexer/evaluate/shop_evaluation.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"
#include "shared/recommender.h"

namespace vitrine {

using Json = nlohmann::ordered_json;

struct ReportInput {
  const Config& config;
  const Shop& shop;          // products in bundle order
  MatrixView vectors;        // a row a product, of length 1
  const BundleParts& parts;  // sections and neighbours; its products may be missing
  std::span<const Rule> rules;
  const ComplementsData& complements;
  const IngestReport& ingest;
  const ShopEvaluation& evaluation;
  Recommender& recommender;  // with the sections of `parts`
  Console& console;
  // Also what costs minutes: every encoder that can be had, Apriori, forests.
  bool thorough = false;
};

Json MeasureData(const ReportInput& input);
Json MeasureMining(const ReportInput& input);
Json MeasureSimilarity(const ReportInput& input);
Json MeasurePersonalization(const ReportInput& input);
Json MeasureComparison(const ReportInput& input);
Json MeasureBytes(const ReportInput& input);
// The downloads of a written bundle; null when `folder` holds none.
Json MeasureBundle(const std::filesystem::path& folder);
Json MeasureLongTail(const ReportInput& input);
Json MeasurePrivacy(const ReportInput& input);
// Places of the products on a plane, neighbours near each other.
Json MeasureMap(const ReportInput& input);

// `value` with six significant digits: what a report says, and no noise beyond.
double Rounded(double value);
Json ToJson(const Estimate& estimate);

// What a page shows of a product: {"index", "id", "title", "department", …, "image"}.
Json ProductJson(const Product& product, ItemIndex index);

// At most `count` of 0..size-1, evenly spread.
std::vector<uint32_t> EvenSample(size_t size, size_t count);

// How often each product was bought, or (in a shop without orders) touched.
std::vector<uint32_t> DemandOf(const Shop& shop);
// The decile of each product by demand, 1 = the most wanted tenth.
std::vector<uint32_t> DemandDeciles(const std::vector<uint32_t>& demand);

}  // namespace vitrine
