#include "shared/top_k.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace vitrine {
namespace {

// The best of both ways, against sorting everything. Few distinct scores, so that items tie.
TEST_CASE("the best of a stream are those that sorting would put first, ties by position") {
  std::mt19937 random(5);
  for (size_t items : {0u, 1u, 7u, 40u, 1000u}) {
    for (size_t k : {1u, 7u, 20u, 300u, 2000u}) {
      CAPTURE(items);
      CAPTURE(k);
      std::vector<ScoredItem> all;
      TopK best(k);
      Shortlist some(k);
      for (uint32_t i = 0; i < items; ++i) {
        all.push_back({i, static_cast<float>(random() % (items / 3 + 1))});
      }
      std::shuffle(all.begin(), all.end(), random);
      for (const ScoredItem& hit : all) {
        best.Add(hit.item, hit.score);
        some.Add(hit.item, hit.score);
      }
      std::sort(all.begin(), all.end(), RanksBefore);
      all.resize(std::min(k, items));
      CHECK(best.Take() == all);
      std::vector<ScoredItem> listed = some.Take();
      std::sort(listed.begin(), listed.end(), RanksBefore);
      CHECK(listed == all);
    }
  }
}

}  // namespace
}  // namespace vitrine
