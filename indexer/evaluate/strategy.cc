#include "indexer/evaluate/strategy.h"

#include <algorithm>
#include <array>
#include <optional>

#include "indexer/evaluate/user_cf.h"

namespace vitrine {
namespace {

constexpr double kRecentShare = 1.0 / 64;  // half-life of `recent`, of the log's span

// Answers with a taste section as the device does.
class TasteAnswers : public Strategy {
 public:
  static Result<std::unique_ptr<Strategy>> Make(const TasteData& data,
                                                std::optional<BlendTerms> weights) {
    auto strategy = std::make_unique<TasteAnswers>();
    strategy->weights_ = weights;
    strategy->bytes_ = EncodeTaste(data);
    VITRINE_ASSIGN(strategy->taste_, Taste::Open(strategy->bytes_));
    return std::unique_ptr<Strategy>(std::move(strategy));
  }

  std::vector<ItemIndex> Rank(const Visitor& visitor, uint32_t limit) const override {
    std::vector<uint32_t> segments;
    for (const auto& [attribute, value] : visitor.profile) {
      const uint32_t segment = taste_.segments().Find(attribute, value);
      if (segment != Segments::kNone) segments.push_back(segment);
    }
    const Shopper shopper{
        .events = visitor.events, .segments = segments, .now_seconds = visitor.now_seconds};
    std::vector<ItemIndex> items;
    // Of somebody it knows nothing of, the device shows what is popular.
    const BlendTerms popular{.popularity = 1};
    const bool stranger = visitor.events.empty() && segments.empty();
    const std::vector<ScoredItem> ranked = weights_   ? taste_.Rank(*weights_, shopper, limit)
                                           : stranger ? taste_.Rank(popular, shopper, limit)
                                                      : taste_.Rank(shopper, limit);
    items.reserve(ranked.size());
    for (const ScoredItem& scored : ranked) items.push_back(scored.item);
    return items;
  }
  std::vector<ScoredItem> RankScored(const Visitor& visitor, uint32_t limit) const override {
    if (weights_ || visitor.events.empty()) return {};
    return taste_.Rank({.events = visitor.events, .now_seconds = visitor.now_seconds}, limit);
  }
  size_t size_bytes() const override { return bytes_.size(); }
  uint32_t smallest_group() const override { return taste_.smallest_group(); }

 private:
  Bytes bytes_;
  Taste taste_;
  std::optional<BlendTerms> weights_;  // the section's own when empty
};

constexpr std::array<std::string_view, 16> kNames = {"popular",
                                                     "popular-segment",
                                                     "recent",
                                                     "user-cf-cosine",
                                                     "user-cf-pearson",
                                                     "user-cf-cohorts",
                                                     "cohorts-pearson",
                                                     "item-cf",
                                                     "session",
                                                     "embedding-cf",
                                                     "cohorts-embedding",
                                                     "two-tower",
                                                     "two-tower-mse",
                                                     "session-encoder",
                                                     "session-knn",
                                                     "blend"};

// The encoder's table with a network that only takes the decayed mean of the session.
EncoderNetwork DecayedMean(EncoderNetwork network) {
  constexpr float kLogDecay = -0.22f;  // each product weighs 0.8 of the one after it
  for (auto* matrix : {&network.direct, &network.hidden_last, &network.hidden_mean,
                       &network.hidden_out, &network.keys, &network.values, &network.key_bias}) {
    std::fill(matrix->begin(), matrix->end(), 0.0f);
  }
  for (size_t k = 0; k < kEncoderDimensions; ++k) {
    network.values[k * kEncoderDimensions + k] = 1;  // of the first head; the others add nothing
  }
  for (uint32_t p = 0; p < network.max_events; ++p) {
    network.position_bias[p] = kLogDecay * static_cast<float>(p);
  }
  return network;
}

double SpanDays(std::span<const Interaction> log) {
  const auto [first, last] = std::minmax_element(
      log.begin(), log.end(),
      [](const Interaction& a, const Interaction& b) { return a.time_seconds < b.time_seconds; });
  return log.empty() ? 0 : static_cast<double>(last->time_seconds - first->time_seconds) / 86400;
}

// One signal alone, with a little popularity where it says nothing.
class OneSignal {
 public:
  OneSignal(const TasteInput& input, const TasteOptions& options)
      : input_(input), options_(options), log_(input.interactions), n_(input.item_count) {
    data_.item_count = n_;
    data_.min_users = options.min_users;
    data_.popularity = MinePopularity(log_, n_, options);
  }

