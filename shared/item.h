// The words that every room uses for a product, a shopper's action and an answer.
#pragma once

#include <array>
#include <cstdint>

namespace vitrine {

// A product of the bundle: its dense position, 0..item_count-1. The order is the bundle's own
// (near neighbours stand near each other), so an index means nothing outside its bundle.
using ItemIndex = uint32_t;
inline constexpr ItemIndex kNoItem = 0xFFFFFFFFu;

// What a shopper did with a product, weakest first. The numbers are part of the bundle format.
enum class InteractionKind : uint8_t {
  kView = 0,
  kClick = 1,
  kWishlist = 2,
  kCart = 3,
  kOrder = 4
};
inline constexpr int kInteractionKinds = 5;

// Why a product was recommended. The numbers are part of the bundle format and of wasm/api.h.
enum class ReasonKind : uint32_t {
  kBoughtTogether = 1,  // other, also = what of the cart; count = baskets with all; strength = lift
  kSimilar = 2,         // other = the item it resembles; count = SimilarityBits; strength = cosine
  kBecauseViewed = 3,   // other = the item of the session that led here
  kPopular = 4,         // count = how many shoppers stand behind it
  kPopularSegment = 5,  // the same, within the shopper's segment; other = segment id
  kGoesWith = 6,        // content fallback for bought together: no co-purchases known
  kSimilarTaste = 7,  // shoppers with a similar taste: count = the cohort's; strength = similarity
  kPicked = 8,        // the shop put it there itself
};

// What a similar item has in common with the item asked for (Recommendation::count of kSimilar).
enum SimilarityBits : uint32_t {
  kSameCategory = 1,
  kSameColour = 2,
  kSameBrand = 4,
  kSameStyle = 8
};

// One line of an answer; also its wire form in wasm/api.h (eight little-endian 32-bit words).
struct Recommendation {
  ItemIndex item = kNoItem;
  float score = 0;  // higher is better; comparable within one answer only
  ReasonKind reason = ReasonKind::kPopular;
  uint32_t other = kNoItem;  // what the reason refers to, see ReasonKind
  uint32_t count = 0;        // see ReasonKind
  float strength = 0;        // see ReasonKind
  // Beside `other`, in a reason that takes several products; a fourth and later ones are not named.
  std::array<ItemIndex, 2> also = {kNoItem, kNoItem};
};
static_assert(sizeof(Recommendation) == 32);

// One action of the shopper on this device. Wire form in wasm/api.h.
struct SessionEvent {
  ItemIndex item = kNoItem;
  InteractionKind kind = InteractionKind::kView;
  double time_seconds = 0;  // Unix time
};

}  // namespace vitrine
