#include "shared/search/vocabulary.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace vitrine {
namespace {

constexpr float kOtherForm = 0.9f;
constexpr float kBeginning = 0.75f;
constexpr float kOneWrong = 0.7f;
constexpr float kTwoWrong = 0.5f;
constexpr size_t kSharedPieces = 5;  // one of so many is enough to look closer
constexpr size_t kMostBeginnings = 64;
constexpr size_t kLettersForOneWrong = 4;
constexpr size_t kLettersForTwoWrong = 8;

// The pieces of three bytes of "\2word\3", so that both ends count.
std::vector<uint32_t> Pieces(std::string_view word) {
  const std::string padded = '\2' + std::string(word) + '\3';
  std::vector<uint32_t> pieces;
  for (size_t i = 0; i + 3 <= padded.size(); ++i) {
    pieces.push_back(static_cast<uint32_t>(static_cast<uint8_t>(padded[i])) << 16 |
                     static_cast<uint32_t>(static_cast<uint8_t>(padded[i + 1])) << 8 |
                     static_cast<uint8_t>(padded[i + 2]));
  }
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  return pieces;
}

bool IsEnding(std::string_view rest) {
  constexpr std::array<std::string_view, 14> kEndings = {
      "", "s", "es", "e", "d", "ed", "r", "er", "y", "ies", "ing", "est", "en", "ly"};
  return std::find(kEndings.begin(), kEndings.end(), rest) != kEndings.end();
}

}  // namespace

bool SameStem(std::string_view a, std::string_view b) {
  constexpr size_t kShortestStem = 3;
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto common = static_cast<size_t>(ends.first - a.begin());
  if (common < kShortestStem) return false;
  const auto rest = [common](std::string_view word) {
    const bool doubled =
        common < word.size() && word[common] == word[common - 1];  // "knit", "knitted"
    return word.substr(common + (doubled ? 1 : 0));
  };
  if (!IsEnding(rest(a)) || !IsEnding(rest(b))) return false;
  // Two different endings on a short stem are two words ("bar": "bared", "barly").
  return common == a.size() || common == b.size() || common > kShortestStem;
}

size_t EditDistance(std::string_view a, std::string_view b, size_t most) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > most) return most + 1;
  std::vector<size_t> before(a.size() + 1), last(a.size() + 1), now(a.size() + 1);
  for (size_t i = 0; i <= a.size(); ++i) last[i] = i;
  for (size_t j = 1; j <= b.size(); ++j) {
    now[0] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
      now[i] = std::min({last[i] + 1, now[i - 1] + 1, last[i - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[i] = std::min(now[i], before[i - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return std::min(last[a.size()], most + 1);
}

Vocabulary::Vocabulary(std::vector<std::string> words) : words_(std::move(words)) {
  assert(std::is_sorted(words_.begin(), words_.end()));
  for (uint32_t w = 0; w < words_.size(); ++w) {
    for (uint32_t piece : Pieces(words_[w])) pieces_.emplace_back(piece, w);
  }
  std::sort(pieces_.begin(), pieces_.end());
}

uint32_t Vocabulary::Find(std::string_view word) const {
  const auto at = std::lower_bound(words_.begin(), words_.end(), word);
  return at != words_.end() && *at == word ? static_cast<uint32_t>(at - words_.begin()) : kNone;
}

std::pair<uint32_t, uint32_t> Vocabulary::StartingWith(std::string_view prefix) const {
  const auto begin = std::lower_bound(words_.begin(), words_.end(), prefix);
  const auto end = std::partition_point(begin, words_.end(), [prefix](const std::string& word) {
    return std::string_view(word).substr(0, prefix.size()) == prefix;
  });
  return {static_cast<uint32_t>(begin - words_.begin()),
          static_cast<uint32_t>(end - words_.begin())};
}

// Words that share at least a fifth of the pieces, ascending.
std::vector<uint32_t> Vocabulary::SharingPieces(std::string_view word) const {
  const std::vector<uint32_t> pieces = Pieces(word);
  std::vector<uint32_t> shared;
  for (uint32_t piece : pieces) {
    auto at =
        std::lower_bound(pieces_.begin(), pieces_.end(), std::pair<uint32_t, uint32_t>(piece, 0));
    for (; at != pieces_.end() && at->first == piece; ++at) shared.push_back(at->second);
  }
  std::sort(shared.begin(), shared.end());
  std::vector<uint32_t> enough;
  for (size_t i = 0; i < shared.size();) {
    size_t end = i;
    while (end < shared.size() && shared[end] == shared[i]) ++end;
    if ((end - i) * kSharedPieces >= pieces.size()) enough.push_back(shared[i]);
    i = end;
  }
  return enough;
}

std::vector<WordMatch> Vocabulary::Mistakes(std::string_view word) const {
  const size_t most = word.size() >= kLettersForTwoWrong ? 2 : word.size() >= kLettersForOneWrong;
  std::vector<WordMatch> matches;
  size_t nearest = most;
  if (most == 0) return matches;
  for (uint32_t candidate : SharingPieces(word)) {
    const size_t distance = EditDistance(word, words_[candidate], nearest);
    if (distance > nearest) continue;
    if (distance < nearest) matches.clear();
    nearest = distance;
    matches.push_back({candidate, distance == 1 ? kOneWrong : kTwoWrong});
  }
  return matches;
}

std::vector<WordMatch> Vocabulary::Match(std::string_view word) const {
  std::vector<WordMatch> matches;
  const uint32_t exact = Find(word);
  if (exact != kNone) matches.push_back({exact, 1});
  for (uint32_t candidate : SharingPieces(word)) {
    if (candidate != exact && SameStem(word, words_[candidate])) {
      matches.push_back({candidate, kOtherForm});
    }
  }
  if (!matches.empty()) return matches;
  if (word.size() >= 2) {
    const auto [begin, end] = StartingWith(word);
    for (uint32_t w = begin; w < end && w < begin + kMostBeginnings; ++w) {
      matches.push_back({w, kBeginning});
    }
  }
  return matches.empty() ? Mistakes(word) : matches;
}

}  // namespace vitrine