  Result<std::unique_ptr<Strategy>> Make(std::string_view name) {
    constexpr BlendTerms kLists = {.focus = 1, .others = 0.5f, .popularity = 0.01f};
    constexpr BlendTerms kEncoder = {.encoder = 1, .popularity = 0.001f};
    constexpr BlendTerms kCohorts = {.popularity = 0.01f, .cohorts = 1};
    if (name == "popular" || name == "recent") return Answer({.popularity = 1});
    if (name == "popular-segment") {
      LearnSegments();
      return Answer(cold_);
    }
    if (name == "item-cf") {
      data_.lists = MineItemCf(log_, n_, options_);
      return Answer(kLists);
    }
    if (name == "session") {
      data_.lists = MineItemLists(log_, n_, options_);
      return Answer(kLists);
    }
    if (name == "session-knn") {
      data_.neighbours = NewestSessions(log_, n_, static_cast<size_t>(-1));
      return Answer({.popularity = 0.01f, .neighbours = 1});
    }
    if (name == "user-cf-cohorts" || name == "cohorts-pearson") {
      options_.similarity =
          name == "cohorts-pearson" ? TasteSimilarity::kPearson : TasteSimilarity::kCosine;
      data_.cohorts = MineCohorts(log_, n_, {}, options_);
      return Answer(kCohorts);
    }
    if (name == "two-tower" || name == "two-tower-mse") {
      if (name == "two-tower-mse") options_.towers.loss = TowerLoss::kMse;
      LearnSegments();
      data_.towers = LearnTowers(input_, *data_.segments, options_);
      return Answer({.popularity = 0.001f, .towers = 1});
    }
    data_.encoder = LearnEncoder(input_, options_);
    if (name == "session-encoder") return Answer(kEncoder);
    if (name == "cohorts-embedding") {
      options_.similarity = TasteSimilarity::kEmbedding;
      data_.cohorts = MineCohorts(log_, n_, data_.encoder->items, options_);
      return Answer(kCohorts);
    }
    data_.encoder->network = DecayedMean(data_.encoder->network);
    return Answer(kEncoder);
  }

 private:
  void LearnSegments() { cold_ = LearnSegmentWeights(input_, options_, data_.segments.emplace()); }
  Result<std::unique_ptr<Strategy>> Answer(const BlendTerms& weights) {
    data_.smallest_group = SmallestGroup(data_);
    return TasteAnswers::Make(data_, weights);
  }

  const TasteInput& input_;
  TasteOptions options_;
  std::span<const Interaction> log_;
  const uint32_t n_;
  TasteData data_;
  BlendTerms cold_;
};

}  // namespace

std::span<const std::string_view> StrategyNames() { return kNames; }

Result<std::unique_ptr<Strategy>> MakeStrategy(std::string_view name, const Shop& shop,
                                               const Profiles& profiles,
                                               const TasteOptions& given) {
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    std::string known;
    for (std::string_view each : kNames) known += (known.empty() ? "" : ", ") + std::string(each);
    return UsageError("unknown strategy '" + std::string(name) + "'; known are " + known);
  }
  const auto n = static_cast<uint32_t>(shop.products.size());
  if (name == "user-cf-cosine" || name == "user-cf-pearson") {
    const auto similarity =
        name == "user-cf-cosine" ? UserSimilarity::kCosine : UserSimilarity::kPearson;
    return std::unique_ptr<Strategy>(
        std::make_unique<UserCf>(shop.interactions, n, similarity, given));
  }
  const ItemFeatures features = FeaturesOf(shop, {}, given);
  const TasteInput input{.interactions = shop.interactions,
                         .item_count = n,
                         .features = &features,
                         .profiles = &profiles};
  if (name == "blend") return TasteAnswers::Make(LearnTaste(input, given), std::nullopt);
  TasteOptions options = given;
  if (name == "recent") {
    options.half_life_days = std::max(SpanDays(shop.interactions) * kRecentShare, 1e-6);
  } else if (options.half_life_days <= 0) {
    options.half_life_days = HalfLifeOf(input, options);
  }
  return OneSignal(input, options).Make(name);
}

Result<std::unique_ptr<Strategy>> MakeStrategy(std::string_view name, const Shop& shop,
                                               const TasteOptions& options, Console&) {
  return MakeStrategy(name, shop, ProfilesOf(shop), options);
}

}  // namespace vitrine
