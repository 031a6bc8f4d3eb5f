// The recommender: what the shopper's page asks and what `vitrine recommend` asks. One class, one
// code path, compiled natively and to WebAssembly, so that both give the same bytes.
//
//   Recommender recommender;
//   VITRINE_RETURN_IF_ERROR(recommender.AddSection(catalogue_bytes));   // first
//   VITRINE_RETURN_IF_ERROR(recommender.AddSection(vector_bytes));      // any order from here on
//   std::vector<Recommendation> answer = recommender.Similar(item, {.limit = 10});
//
// Sections may arrive late (the big ones load after first paint); an answer uses what is there.
// Every list keeps the fashion invariants: no product out of stock, of another audience, of the
// same group as, or equal to, a product that was asked about.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "shared/bytes.h"
#include "shared/catalogue.h"
#include "shared/complements.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/rules.h"
#include "shared/taste.h"
#include "shared/vectors/index.h"

namespace vitrine {

// What the shopper or the shop wants left out. Empty = nothing.
struct Filter {
  uint32_t price_min_minor = 0;
  uint32_t price_max_minor = kNoPrice;  // kNoPrice = no upper bound; products without a price pass
  Audience audience = Audience::kUnknown;  // kUnknown = any
  uint16_t department = 0;                 // 0 = any
};

struct Request {
  uint32_t limit = 10;
  Filter filter = {};
  std::vector<uint32_t> segments = {};  // FindSegment(): what the shopper consented to tell
  double now_seconds = 0;  // when a shopper with events asks; 0 = right after the newest one
  // Of a cart of one product: its nearest neighbours, where the caller has them already. Empty =
  // they are searched for when they are needed.
  std::span<const ScoredItem> look_alikes = {};
};

class Recommender {
 public:
  // Takes the bytes of one section file. Fails on corrupt bytes, on a section that does not belong
  // to the catalogue (another item count), and when the first section is not the catalogue.
  Status AddSection(Bytes file);

  // nullptr before the catalogue section was added.
  const Catalogue* catalogue() const { return catalogue_ ? &*catalogue_ : nullptr; }

  // Products bought with those of the cart (one product = a product page). Falls back to products
  // that go with it by content (ReasonKind::kGoesWith), labelled as such.
  std::vector<Recommendation> BoughtTogether(std::span<const ItemIndex> cart,
                                             const Request& request) const;
  // Products that look and read like `item`.
  std::vector<Recommendation> Similar(ItemIndex item, const Request& request) const;
  // Products for this shopper, from what this device remembers: earlier visits and this one.
  // Without events that is Popular().
  std::vector<Recommendation> ForYou(std::span<const SessionEvent> session,
                                     const Request& request) const;
  // What is popular, with the segments of the request among shoppers of the same ones.
  std::vector<Recommendation> Popular(const Request& request) const;

  // The segment of shoppers with this value of an attribute ("age_group", "18-24"), or
  // Segments::kNone when the bundle does not know one.
  uint32_t FindSegment(std::string_view attribute, std::string_view value) const;
  // What goes with what by its attributes; empty before the rules section was added.
  const Complements& complements() const { return complements_; }
  // Of what the lists are learned; nullptr before the taste section was added.
  const Taste* taste() const { return taste_ ? &*taste_ : nullptr; }

  // The line of a similar list for `near`, a neighbour of `item` that was found elsewhere (the
  // indexer's exact neighbour lists). REQUIRES: a catalogue.
  Recommendation SimilarTo(ItemIndex item, const ScoredItem& near) const;

 private:
  // What may be shown beside `beside` (availability, audience, variants) and passes a filter.
  class Gate;
  Status AddRules(ByteView payload);
  uint32_t SharedAttributes(ItemIndex a, ItemIndex b) const;
  // Adds those of `lines` that the gate lets through to the answer, of each design the first.
  static void Take(std::span<const Recommendation> lines, Gate& gate, size_t limit,
                   std::vector<Recommendation>& answer);
  // Candidates to follow those, in no order: `weak`, what few orders hold, and what goes with the
  // cart by its content, scored on one scale.
  std::vector<Recommendation> Complementary(std::span<const ItemIndex> cart, const Gate& gate,
                                            std::vector<Recommendation> weak) const;
  // The same in a shop where nothing is known of content: what is bought with the look-alikes of
  // each product of the cart.
  std::vector<Recommendation> Lent(std::span<const ItemIndex> cart, const Gate& gate,
                                   const Request& request) const;

  // Products in stock for each audience, one bit a product: what a scan starts from.
  std::array<std::vector<uint64_t>, kAudiences> in_stock_for_;
  std::vector<Bytes> files_;  // the bytes that the opened sections point into
  std::optional<Catalogue> catalogue_;
  std::optional<Rules> rules_;
  Complements complements_;
  Bytes delta_;  // a vector delta that waits for its vectors
  std::optional<VectorIndex> vectors_;
  std::optional<Taste> taste_;
};

}  // namespace vitrine
