#include "shared/taste/variety.h"

#include <algorithm>

namespace vitrine {

Bytes EncodeVariety(const Variety& variety) {
  ByteWriter out;
  out.Write(variety.diversity);
  out.Write(variety.exploration);
  return out.Take();
}

Result<Variety> OpenVariety(ByteView part) {
  ByteReader in(part);
  Variety variety;
  variety.diversity = in.Read<float>();
  variety.exploration = in.Read<float>();
  if (!in.ok() || in.remaining() != 0) return Error{"taste section: variety of a wrong size"};
  if (!(variety.diversity >= 0 && variety.diversity <= 1) ||
      !(variety.exploration >= 0 && variety.exploration <= 0.5f)) {
    return Error{"taste section: variety is out of range"};
  }
  return variety;
}

std::vector<ScoredItem> Choose(const Variety& variety, std::vector<ScoredItem> ranked, size_t limit,
                               uint64_t seed,
                               const std::function<float(ItemIndex, ItemIndex)>& likeness) {
  limit = std::min(limit, ranked.size());
  if (limit == 0) return {};
  const float low = ranked.back().score, range = ranked.front().score - low;
  std::vector<float> closest(ranked.size(), 0);  // to anything chosen so far
  std::vector<ScoredItem> chosen;
  const float places = variety.exploration * static_cast<float>(limit);
  const auto explored = static_cast<size_t>(places + 0.5f);
  const auto take = [&](size_t at) {
    const ScoredItem item = ranked[at];
    ranked.erase(ranked.begin() + static_cast<std::ptrdiff_t>(at));
    closest.erase(closest.begin() + static_cast<std::ptrdiff_t>(at));
    for (size_t i = 0; i < ranked.size() && variety.diversity > 0; ++i) {
      closest[i] = std::max(closest[i], likeness(ranked[i].item, item.item));
    }
    chosen.push_back(item);
  };
  while (chosen.size() < limit) {
    const size_t place = chosen.size() + 1;
    // Explored places are spread evenly, the first of the list never is one.
    if (place > 1 && place * explored / limit > (place - 1) * explored / limit) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      take(static_cast<size_t>((seed >> 33) % ranked.size()));
      continue;
    }
    size_t best = 0;
    float best_gain = -1e30f;
    for (size_t i = 0; i < ranked.size(); ++i) {
      const float relevance = range > 0 ? (ranked[i].score - low) / range : 1;
      const float gain = (1 - variety.diversity) * relevance - variety.diversity * closest[i];
      if (gain > best_gain) best_gain = gain, best = i;
    }
    take(best);
  }
  return chosen;
}

}  // namespace vitrine
