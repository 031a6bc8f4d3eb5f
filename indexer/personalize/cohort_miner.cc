// Cohorts of shoppers with similar taste: spherical k-means (Dhillon and Modha, 2001) over the
// shoppers' mean product vectors, then each cohort's products with at least min_users of its
// shoppers behind them.
#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "indexer/personalize/kernels.h"
#include "indexer/personalize/lists.h"
#include "indexer/personalize/taste_builder.h"

namespace vitrine {
namespace {

using kernels::Floats;
constexpr size_t d = kernels::kColumns;
constexpr size_t kUsersPerCohort = 150;
constexpr size_t kMaxCohorts = 256;
constexpr size_t kFewestEntries = 20;  // that tell anything of a cohort
constexpr size_t kSample = 20'000;     // shoppers that the centres are fitted on
constexpr int kRounds = 8;

void Normalise(float* row) {
  const float norm = std::sqrt(kernels::Dot(row, row));
  for (size_t k = 0; k < d && norm > 0; ++k) row[k] /= norm;
}

// Without learned vectors every product gets a fixed random direction: sums of them still tell
// histories apart (Johnson and Lindenstrauss).
Floats VectorsOf(std::span<const float> items, uint32_t item_count) {
  Floats vectors(size_t{item_count} * d);
  std::mt19937_64 random(5);
  for (ItemIndex i = 0; i < item_count; ++i) {
    float* row = vectors.data() + size_t{i} * d;
    const uint64_t bits = random();
    for (size_t k = 0; k < d; ++k) {
      row[k] = items.empty() ? ((bits >> k & 1) != 0 ? 0.125f : -0.125f) : items[size_t{i} * d + k];
    }
    Normalise(row);
  }
  return vectors;
}

size_t Nearest(const float* row, const Floats& centres) {
  size_t best = 0;
  float most = -2;
  for (size_t c = 0; c * d < centres.size(); ++c) {
    const float cosine = kernels::Dot(row, centres.data() + c * d);
    if (cosine > most) most = cosine, best = c;
  }
  return best;
}

Floats FitCentres(const Floats& users, size_t count) {
  const size_t rows = users.size() / d, stride = std::max<size_t>(1, rows / kSample);
  Floats centres;
  for (size_t c = 0; c < count; ++c) {
    const float* row = users.data() + rows * c / count * d;
    centres.insert(centres.end(), row, row + d);
  }
  for (int round = 0; round < kRounds; ++round) {
    Floats sums(centres.size());
    for (size_t u = 0; u < rows; u += stride) {
      const float* row = users.data() + u * d;
      kernels::AddScaled(row, 1, sums.data() + Nearest(row, centres) * d);
    }
    for (size_t c = 0; c < count; ++c) {
      float* sum = sums.data() + c * d;
      if (kernels::Dot(sum, sum) == 0) continue;  // nobody: the centre stays
      Normalise(sum);
      std::copy_n(sum, d, centres.data() + c * d);
    }
  }
  return centres;
}

}  // namespace

CohortsData MineCohorts(std::span<const Interaction> interactions, uint32_t item_count,
                        std::span<const float> items, const TasteOptions& options) {
  const Floats vectors = VectorsOf(items, item_count);
  std::vector<std::pair<uint32_t, ItemIndex>> pairs;
  pairs.reserve(interactions.size());
  for (const Interaction& event : interactions) pairs.emplace_back(event.user, event.item);
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());

  Floats users;  // unit vectors of the shoppers, in the order of `pairs`
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (i == 0 || pairs[i].first != pairs[i - 1].first) users.resize(users.size() + d);
    kernels::AddScaled(vectors.data() + size_t{pairs[i].second} * d, 1,
                       users.data() + users.size() - d);
  }
  const size_t rows = users.size() / d;
  for (size_t u = 0; u < rows; ++u) Normalise(users.data() + u * d);
  CohortsData data;
  data.similarity = options.similarity;
  const size_t all_entries = size_t{options.cohort_entries_per_item} * item_count;
  const size_t count =
      std::min({kMaxCohorts, rows / std::max<size_t>(kUsersPerCohort, 4 * options.min_users),
                std::max<size_t>(1, all_entries / kFewestEntries)});
  if (count == 0) return data;
  const Floats centres = FitCentres(users, count);

  std::vector<uint32_t> cohort_of(rows), shoppers(count);
  OnThreads(options.threads, [&](uint32_t first, uint32_t stride) {
    for (size_t u = first; u < rows; u += stride) {
      cohort_of[u] = static_cast<uint32_t>(Nearest(users.data() + u * d, centres));
    }
  });
  std::vector<std::vector<ItemIndex>> touched(count);
  size_t user = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    user += i > 0 && pairs[i].first != pairs[i - 1].first;
    if (i == 0 || pairs[i].first != pairs[i - 1].first) ++shoppers[cohort_of[user]];
    touched[cohort_of[user]].push_back(pairs[i].second);
  }
  const auto entries =
      static_cast<uint32_t>(std::clamp<size_t>(all_entries / count, kFewestEntries, 400));
  std::vector<EntryList> lists;
  for (size_t c = 0; c < count; ++c) {
    if (shoppers[c] < options.min_users) continue;
    std::sort(touched[c].begin(), touched[c].end());
    EntryList list;
    for (size_t i = 0, end = 0; i < touched[c].size(); i = end) {
      while (end < touched[c].size() && touched[c][end] == touched[c][i]) ++end;
      if (end - i < options.min_users) continue;
      const auto behind = static_cast<uint32_t>(end - i);
      list.push_back(
          {touched[c][i], static_cast<float>(behind) / static_cast<float>(shoppers[c]), behind});
    }
    if (list.empty()) continue;
    KeepHeaviest(list, entries);
    data.shoppers.push_back(shoppers[c]);
    lists.push_back(std::move(list));
  }
  data.lists = JoinLists(lists);
  return data;
}

}  // namespace vitrine
