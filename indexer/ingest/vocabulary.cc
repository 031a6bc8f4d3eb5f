#include "indexer/ingest/vocabulary.h"

#include <array>

#include "indexer/ingest/decimal.h"
#include "indexer/ingest/text.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

constexpr const char* kBuiltIn =
#include "indexer/ingest/vocabulary.inc"
    ;

constexpr std::array<std::string_view, 8> kAudienceWords = {"women", "men",  "unisex", "girls",
                                                            "boys",  "kids", "baby",   "adult"};
enum AudienceBit : unsigned { kW = 1, kM = 2, kU = 4, kG = 8, kB = 16, kK = 32, kBabyBit = 64 };
constexpr size_t kMaxCached = 100000;

bool IsKnownStandard(std::string_view list, std::string_view word) {
  constexpr std::array<std::string_view, 4> kAvailability = {"in_stock", "out_of_stock", "preorder",
                                                             "backorder"};
  if (list == "colour") return !word.empty();
  for (std::string_view known : kAudienceWords) {
    if (list == "audience" && known == word) return true;
  }
  for (std::string_view known : kAvailability) {
    if (list == "availability" && known == word) return true;
  }
  return false;
}

}  // namespace

Result<Vocabulary> Vocabulary::Load(const std::vector<std::string>& files) {
  Vocabulary vocabulary;
  VITRINE_RETURN_IF_ERROR(vocabulary.Add(kBuiltIn, "built-in vocabulary"));
  for (const std::string& file : files) {
    VITRINE_ASSIGN(const Bytes bytes, ReadFile(file));
    VITRINE_RETURN_IF_ERROR(
        vocabulary.Add({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file));
  }
  return vocabulary;
}

Status Vocabulary::Add(std::string_view text, const std::string& name) {
  size_t number = 0;
  for (std::string_view line : SplitText(text, "\n")) {
    ++number;
    line = TrimSpace(line);
    if (line.empty() || line.front() == '#') continue;
    const auto parts = SplitText(line, "\t");
    if (parts.size() != 3 || !IsKnownStandard(parts[0], parts[1])) {
      return UsageError(
          name + ":" + std::to_string(number) +
          ": expected three columns separated by tabs: colour, audience or availability; a "
          "standard word; words separated by |. Audiences are women men unisex girls boys kids "
          "baby adult; availabilities in_stock out_of_stock preorder backorder");
    }
    auto& list = lists_[std::string(parts[0])];
    for (std::string_view word : SplitText(parts[2], "|"))
      list[FoldText(word)] = std::string(parts[1]);
    list[FoldText(parts[1])] = std::string(parts[1]);
  }
  return Ok();
}

std::string_view Vocabulary::Find(std::string_view list, std::string_view folded) const {
  const auto words = lists_.find(list);
  if (words == lists_.end()) return {};
  const auto found = words->second.find(std::string(folded));
  return found == words->second.end() ? std::string_view() : std::string_view(found->second);
}

std::string Vocabulary::Colour(std::string_view raw) const {
  raw = TrimSpace(raw);
  if (raw.empty()) return {};
  const auto cached = colour_cache_.find(std::string(raw));
  if (cached != colour_cache_.end()) return cached->second;
  // "Navy Blue, White / Red": the first colour named, its longest known phrase first.
  std::string result(raw);
  bool known = false;
  for (std::string_view part : SplitText(raw.substr(0, raw.find_first_of(",/;|&")), "\n")) {
    const std::string folded = FoldText(part);
    std::string_view found = Find("colour", folded);
    const auto words = SplitText(folded, " ");
    for (size_t length = words.size(); found.empty() && length-- > 1;) {
      for (size_t at = 0; found.empty() && at + length <= words.size() && words.size() < 32; ++at) {
        const char* begin = words[at].data();
        const char* end = words[at + length - 1].data() + words[at + length - 1].size();
        found = Find("colour", {begin, static_cast<size_t>(end - begin)});
      }
    }
    if (!found.empty() && !known) {
      result = std::string(found);
      known = true;
    }
  }
  if (colour_cache_.size() < kMaxCached) colour_cache_.emplace(raw, result);
  return result;
}

unsigned Vocabulary::AudienceBits(std::string_view raw) const {
  const auto cached = audience_cache_.find(std::string(raw));
  if (cached != audience_cache_.end()) return cached->second;
  std::string folded = FoldText(raw);
  unsigned bits = 0;
  const auto add = [&](std::string_view standard) {
    for (size_t i = 0; i < kAudienceWords.size(); ++i) {
      if (standard == kAudienceWords[i]) bits |= 1U << i;
    }
  };
  const std::string_view whole = Find("audience", folded);
  add(whole);
  if (whole.empty()) {
    const auto words = SplitText(folded, " ");
    for (size_t i = 0; i < words.size(); ++i) {
      // One letter alone means an audience only when it is all that the column says.
      if (words[i].size() > 1) add(Find("audience", words[i]));
    }
  }
  if (audience_cache_.size() < kMaxCached) audience_cache_.emplace(raw, bits);
  return bits;
}

Audience Vocabulary::AudienceOf(const std::vector<std::string_view>& raws) const {
  unsigned bits = 0;
  for (std::string_view raw : raws) {
    if (!IsMissing(raw)) bits |= AudienceBits(raw);
  }
  const bool women = (bits & kW) != 0, men = (bits & kM) != 0, unisex = (bits & kU) != 0;
  const bool girls = (bits & kG) != 0, boys = (bits & kB) != 0;
  if ((bits & kBabyBit) != 0) return Audience::kBaby;
  if (girls && boys) return Audience::kKids;
  if (girls) return Audience::kGirls;
  if (boys) return Audience::kBoys;
  if ((bits & kK) != 0) {
    if (women && !men && !unisex) return Audience::kGirls;
    if (men && !women && !unisex) return Audience::kBoys;
    return Audience::kKids;
  }
  if (unisex || (women && men)) return Audience::kUnisex;
  if (women) return Audience::kWomen;
  if (men) return Audience::kMen;
  return Audience::kUnknown;
}

bool Vocabulary::ParseAvailability(std::string_view raw, Availability& availability) const {
  std::string_view text = TrimSpace(raw);
  const size_t slash = text.find("schema.org/");  // "https://schema.org/InStock"
  if (slash != std::string_view::npos) text.remove_prefix(slash + 11);
  const std::string_view found = Find("availability", FoldText(text));
  if (!found.empty()) {
    availability = found == "in_stock"    ? Availability::kInStock
                   : found == "preorder"  ? Availability::kPreorder
                   : found == "backorder" ? Availability::kBackorder
                                          : Availability::kOutOfStock;
    return true;
  }
  const bool negative = !text.empty() && text.front() == '-';
  const std::optional<std::string> count = ParseCount(negative ? text.substr(1) : text);
  if (!count) return false;
  availability = negative || *count == "0" ? Availability::kOutOfStock : Availability::kInStock;
  return true;
}

}  // namespace vitrine
