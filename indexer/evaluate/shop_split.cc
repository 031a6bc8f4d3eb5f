#include "indexer/evaluate/shop_split.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <unordered_map>

namespace vitrine {
namespace {

// The bits of a number well mixed (the finaliser of SplitMix64): a sample that does not depend on
// where in the log a session stands.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Session s is interactions[begin] .. interactions[end - 1].
struct SessionRange {
  size_t begin = 0, end = 0;
  int64_t start_seconds = 0;
};

std::vector<SessionRange> SessionsOf(const std::vector<Interaction>& log) {
  std::vector<SessionRange> sessions;
  for (size_t i = 0; i < log.size(); ++i) {
    if (i == 0 || log[i].session != log[i - 1].session) {
      sessions.push_back({i, i, log[i].time_seconds});
    }
    sessions.back().end = i + 1;
  }
  return sessions;
}

// Where to cut so that about `share` of the sessions begin at the cut or later; the lowest possible
// time when no cut leaves sessions on both sides.
int64_t CutSeconds(const std::vector<SessionRange>& sessions, double share) {
  std::vector<int64_t> starts;
  for (const SessionRange& session : sessions) starts.push_back(session.start_seconds);
  std::sort(starts.begin(), starts.end());
  if (starts.empty() || starts.front() == starts.back()) {
    return std::numeric_limits<int64_t>::min();
  }
  const auto at = static_cast<size_t>(static_cast<double>(starts.size()) * (1 - share));
  const int64_t cut = starts[std::min(at, starts.size() - 1)];
  return cut > starts.front() ? cut : *std::upper_bound(starts.begin(), starts.end(), cut);
}

Product WithoutTexts(const Product& product) {
  Product copy = product;
  copy.description.clear();
  copy.images.clear();
  copy.attributes.clear();
  return copy;
}

// A question before it is written out: the event at `position` of a later session.
struct Question {
  ShopperSlice slice;
  uint64_t order;  // of the sample
  size_t session;  // position in the list of sessions
  size_t position;
};

class Splitter {
 public:
  Splitter(const Shop& shop, const ShopSplitOptions& options)
      : shop_(shop), options_(options), sessions_(SessionsOf(shop.interactions)) {}

  ShopSplit Split() {
    split_.cut_seconds = CutSeconds(sessions_, options_.test_share);
    CopyEarlier();
    SplitBaskets();
    AskQuestions();
    return std::move(split_);
  }

 private:
  bool IsLater(const SessionRange& session) const {
    return session.start_seconds >= split_.cut_seconds;
  }

  void CopyEarlier() {
    for (const Product& product : shop_.products) {
      split_.earlier.products.push_back(WithoutTexts(product));
    }
    split_.earlier.users = shop_.users;
    // The oldest start that still fits under max_interactions.
    std::vector<std::pair<int64_t, size_t>> newest_first;
    for (const SessionRange& session : sessions_) {
      if (IsLater(session)) continue;
      newest_first.emplace_back(session.start_seconds, session.end - session.begin);
    }
    std::sort(newest_first.rbegin(), newest_first.rend());
    int64_t oldest = std::numeric_limits<int64_t>::min();
    size_t kept = 0;
    for (const auto& [start, events] : newest_first) {
      kept += events;
      if (options_.max_interactions > 0 && kept > options_.max_interactions) break;
      oldest = start;
    }
    const bool capped = options_.max_interactions > 0 && kept > options_.max_interactions;
    for (const SessionRange& session : sessions_) {
      if (IsLater(session)) {
        ++split_.later_sessions;
        continue;
      }
      for (size_t i = session.begin; i < session.end; ++i) {
        if (shop_.interactions[i].time_seconds >= split_.cut_seconds) break;
        history_[shop_.interactions[i].user].push_back(i);
        if (capped && session.start_seconds < oldest) continue;
        split_.earlier.interactions.push_back(shop_.interactions[i]);
      }
      ++split_.earlier_sessions;
    }
    const auto& log = shop_.interactions;
    const auto by_time = [](const Interaction& a, const Interaction& b) {
      return a.time_seconds < b.time_seconds;
    };
    if (log.empty()) return;
    split_.first_seconds = std::min_element(log.begin(), log.end(), by_time)->time_seconds;
    split_.last_seconds = std::max_element(log.begin(), log.end(), by_time)->time_seconds;
    for (auto& [user, events] : history_) {
      std::stable_sort(events.begin(), events.end(), [&](size_t a, size_t b) {
        return log[a].time_seconds < log[b].time_seconds;
      });
    }
  }

