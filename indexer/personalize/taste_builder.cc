#include "indexer/personalize/taste_builder.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "indexer/personalize/blend_fitter.h"
#include "indexer/personalize/lists.h"
#include "indexer/personalize/training_rules.h"
#include "indexer/personalize/weights.h"

namespace vitrine {
namespace {

constexpr double kValidationShare = 0.08;
// With fewer interactions an encoder learns less than the lists know.
constexpr size_t kMinInteractions = 5000;
constexpr double kTableBytes = 32.2;  // a product of an encoder, with its bit of the bitmap
// Of the section, what an encoder with its network may take before it gets fewer components.
constexpr double kEncoderShare = 0.75;
constexpr uint32_t kLeastDimensions = 16;
constexpr uint32_t kTeachers = 2;
// A second encoder is trained where it leaves the lists this much a product, or all that they have.
constexpr double kListsNeed = 15;
constexpr double kPopularBytes = 3.5;   // a product's popularity
constexpr size_t kListsHeadBytes = 16;  // of lists and published sessions in the section's head
constexpr size_t kContentAxes = 64;     // of the embeddings that the towers see

bool HasEncoder(const TasteInput& input, const TasteOptions& options) {
  if (input.interactions.size() < kMinInteractions) return false;
  std::set<uint32_t> users;
  for (const Interaction& event : input.interactions) {
    users.insert(event.user);
    if (users.size() >= options.min_users) return true;
  }
  return false;
}

// Everything but the lists and the encoders, whose `vectors` the cohorts are made in.
void LearnSignals(std::span<const Interaction> interactions, const TasteInput& input,
                  std::span<const float> vectors, const TasteOptions& options, TasteData& data) {
  const uint32_t n = input.item_count;
  data.item_count = n;
  data.min_users = options.min_users;
  data.popularity = MinePopularity(interactions, n, options);
  if (input.profiles->attributes() > 0) {
    data.segments = MineSegments(interactions, n, *input.profiles, options);
  }
  CohortsData cohorts = MineCohorts(interactions, n, vectors, options);
  if (!cohorts.shoppers.empty()) data.cohorts = std::move(cohorts);
}

// Shortens the lists, and with published sessions drops the oldest ones, until the section fits.
void KeepToBudget(std::span<const Interaction> interactions, const TasteOptions& options,
                  TasteData& data) {
  std::optional<ItemListsData> lists = std::exchange(data.lists, std::nullopt);
  double left = options.bytes_per_item * data.item_count;
  left -= static_cast<double>(EncodeTaste(data).size() + kListsHeadBytes);
  left = std::max(left, 0.0);
  if (options.publish_sessions) {
    // What sessions know and lists do not is worth more: two thirds are theirs.
    data.neighbours =
        NewestSessions(interactions, data.item_count, static_cast<size_t>(left * 2 / 3));
    left -= static_cast<double>(EncodeNeighbours(*data.neighbours, data.item_count).size());
  }
  ShortenLists(*lists, static_cast<size_t>(std::max(left, 0.0)));
  data.lists = std::move(lists);
}

// The network of one encoder as sent, and the table of `rows` products.
double EncoderBytes(const EncoderOptions& options, size_t rows) {
  const size_t network = EncoderNetworkBytes(options.dimensions, options.heads, options.max_events);
  return static_cast<double>(network) +
         kTableBytes * static_cast<double>(rows) * options.dimensions / kEncoderDimensions;
}

// How many products have a row in the encoder's table.
size_t TableRows(const TasteInput& input, const std::vector<bool>& own) {
  size_t rows = 0;
  for (uint32_t i = 0; i < input.item_count; ++i) rows += own[i] || input.features->Describe(i);
  return rows;
}

// Two encoders that were trained apart err apart; whether there is room and time for both.
bool HasSecondEncoder(const TasteInput& input, const std::vector<bool>& own,
                      const ItemListsData& lists, const TasteOptions& options) {
  if (options.publish_sessions || options.encoder.dimensions < kEncoderDimensions) return false;
  const size_t rows = TableRows(input, own);
  const auto owned = std::count(own.begin(), own.end(), true);
  if (!TimeForTwo(input.interactions.size(), rows, input.features->count > 0)) return false;
  const double towers = options.two_tower ? kTableBytes * static_cast<double>(rows) : 0;
  const double lists_bytes = std::min(kListsNeed * static_cast<double>(owned),
                                      static_cast<double>(EncodeItemLists(lists).size()));
  return 2 * EncoderBytes(options.encoder, rows) + towers + lists_bytes +
             kPopularBytes * input.item_count <=
         options.bytes_per_item * input.item_count;
}

EncoderOptions SecondOptions(EncoderOptions options) {
  options.seed += 1;
  return options;
}

// Segments of attributes that do not help are not shipped.
void DropUselessSegments(SegmentsData& data) {
  SegmentsData kept;
  kept.attributes = data.attributes;
  kept.weight = data.weight;
  for (size_t s = 0; s < data.segments.size(); ++s) {
    if (data.weight[data.segments[s].attribute] == 0) continue;
    kept.segments.push_back(data.segments[s]);
    kept.entries.insert(kept.entries.end(),
                        data.entries.begin() + static_cast<std::ptrdiff_t>(data.begin[s]),
                        data.entries.begin() + static_cast<std::ptrdiff_t>(data.begin[s + 1]));
    kept.begin.push_back(kept.entries.size());
  }
  data = std::move(kept);
}

}  // namespace

ItemFeatures FeaturesOf(const Shop& shop, MatrixView content, const TasteOptions& options) {
  const auto n = static_cast<uint32_t>(shop.products.size());
  const PopularityData popularity = MinePopularity(shop.interactions, n, options);
  const auto values_of = [](const Product& product) {
    return std::array<std::pair<int, std::string>, 5>{
        {{0, product.department},
         {1, product.category},
         {2, product.colour},
         {3, product.brand},
         {4, std::string(kAudienceNames[static_cast<size_t>(product.audience)])}}};
  };
  std::map<std::pair<int, std::string>, uint32_t> number;
  for (uint32_t i = 0; i < n; ++i) {
    if (popularity.shoppers[i] == 0) continue;  // below the floor
    for (const auto& value : values_of(shop.products[i])) {
      if (!value.second.empty()) number.emplace(value, 0);
    }
  }
  ItemFeatures features;
  for (auto& [value, index] : number) index = features.count++;
  const uint32_t content_begin = features.count;
  features.count += static_cast<uint32_t>(std::min(content.cols, kContentAxes));
  features.offset.push_back(0);
  for (uint32_t i = 0; i < n; ++i) {
    for (const auto& value : values_of(shop.products[i])) {
      const auto known = number.find(value);
      if (known == number.end()) continue;
      features.feature.push_back(known->second);
      features.weight.push_back(1);
    }
    for (uint32_t k = content_begin; k < features.count; ++k) {
      features.feature.push_back(k);
      features.weight.push_back(content.row(i)[k - content_begin]);
    }
    features.offset.push_back(static_cast<uint32_t>(features.feature.size()));
  }
  return features;
}

// The network, the blend and the segments' weights have all
// shoppers, or at least min_users of the later ones, behind them.
uint32_t SmallestGroup(const TasteData& data) {
  uint32_t fewest = 0;
  const auto see = [&](uint32_t shoppers) {
    if (shoppers > 0 && (fewest == 0 || shoppers < fewest)) fewest = shoppers;
  };
  if (data.popularity) {
    for (uint32_t shoppers : data.popularity->shoppers) see(shoppers);
  }
  if (data.lists) {
    for (const auto& entry : data.lists->entries) see(entry.shoppers);
  }
  if (data.segments) {
    for (const auto& entry : data.segments->entries) see(entry.shoppers);
    for (const auto& segment : data.segments->segments) see(segment.shoppers);
  }
  if (data.cohorts) {
    for (const auto& entry : data.cohorts->lists.entries) see(entry.shoppers);
    for (uint32_t shoppers : data.cohorts->shoppers) see(shoppers);
  }
  return fewest;
}

std::vector<bool> OwnVectors(std::span<const Interaction> interactions, uint32_t item_count,
                             uint32_t min_users) {
  const std::vector<uint32_t> users = UsersPerItem(SequencesOf(interactions), item_count);
  std::vector<bool> own(item_count);
  for (uint32_t i = 0; i < item_count; ++i) own[i] = users[i] >= min_users;
  return own;
}

EncoderOptions EncoderOptionsFor(uint32_t item_count, const TasteOptions& options) {
  EncoderOptions encoder = options.encoder;
  encoder.threads = options.threads;
  encoder.half_life_days = kTogetherHalfLives * options.half_life_days;
  const auto fits = [&] {
    return EncoderBytes(encoder, item_count) <= kEncoderShare * options.bytes_per_item * item_count;
  };
  while (encoder.dimensions > kLeastDimensions && !fits()) encoder.dimensions -= 8;
  if (encoder.dimensions < kEncoderDimensions) encoder.teachers = kTeachers;
  return encoder;
}

SessionEncoderData LearnEncoder(const TasteInput& input, const TasteOptions& options) {
  const std::vector<bool> own = OwnVectors(input.interactions, input.item_count, options.min_users);
  return TrainSessionEncoder(SequencesOf(input.interactions), own, *input.features,
                             EncoderOptionsFor(input.item_count, options));
}

TwoTowerData LearnTowers(const TasteInput& input, const SegmentsData& segments,
                         const TasteOptions& options) {
  return TrainTwoTower(input.interactions,
                       OwnVectors(input.interactions, input.item_count, options.min_users),
                       *input.features, SegmentsOf(segments, *input.profiles),
                       static_cast<uint32_t>(segments.segments.size()), options.towers);
}

double HalfLifeOf(const TasteInput& input, const TasteOptions& options) {
  const LogSplit split = SplitByTime(input.interactions, kValidationShare);
  return ChooseHalfLife(split.earlier, split.later, input.item_count, options);
}

BlendTerms LearnSegmentWeights(const TasteInput& input, const TasteOptions& options,
                               SegmentsData& segments) {
  const LogSplit split = SplitByTime(input.interactions, kValidationShare);
  SegmentsData before = MineSegments(split.earlier, input.item_count, *input.profiles, options);
  const BlendTerms cold =
      FitSegments(MinePopularity(split.earlier, input.item_count, options), split.later,
                  SegmentsOf(before, *input.profiles), options.min_users, before);
  segments = MineSegments(input.interactions, input.item_count, *input.profiles, options);
  segments.weight = before.weight;
  DropUselessSegments(segments);
  return cold;
}

NeighboursData NewestSessions(std::span<const Interaction> interactions, uint32_t item_count,
                              size_t bytes) {
  const Sequences sequences = SequencesOf(interactions);
  uint32_t bits = 1;
  while (bits < 32 && (uint64_t{1} << bits) < item_count) ++bits;
  size_t first = sequences.size();
  double used = 16;
  while (first > 0) {
    const size_t length = sequences[first - 1].size();
    if (length > 1) used += 1 + static_cast<double>(length) * bits / 8;
    if (used > static_cast<double>(bytes)) break;
    --first;
  }
  NeighboursData data;
  for (size_t s = first; s < sequences.size(); ++s) {
    if (sequences[s].size() < 2) continue;
    data.items.insert(data.items.end(), sequences[s].begin(), sequences[s].end());
    data.offset.push_back(data.items.size());
  }
  return data;
}

TasteData LearnTaste(const TasteInput& input, const TasteOptions& given) {
  TasteOptions options = given;
  const LogSplit split = SplitByTime(input.interactions, kValidationShare);
  if (options.half_life_days <= 0) {
    options.half_life_days = ChooseHalfLife(split.earlier, split.later, input.item_count, options);
  }
  const bool has_encoder = HasEncoder(input, options);
  const Sequences sequences = SequencesOf(input.interactions);
  const std::vector<bool> own = OwnVectors(input.interactions, input.item_count, options.min_users);
  options.encoder = EncoderOptionsFor(input.item_count, options);
  std::optional<EncoderTrainer> trainer, second;
  BlendWeights blend = kDefaultBlend;
  if (has_encoder) {
    trainer.emplace(sequences, own, *input.features, options.encoder);
    const size_t earlier_sessions = SequencesOf(split.earlier).size();
    trainer->Train(earlier_sessions);
    TasteData before;
    before.encoder = trainer->Result();
    before.lists = MineItemLists(split.earlier, input.item_count, options);
    if (HasSecondEncoder(input, own, *before.lists, options)) {
      second.emplace(sequences, own, *input.features, SecondOptions(options.encoder));
      second->Train(earlier_sessions);
      before.second_encoder = second->Result();
    }
    LearnSignals(split.earlier, input, before.encoder->items, options, before);
    if (options.two_tower) {
      TasteInput earlier = input;
      earlier.interactions = split.earlier;
      before.towers = LearnTowers(earlier, before.segments.value_or(SegmentsData{}), options);
    }
    KeepToBudget(split.earlier, options, before);
    const Bytes bytes = EncodeTaste(before);
    const Result<Taste> taste = Taste::Open(bytes);
    assert(taste.ok());
    blend = FitBlend(taste.value(), split, options.threads);
    const float passes = FinalPassesFor(input.interactions.size(), TableRows(input, own));
    trainer->Train(sequences.size(), passes);
    if (second) second->Train(sequences.size(), passes);
  }
  TasteData data;
  if (has_encoder) data.encoder = trainer->Result();
  if (second) data.second_encoder = second->Result();
  data.lists = MineItemLists(input.interactions, input.item_count, options);
  LearnSignals(
      input.interactions, input,
      data.encoder ? std::span<const float>(data.encoder->items) : std::span<const float>(),
      options, data);
  if (data.segments) blend[0] = LearnSegmentWeights(input, options, *data.segments);
  if (has_encoder && options.two_tower) {
    data.towers = LearnTowers(input, data.segments.value_or(SegmentsData{}), options);
  }
  data.blend = blend;
  data.variety = options.variety;
  KeepToBudget(input.interactions, options, data);
  data.smallest_group = SmallestGroup(data);
  return data;
}

Result<Bytes> BuildTasteSection(const Shop& shop, MatrixView content, const TasteOptions& options,
                                Console& console) {
  if (options.min_users < 1) return UsageError("privacy.min_users must be at least 1");
  const Profiles profiles = ProfilesOf(shop);
  const ItemFeatures features = FeaturesOf(shop, content, options);
  const TasteData data = LearnTaste({.interactions = shop.interactions,
                                     .item_count = static_cast<uint32_t>(shop.products.size()),
                                     .features = &features,
                                     .profiles = &profiles},
                                    options);
  Bytes bytes = EncodeTaste(data);
  console.Detail("taste: " + std::to_string(shop.interactions.size()) + " interactions, " +
                 std::to_string(data.lists->entries.size()) + " list entries, " +
                 std::to_string(data.cohorts ? data.cohorts->shoppers.size() : 0) + " cohorts, " +
                 std::to_string(data.segments ? data.segments->segments.size() : 0) +
                 " segments, at least " + std::to_string(data.smallest_group) +
                 " shoppers behind every number, " + std::to_string(bytes.size()) + " bytes");
  return bytes;
}

}  // namespace vitrine
