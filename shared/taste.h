// What the device knows of shoppers' tastes, from aggregates only: popularity (of everybody and of
// segments), transitions between products, cohorts of similar taste, a session encoder, two towers.
// Answers "for you" and "popular".
//
//   VITRINE_ASSIGN(Taste taste, Taste::Open(section.payload));
//   auto answer = taste.ForYou({.events = session}, &vectors, mask, 10);
//
// Section "TAST", version 1 (byte layout in docs/bundle_format.md): a table of parts, each of which
// may be absent; an answer uses the parts that are there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "shared/bytes.h"
#include "shared/catalogue.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/taste/blend.h"
#include "shared/taste/cohorts.h"
#include "shared/taste/item_lists.h"
#include "shared/taste/neighbours.h"
#include "shared/taste/popularity.h"
#include "shared/taste/segments.h"
#include "shared/taste/session_encoder.h"
#include "shared/taste/two_tower.h"
#include "shared/taste/variety.h"
#include "shared/vectors/index.h"

namespace vitrine {

// What the encoder of the section needs; the decoder is Taste::Open.
struct TasteData {
  uint32_t item_count = 0;
  uint32_t min_users = 0;  // the privacy floor that everything below keeps
  // The fewest distinct shoppers that really stand behind any number of the section but published
  // sessions; 0 = nothing was learned.
  uint32_t smallest_group = 0;
  std::optional<PopularityData> popularity;
  std::optional<ItemListsData> lists;
  std::optional<SessionEncoderData> encoder;
  std::optional<SessionEncoderData> second_encoder;  // trained apart; their scores are averaged
  std::optional<SegmentsData> segments;
  std::optional<CohortsData> cohorts;
  std::optional<TwoTowerData> towers;
  std::optional<NeighboursData> neighbours;  // only with privacy.publish_sessions
  std::optional<BlendWeights> blend;
  std::optional<Variety> variety;
};

// REQUIRES: every part that is present covers item_count items.
Bytes EncodeTaste(const TasteData& data);

// Who asks: everything is on the device and stays there.
struct Shopper {
  // In order of time, over all visits; events of unknown products are skipped.
  std::span<const SessionEvent> events = {};
  // Segments (Segments::Find) that the shopper consented to tell of.
  std::span<const uint32_t> segments = {};
  // When the shopper asks, Unix time. 0 = right after the newest event. Long after it, a new visit
  // has begun that has no events yet.
  double now_seconds = 0;
};

// By what a shopper is answered.
enum class Route {
  kHistory,  // an existing shopper: earlier visits and this one
  kSession,  // a new one with events
  kSegment,  // a new one without, of a known segment
  kPopular,  // nothing is known
};

class Taste {
 public:
  // Validates everything once. `payload` must outlive the object.
  static Result<Taste> Open(ByteView payload);

  uint32_t item_count() const { return item_count_; }
  // The floor that was asked for, and the fewest distinct shoppers behind any number.
  uint32_t min_users() const { return min_users_; }
  uint32_t smallest_group() const { return smallest_group_; }
  const Segments& segments() const { return segments_; }
  const Cohorts& cohorts() const { return cohorts_; }
  bool publishes_sessions() const { return !neighbours_.empty(); }
  // How the signals are joined.
  const BlendWeights& blend() const { return blend_; }

  Route RouteOf(const Shopper& shopper) const;

  // Ranks for a shopper: up to `limit` products that pass `mask`, with reasons, best first; a full
  // list whenever that many products pass. `vectors` may be nullptr (not loaded yet) or of another
  // size (ignored). Products of the events are left out when `leave_out_seen`.
  std::vector<Recommendation> ForYou(const Shopper& shopper, const VectorIndex* vectors,
                                     ItemMask mask, uint32_t limit,
                                     bool leave_out_seen = true) const;
  std::vector<Recommendation> Popular(ItemMask mask, uint32_t limit) const;

  // For evaluation and for fitting the blend: the ranking under given weights, the same for every
  // length of session. Products of the session stay in.
  std::vector<ScoredItem> Rank(const BlendTerms& weights, const Shopper& shopper,
                               uint32_t limit) const;
  // The ranking under the section's own weights.
  std::vector<ScoredItem> Rank(const Shopper& shopper, uint32_t limit) const;
  // Which weights of the blend are the shopper's (shared/taste/blend.h); 0 = no known product.
  size_t BucketOf(const Shopper& shopper) const;

  // A product worth ranking for a shopper, with its signals (but `near`).
  struct Candidate {
    ItemIndex item;
    BlendTerms terms;
  };
  // The `limit` best of each signal and the products of the session; ascending by item.
  std::vector<Candidate> Candidates(const Shopper& shopper, uint32_t limit) const;

 private:
  struct Signals;
  Status OpenPart(uint32_t tag, ByteView part);
  Signals Listen(const Shopper& shopper) const;
  void ListenToLists(Signals& signals) const;
  void ListenToEncoders(Signals& signals) const;
  void ListenToCohorts(Signals& signals) const;
  BlendTerms TermsOf(const Signals& signals, ItemIndex item) const;
  std::vector<float> Totals(const Signals& signals, const BlendTerms& weights) const;
  void AddNear(const Signals& signals, const VectorIndex& vectors, ItemMask mask, float weight,
               std::vector<float>& total) const;
  Recommendation Explain(const ScoredItem& scored, const Signals& signals,
                         const BlendTerms& weights, const VectorIndex* vectors) const;
  float Likeness(ItemIndex a, ItemIndex b, const VectorIndex* vectors) const;

  uint32_t item_count_ = 0;
  uint32_t min_users_ = 0;
  uint32_t smallest_group_ = 0;
  uint32_t parts_ = 0;
  Popularity popularity_;
  std::vector<float> popularity_evidence_;
  ItemLists lists_;
  SessionEncoder encoder_, second_encoder_;
  Segments segments_;
  Cohorts cohorts_;
  TwoTower towers_;
  Neighbours neighbours_;
  BlendWeights blend_ = kDefaultBlend;
  Variety variety_;
};

}  // namespace vitrine