  void SplitBaskets() {
    const Baskets& all = shop_.baskets;
    for (size_t b = 0; b < all.size(); ++b) {
      Baskets& to =
          all.time_seconds[b] < split_.cut_seconds ? split_.earlier.baskets : split_.later_baskets;
      to.items.insert(to.items.end(), all.items.begin() + static_cast<ptrdiff_t>(all.offset[b]),
                      all.items.begin() + static_cast<ptrdiff_t>(all.offset[b + 1]));
      to.offset.push_back(to.items.size());
      to.user.push_back(all.user[b]);
      to.time_seconds.push_back(all.time_seconds[b]);
    }
  }

  void AskQuestions() {
    if (split_.earlier.interactions.empty()) return;
    std::vector<Question> questions;
    for (size_t s = 0; s < sessions_.size(); ++s) {
      if (IsLater(sessions_[s])) AskSession(s, questions);
    }
    std::sort(questions.begin(), questions.end(), [](const Question& a, const Question& b) {
      return std::tie(a.slice, a.order, a.session, a.position) <
             std::tie(b.slice, b.order, b.session, b.position);
    });
    for (const Question& question : questions) {
      const size_t number = ++split_.cases_found[static_cast<size_t>(question.slice)];
      if (number <= options_.max_cases) split_.cases.push_back(WriteOut(question));
    }
  }

  // A question at every event whose product is new to the session.
  void AskSession(size_t s, std::vector<Question>& questions) const {
    const SessionRange& session = sessions_[s];
    const uint32_t user = shop_.interactions[session.begin].user;
    const bool existing = history_.contains(user);
    std::set<ItemIndex> seen;
    for (size_t i = session.begin; i < session.end; ++i) {
      if (!seen.insert(shop_.interactions[i].item).second) continue;
      const ShopperSlice slice = existing             ? ShopperSlice::kExisting
                                 : i == session.begin ? ShopperSlice::kNewWithout
                                                      : ShopperSlice::kNewWithEvents;
      questions.push_back({slice, Mix(i), s, i - session.begin});
    }
  }

  ShopCase WriteOut(const Question& question) const {
    const SessionRange& session = sessions_[question.session];
    const auto& log = shop_.interactions;
    ShopCase result;
    result.slice = question.slice;
    result.user = log[session.begin].user;
    result.session = log[session.begin].session;
    result.session_events = static_cast<uint32_t>(question.position);
    result.now_seconds = static_cast<double>(log[session.begin + question.position].time_seconds);
    const auto add = [&](size_t i) {
      result.events.push_back({log[i].item, log[i].kind, static_cast<double>(log[i].time_seconds)});
    };
    if (const auto at = history_.find(result.user); at != history_.end()) {
      const std::vector<size_t>& events = at->second;
      const size_t first = events.size() - std::min(events.size(), options_.max_history);
      for (size_t e = first; e < events.size(); ++e) add(events[e]);
    }
    std::set<ItemIndex> seen;
    for (size_t i = session.begin; i < session.begin + question.position; ++i) {
      add(i);
      seen.insert(log[i].item);
    }
    for (size_t i = session.begin + question.position; i < session.end; ++i) {
      if (seen.insert(log[i].item).second) result.later.push_back(log[i].item);
    }
    return result;
  }

  const Shop& shop_;
  const ShopSplitOptions& options_;
  std::vector<SessionRange> sessions_;
  std::unordered_map<uint32_t, std::vector<size_t>> history_;  // user → events before the cut
  ShopSplit split_;
};

}  // namespace

ShopSplit SplitShop(const Shop& shop, const ShopSplitOptions& options) {
  return Splitter(shop, options).Split();
}

}  // namespace vitrine
