// From the shop's interactions to the taste section: everything that is learned from shoppers for
// "for you" and "popular", each number backed by at least `min_users` distinct shoppers.
#pragma once

#include <array>
#include <span>

#include "indexer/personalize/encoder_trainer.h"
#include "indexer/personalize/profiles.h"
#include "indexer/personalize/two_tower_trainer.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"
#include "shared/bytes.h"
#include "shared/result.h"
#include "shared/taste.h"

namespace vitrine {

struct TasteOptions {
  uint32_t min_users = 5;         // privacy.min_users: the floor of everything that is published
  bool publish_sessions = false;  // privacy.publish_sessions: the newest sessions as they are
  // An interaction this much older than the newest weighs half; 0 = chosen on later sessions. For
  // lists and encoders, which learn what goes with what, it is longer: see kTogetherHalfLives.
  double half_life_days = 0;
  double bytes_per_item = 85;            // the section's size at most; never without its encoder
  uint32_t list_size = 16;               // entries of a product's list at most
  uint32_t cohort_entries_per_item = 1;  // all cohorts' entries together, over the products
  TasteSimilarity similarity = TasteSimilarity::kCosine;  // of shoppers and cohorts
  bool two_tower = false;                                 // ship the two towers
  Variety variety;
  // The weight of view, click, wishlist, cart, order; multiplied by Interaction::weight.
  std::array<float, kInteractionKinds> kind_weight = {1, 1, 2, 3, 4};
  EncoderOptions encoder;
  TowerOptions towers;
  int threads = 1;  // never changes the result
};

// What the miners learn from. Everything must outlive what is made of it.
struct TasteInput {
  std::span<const Interaction> interactions;  // ordered by session, then time
  uint32_t item_count = 0;
  const ItemFeatures* features = nullptr;
  const Profiles* profiles = nullptr;
};

// Popularity of each product: the sum of its interactions' weights, halved every half-life, and its
// distinct shoppers. Products with fewer than min_users shoppers have score 0 and count 0.
PopularityData MinePopularity(std::span<const Interaction> interactions, uint32_t item_count,
                              const TasteOptions& options);

// The half-life under which popularity tells best what `later` shoppers began with: one of some
// shares of the log's span, or hardly any decay. In days.
double ChooseHalfLife(std::span<const Interaction> earlier, std::span<const Interaction> later,
                      uint32_t item_count, const TasteOptions& options);

// What shoppers turn to within a few steps of each product in a session; products later in the
// session count more than earlier ones. An entry has at least min_users distinct shoppers behind
// it. Memory: the position of every interaction plus O(item_count) a thread.
// REQUIRES: interactions ordered by session, then time.
ItemListsData MineItemLists(std::span<const Interaction> interactions, uint32_t item_count,
                            const TasteOptions& options);

// Item-based collaborative filtering: the cosine of two products over the weights that shoppers
// gave them (the strongest interaction each), with the same floor.
ItemListsData MineItemCf(std::span<const Interaction> interactions, uint32_t item_count,
                         const TasteOptions& options);

// What the shoppers of each value of each attribute prefer, with weight 1 for each attribute: at
// least min_users of the segment's shoppers stand behind an entry.
SegmentsData MineSegments(std::span<const Interaction> interactions, uint32_t item_count,
                          const Profiles& profiles, const TasteOptions& options);

// Cohorts of at least min_users similar shoppers, at least min_users of them behind each entry.
// `items`: a vector of 64 components a product, or empty. Memory: 256 bytes a shopper.
CohortsData MineCohorts(std::span<const Interaction> interactions, uint32_t item_count,
                        std::span<const float> items, const TasteOptions& options);

// Which products may have a vector of their own.
std::vector<bool> OwnVectors(std::span<const Interaction> interactions, uint32_t item_count,
                             uint32_t min_users);

// The session encoder of a shop, as it fits into the section: a small shop's has fewer components,
// and teachers that have all.
EncoderOptions EncoderOptionsFor(uint32_t item_count, const TasteOptions& options);

// The session encoder over the log's sessions.
SessionEncoderData LearnEncoder(const TasteInput& input, const TasteOptions& options);

// The two towers over the shoppers' histories and profiles, for the segments of the bundle.
TwoTowerData LearnTowers(const TasteInput& input, const SegmentsData& segments,
                         const TasteOptions& options);

// The half-life that the log itself suggests: ChooseHalfLife() on its last sessions.
double HalfLifeOf(const TasteInput& input, const TasteOptions& options);

// Segments learned from the whole log, with the attributes' weights fitted on its last sessions;
// returns how they and popularity are joined for a shopper without events.
BlendTerms LearnSegmentWeights(const TasteInput& input, const TasteOptions& options,
                               SegmentsData& segments);

// The newest sessions that fit into `bytes`.
NeighboursData NewestSessions(std::span<const Interaction> interactions, uint32_t item_count,
                              size_t bytes);

// The fewest shoppers behind any number of the parts that are there (published sessions aside); 0
// when nothing was learned.
uint32_t SmallestGroup(const TasteData& data);

// Everything of the taste section. The weights of the blend are fitted on the last 8 % of the
// sessions, with signals learned from the sessions before; then all is learned from all sessions.
// REQUIRES: min_users >= 1.
TasteData LearnTaste(const TasteInput& input, const TasteOptions& options);

// What products share that matters for taste: department, category, colour, brand, audience, and
// the components of `content` (a row a product, or empty). A value counts when one of its products
// has at least min_users shoppers (so at least as many stand behind the value).
ItemFeatures FeaturesOf(const Shop& shop, MatrixView content, const TasteOptions& options);

// The payload of section TAST. `content`: a few main components of the products' embeddings.
Result<Bytes> BuildTasteSection(const Shop& shop, MatrixView content, const TasteOptions& options,
                                Console& console);

}  // namespace vitrine
