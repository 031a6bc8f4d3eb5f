#include "indexer/personalize/blend_fitter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <unordered_map>

#include "indexer/personalize/lists.h"
#include "indexer/personalize/logistic.h"
#include "indexer/personalize/random.h"
#include "shared/taste/signals.h"

namespace vitrine {
namespace {

using Weights = std::vector<double>;
using Flat = std::array<float, kBlendTerms>;

constexpr size_t kMaxCases = 10'000;  // that are fitted on, about
// That are looked at for them: not every next product is among the candidates.
constexpr size_t kMaxPositions = 40'000;
constexpr size_t kMinCases = 200;     // fewer than these are not fitted on
constexpr uint32_t kCandidates = 50;  // of each signal's best
constexpr size_t kBlock = 512;        // cases whose candidates are held at once
constexpr float kFittedNear = 2.5f;   // content is not among the fitted signals
constexpr size_t kColdCases = 3000;
constexpr size_t kColdItems = 500;        // the most popular, that a first event is told from
constexpr double kLeastUseful = 0.03;     // an attribute of less weight is not shipped
constexpr double kClearlyBetter = 0.002;  // of a component against the blend, of its MRR + HR

bool EnoughShoppers(std::span<const Interaction> log, uint32_t min_users) {
  std::set<uint32_t> users;
  for (const Interaction& event : log) {
    users.insert(event.user);
    if (users.size() >= min_users) return true;
  }
  return false;
}

// What is known at one position of a later session, and what came next.
struct Position {
  std::vector<SessionEvent> events;
  double now_seconds = 0;
  size_t bucket = 0;
  ItemIndex next = kNoItem;
};

SessionEvent EventOf(const Interaction& event) {
  return {event.item, event.kind, static_cast<double>(event.time_seconds)};
}

// Every position of every later session, thinned evenly to kMaxPositions.
std::vector<Position> PositionsOf(const Taste& taste, std::span<const Interaction> later) {
  size_t all = 0;
  for (size_t i = 1; i < later.size(); ++i) all += later[i].session == later[i - 1].session;
  const size_t stride = all / kMaxPositions + 1;
  std::vector<Position> positions;
  std::vector<SessionEvent> session;
  size_t position = 0;
  for (size_t i = 0; i < later.size(); ++i) {
    if (i == 0 || later[i].session != later[i - 1].session) session.clear();
    const size_t bucket = session.empty() ? 0 : taste.BucketOf({.events = session});
    if (bucket > 0 && position++ % stride == 0) {
      positions.push_back({session, 0, bucket, later[i].item});
    }
    session.push_back(EventOf(later[i]));
  }
  return positions;
}

// The same for shoppers with earlier visits, which stand before the session; also its first product
// is asked for.
std::vector<Position> ReturningPositionsOf(const Taste& taste, const LogSplit& log) {
  std::vector<bool> returns;  // by user
  for (const Interaction& event : log.earlier) {
    if (event.user >= returns.size()) returns.resize(size_t{event.user} + 1);
    returns[event.user] = true;
  }
  const auto comes_back = [&](const Interaction& event) {
    return event.user < returns.size() && returns[event.user];
  };
  const auto all = std::count_if(log.later.begin(), log.later.end(), comes_back);
  const size_t stride = static_cast<size_t>(all) / kMaxPositions + 1;
  std::vector<size_t> asked;                                        // positions in log.later
  std::unordered_map<uint32_t, std::vector<SessionEvent>> history;  // of their shoppers
  size_t position = 0;
  for (size_t i = 0; i < log.later.size(); ++i) {
    if (!comes_back(log.later[i]) || position++ % stride != 0) continue;
    asked.push_back(i);
    history[log.later[i].user];
  }
  for (const Interaction& event : log.earlier) {
    const auto shopper = history.find(event.user);
    if (shopper != history.end()) shopper->second.push_back(EventOf(event));
  }
  for (auto& [user, events] : history) {
    std::stable_sort(events.begin(), events.end(),
                     [](const SessionEvent& a, const SessionEvent& b) {
                       return a.time_seconds < b.time_seconds;
                     });
    if (events.size() > kMaxEvents) events.erase(events.begin(), events.end() - kMaxEvents);
  }
  std::vector<Position> positions;
  for (size_t i : asked) {
    const Interaction& next = log.later[i];
    size_t begin = i;
    while (begin > 0 && log.later[begin - 1].session == next.session) --begin;
    std::vector<SessionEvent> events = history.at(next.user);
    for (size_t e = begin; e < i; ++e) events.push_back(EventOf(log.later[e]));
    const auto now = static_cast<double>(next.time_seconds);
    const size_t bucket = taste.BucketOf({.events = events, .now_seconds = now});
    // Without a pause since the earlier visit it is one long session, as the engine sees it.
    if (bucket >= kReturningBuckets) {
      positions.push_back({std::move(events), now, bucket, next.item});
    }
  }
  return positions;
}

// Positions whose next product is among the candidates, about kMaxCases of them at most: taken in
// an order that has nothing to do with time, so that any first ones stand for all.
RankingProblem Collect(const Taste& taste, std::vector<Position> positions, int threads) {
  std::mt19937_64 random(1);
  Shuffle(positions, random);
  RankingProblem problem{.width = kBlendTerms};
  // A block at a time, so that candidates need little memory.
  for (size_t begin = 0; begin < positions.size() && problem.cases.size() < kMaxCases;
       begin += kBlock) {
    const std::span block(positions.data() + begin, std::min(kBlock, positions.size() - begin));
    std::vector<std::vector<Taste::Candidate>> candidates(block.size());
    OnThreads(threads, [&](uint32_t first, uint32_t stride) {
      for (size_t p = first; p < block.size(); p += stride) {
        candidates[p] = taste.Candidates(
            {.events = block[p].events, .now_seconds = block[p].now_seconds}, kCandidates);
      }
    });
    for (size_t p = 0; p < block.size(); ++p) {
      const auto& listed = candidates[p];
      const auto target = std::find_if(listed.begin(), listed.end(),
                                       [&](const auto& c) { return c.item == block[p].next; });
      if (target == listed.end()) continue;
      problem.cases.push_back({block[p].bucket, problem.rows.size() / kBlendTerms, listed.size(),
                               static_cast<size_t>(target - listed.begin())});
      for (const auto& c : listed) {
        const Flat flat = BitCast<Flat>(c.terms);
        problem.rows.insert(problem.rows.end(), flat.begin(), flat.end());
      }
    }
  }
  return problem;
}

Weights FromTerms(const BlendTerms& terms) {
  const Flat flat = BitCast<Flat>(terms);
  return {flat.begin(), flat.end()};
}

BlendTerms ToTerms(const Weights& weights) {
  Flat flat;
  for (size_t k = 0; k < kBlendTerms; ++k) flat[k] = static_cast<float>(weights[k]);
  BlendTerms terms;
  std::memcpy(static_cast<void*>(&terms), flat.data(), sizeof(terms));
  terms.near = kFittedNear;
  return terms;
}

// The components by themselves, a little popularity to break their ties.
std::vector<BlendTerms> Components() {
  return {{.encoder = 1, .popularity = 0.001f}, {.focus = 1, .others = 0.5f, .popularity = 0.01f},
          {.popularity = 0.01f, .cohorts = 1},  {.popularity = 0.01f, .neighbours = 1},
          {.popularity = 0.001f, .towers = 1},  {.popularity = 1}};
}

double Quality(const RankingProblem& problem, size_t bucket, const Weights& weights) {
  const RankingQuality quality = MeasureRanking(problem, bucket, weights);
  return quality.hit_rate + quality.mrr;
}

// Fits the buckets begin .. end - 1 from `start`; returns the weights for all of them together.
Weights FitBuckets(const RankingProblem& problem, size_t begin, size_t end, const Weights& start,
                   BlendWeights& blend) {
  Weights all = FitRanking(problem, kEveryGroup, start);
  for (size_t bucket = begin; bucket < end; ++bucket) {
    const auto cases = std::count_if(problem.cases.begin(), problem.cases.end(),
                                     [&](const auto& c) { return c.group == bucket; });
    const bool enough = static_cast<size_t>(cases) >= kMinCases;
    Weights best = enough ? FitRanking(problem, bucket, all) : all;
    const size_t group = enough ? bucket : kEveryGroup;
    double quality = Quality(problem, group, best) + kClearlyBetter;
    for (const BlendTerms& component : Components()) {
      const Weights alone = FromTerms(component);
      const double its = Quality(problem, group, alone);
      if (its > quality) quality = its, best = alone;
    }
    blend[bucket] = ToTerms(best);
  }
  return all;
}

}  // namespace

BlendWeights FitBlend(const Taste& taste, const LogSplit& log, int threads) {
  BlendWeights blend = kDefaultBlend;
  if (!EnoughShoppers(log.later, taste.min_users())) return blend;
  const RankingProblem first = Collect(taste, PositionsOf(taste, log.later), threads);
  const bool fitted = first.cases.size() >= kMinCases;
  const Weights start =
      fitted ? FitBuckets(first, 1, kReturningBuckets, FromTerms(kDefaultTerms), blend)
             : FromTerms(kDefaultTerms);
  const RankingProblem returning = Collect(taste, ReturningPositionsOf(taste, log), threads);
  if (returning.cases.size() >= kMinCases) {
    FitBuckets(returning, kReturningBuckets, kBlendBuckets, start, blend);
  } else {
    for (size_t of_this_visit : {0, 1, 3}) {
      blend[BlendBucket(of_this_visit, 1)] = blend[BlendBucket(of_this_visit + 1, 0)];
    }
  }
  return blend;
}

BlendTerms FitSegments(const PopularityData& popularity, std::span<const Interaction> later,
                       const std::vector<std::vector<uint32_t>>& segments_of, uint32_t min_users,
                       SegmentsData& segments) {
  const size_t attributes = segments.attributes.size(), items = popularity.score.size();
  if (attributes == 0 || items == 0 || !EnoughShoppers(later, min_users)) return kColdTerms;
  const float most = *std::max_element(popularity.score.begin(), popularity.score.end());
  std::vector<ItemIndex> ranked(items);
  std::iota(ranked.begin(), ranked.end(), 0u);
  std::stable_sort(ranked.begin(), ranked.end(), [&](ItemIndex a, ItemIndex b) {
    return popularity.score[a] > popularity.score[b];
  });
  ranked.resize(std::min(items, kColdItems));
  std::vector<uint32_t> row_of(items, static_cast<uint32_t>(-1));
  for (size_t r = 0; r < ranked.size(); ++r) row_of[ranked[r]] = static_cast<uint32_t>(r);

  RankingProblem problem{.width = attributes + 1};
  std::vector<size_t> firsts;  // first events of later sessions of which something is known
  for (size_t i = 0; i < later.size(); ++i) {
    const bool first = i == 0 || later[i].session != later[i - 1].session;
    if (first && row_of[later[i].item] != static_cast<uint32_t>(-1) &&
        !segments_of[later[i].user].empty()) {
      firsts.push_back(i);
    }
  }
  const size_t stride = firsts.size() / kColdCases + 1;
  for (size_t f = 0; f < firsts.size(); f += stride) {
    const Interaction& event = later[firsts[f]];
    const size_t first = problem.rows.size() / problem.width;
    problem.rows.resize(problem.rows.size() + ranked.size() * problem.width);
    float* rows = problem.rows.data() + first * problem.width;
    for (size_t r = 0; r < ranked.size(); ++r) {
      rows[r * problem.width] = Evidence(most > 0 ? popularity.score[ranked[r]] / most : 0);
    }
    for (uint32_t segment : segments_of[event.user]) {
      const uint32_t attribute = segments.segments[segment].attribute;
      for (uint64_t e = segments.begin[segment]; e < segments.begin[segment + 1]; ++e) {
        const uint32_t r = row_of[segments.entries[e].item];
        if (r == static_cast<uint32_t>(-1)) continue;
        rows[r * problem.width + 1 + attribute] += segments.entries[e].lift;
      }
    }
    problem.cases.push_back({0, first, ranked.size(), row_of[event.item]});
  }
  if (problem.cases.size() < kMinCases) return kColdTerms;
  Weights start(problem.width, 0.5);
  start[0] = 1;
  const Weights fitted = FitRanking(problem, kEveryGroup, start);
  for (size_t a = 0; a < attributes; ++a) {
    const double weight = std::clamp(fitted[a + 1], 0.0, 4.0);
    segments.weight[a] = weight < kLeastUseful ? 0 : static_cast<float>(weight);
  }
  return {.popularity = static_cast<float>(std::clamp(fitted[0], 0.05, 4.0)), .segments = 1};
}

}  // namespace vitrine
