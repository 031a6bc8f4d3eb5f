// One product at a time: all its occurrences in the log are gathered through an inverted index and
// their surroundings summed into dense scratch arrays. Nothing pairwise is ever stored, so memory
// does not grow with the number of pairs; products are independent, so threads cannot change the
// result.
#include <algorithm>
#include <numeric>

#include "indexer/personalize/lists.h"
#include "indexer/personalize/taste_builder.h"
#include "indexer/personalize/weights.h"

namespace vitrine {
namespace {

constexpr int kWindow = 10;           // steps of a session to either side
constexpr float kBackward = 0.35f;    // an earlier product against a later one
constexpr float kUncertainty = 2.0f;  // pseudo-occurrences: shrinks what few occurrences say

struct Log {
  std::span<const Interaction> events;
  std::vector<float> weight;    // of each event
  std::vector<uint64_t> begin;  // occurrences of item i: order[begin[i]..begin[i+1]-1]
  std::vector<uint32_t> order;  // positions in events, by (item, user, position)
};

Log Invert(std::span<const Interaction> events, uint32_t item_count, const TasteOptions& options) {
  Log log{events, {}, std::vector<uint64_t>(item_count + 1), std::vector<uint32_t>(events.size())};
  const InteractionWeights weigh(events, options, kTogetherHalfLives);
  log.weight.reserve(events.size());
  for (const Interaction& event : events) {
    log.weight.push_back(weigh(event));
    ++log.begin[event.item + 1];
  }
  std::partial_sum(log.begin.begin(), log.begin.end(), log.begin.begin());
  std::vector<uint64_t> next(log.begin.begin(), log.begin.end() - 1);
  for (uint32_t at = 0; at < events.size(); ++at) log.order[next[events[at].item]++] = at;
  for (uint32_t i = 0; i < item_count; ++i) {
    std::sort(log.order.begin() + static_cast<std::ptrdiff_t>(log.begin[i]),
              log.order.begin() + static_cast<std::ptrdiff_t>(log.begin[i + 1]),
              [&](uint32_t a, uint32_t b) {
                return events[a].user != events[b].user ? events[a].user < events[b].user : a < b;
              });
  }
  return log;
}

// Sums the surroundings of one product after another.
class ListMiner {
 public:
  ListMiner(const Log& log, uint32_t item_count, const TasteOptions& options)
      : log_(log),
        options_(options),
        sum_(item_count),
        users_(item_count),
        last_user_(item_count) {}

  EntryList Mine(ItemIndex item) {
    float occurrences = 0;
    for (uint64_t o = log_.begin[item]; o < log_.begin[item + 1]; ++o) {
      occurrences += log_.weight[log_.order[o]];
      AddSurroundings(log_.order[o]);
    }
    EntryList entries;
    for (ItemIndex other : touched_) {
      if (users_[other] >= options_.min_users) {
        const float weight = std::min(1.0f, sum_[other] / (occurrences + kUncertainty));
        entries.push_back({other, weight, users_[other]});
      }
      sum_[other] = 0;
      users_[other] = 0;
    }
    touched_.clear();
    KeepHeaviest(entries, options_.list_size);
    return entries;
  }

 private:
  void AddSurroundings(uint32_t at) {
    const Interaction& center = log_.events[at];
    for (int direction : {+1, -1}) {
      for (int gap = 1; gap <= kWindow; ++gap) {
        const int64_t near = static_cast<int64_t>(at) + direction * gap;
        if (near < 0 || near >= static_cast<int64_t>(log_.events.size())) break;
        const Interaction& event = log_.events[static_cast<size_t>(near)];
        if (event.session != center.session || event.user != center.user) break;
        if (event.item == center.item) continue;
        const float order = direction > 0 ? 1.0f : kBackward;
        Add(event.item, center.user,
            log_.weight[static_cast<size_t>(near)] * order / static_cast<float>(gap));
      }
    }
  }

  void Add(ItemIndex other, uint32_t user, float weight) {
    if (users_[other] == 0) touched_.push_back(other);
    if (users_[other] == 0 || last_user_[other] != user) ++users_[other];
    last_user_[other] = user;
    sum_[other] += weight;
  }

  const Log& log_;
  const TasteOptions& options_;
  std::vector<float> sum_;
  std::vector<uint32_t> users_;  // distinct users so far; occurrences come ordered by user
  std::vector<uint32_t> last_user_;
  std::vector<ItemIndex> touched_;
};

}  // namespace

ItemListsData MineItemLists(std::span<const Interaction> interactions, uint32_t item_count,
                            const TasteOptions& options) {
  assert(interactions.size() <= UINT32_MAX);
  const Log log = Invert(interactions, item_count, options);
  std::vector<EntryList> lists(item_count);
  OnThreads(options.threads, [&](uint32_t first, uint32_t stride) {
    ListMiner miner(log, item_count, options);
    for (ItemIndex i = first; i < item_count; i += stride) lists[i] = miner.Mine(i);
  });
  return JoinLists(lists);
}

}  // namespace vitrine
