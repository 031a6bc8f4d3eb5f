#include "indexer/evaluate/user_cf.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "shared/top_k.h"

namespace vitrine {
namespace {
constexpr size_t kNeighbours = 100;
}  // namespace

UserCf::UserCf(std::span<const Interaction> interactions, uint32_t item_count,
               UserSimilarity similarity, const TasteOptions& options)
    : item_count_(item_count), similarity_(similarity), kind_weight_(options.kind_weight) {
  struct Row {
    uint32_t user, item;
    float weight;
  };
  std::vector<Row> rows;
  uint32_t users = 0;
  for (const Interaction& event : interactions) {
    rows.push_back(
        {event.user, event.item, event.weight * kind_weight_[static_cast<size_t>(event.kind)]});
    users = std::max(users, event.user + 1);
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.user != b.user) return a.user < b.user;
    return a.item != b.item ? a.item < b.item : a.weight > b.weight;
  });
  const auto same = [](const Row& a, const Row& b) { return a.user == b.user && a.item == b.item; };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());

  user_begin_.resize(users + 1);
  item_begin_.resize(item_count + 1);
  sum_.resize(users);
  square_.resize(users);
  for (const Row& row : rows) {
    by_user_.push_back({row.item, row.weight});
    ++user_begin_[row.user + 1];
    ++item_begin_[row.item + 1];
    sum_[row.user] += row.weight;
    square_[row.user] += static_cast<double>(row.weight) * row.weight;
  }
  for (size_t u = 0; u < users; ++u) user_begin_[u + 1] += user_begin_[u];
  for (size_t i = 0; i < item_count; ++i) item_begin_[i + 1] += item_begin_[i];
  std::vector<uint64_t> next(item_begin_.begin(), item_begin_.end() - 1);
  by_item_.resize(rows.size());
  for (const Row& row : rows) by_item_[next[row.item]++] = {row.user, row.weight};
}

double UserCf::Similarity(double dot, double sum_a, double square_a, uint32_t b) const {
  if (similarity_ == UserSimilarity::kCosine) return dot / std::sqrt(square_a * square_[b]);
  const double n = item_count_;
  const double covariance = dot - sum_a * sum_[b] / n;
  const double variances = (square_a - sum_a * sum_a / n) * (square_[b] - sum_[b] * sum_[b] / n);
  return variances > 0 ? covariance / std::sqrt(variances) : 0;
}

std::vector<ItemIndex> UserCf::Rank(const Visitor& visitor, uint32_t limit) const {
  std::map<ItemIndex, float> mine;  // the strongest interaction with each product
  for (const SessionEvent& event : visitor.events) {
    if (event.item >= item_count_) continue;
    float& weight = mine[event.item];
    weight = std::max(weight, kind_weight_[static_cast<size_t>(event.kind)]);
  }
  double sum = 0, square = 0;
  std::vector<double> dot(sum_.size());
  std::vector<uint32_t> touched;
  for (const auto& [item, weight] : mine) {
    sum += weight;
    square += static_cast<double>(weight) * weight;
    for (uint64_t c = item_begin_[item]; c < item_begin_[item + 1]; ++c) {
      if (dot[by_item_[c].other] == 0) touched.push_back(by_item_[c].other);
      dot[by_item_[c].other] += static_cast<double>(weight) * by_item_[c].weight;
    }
  }
  TopK neighbours(kNeighbours);
  for (uint32_t user : touched) {
    const double similarity = Similarity(dot[user], sum, square, user);
    if (similarity > 0) neighbours.Add(user, static_cast<float>(similarity));
  }
  std::vector<float> score(item_count_);
  for (const ScoredItem& user : neighbours.Take()) {
    for (uint64_t c = user_begin_[user.item]; c < user_begin_[user.item + 1]; ++c) {
      score[by_user_[c].other] += user.score * by_user_[c].weight;
    }
  }
  TopK best(limit);
  for (ItemIndex item = 0; item < item_count_; ++item) {
    // Ties, and what no neighbour has, by how many users have it.
    const auto users = static_cast<float>(item_begin_[item + 1] - item_begin_[item]);
    best.Add(item, score[item] + 1e-9f * users);
  }
  std::vector<ItemIndex> items;
  for (const ScoredItem& scored : best.Take()) items.push_back(scored.item);
  return items;
}

}  // namespace vitrine
