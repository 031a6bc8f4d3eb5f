// Small standard vocabularies for colour, audience and availability. The words that shops use, in
// several languages, are data (vocabulary.inc, one line a standard word); a shop adds its own with
// files of the same form.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/catalogue.h"
#include "shared/result.h"

namespace vitrine {

class Vocabulary {
 public:
  // The built-in words; later files win over earlier ones and over the built-in ones.
  static Result<Vocabulary> Load(const std::vector<std::string>& files);

  // The standard colour, or `raw` trimmed where no word is known. The whole phrase is tried first
  // ("navy blue" → navy), then its words from the left ("Black, White" → black).
  std::string Colour(std::string_view raw) const;

  // Everything that is said about the audience (gender, age group, section …), read together:
  // {"female", "kids"} → girls. kUnknown when no word is known.
  Audience AudienceOf(const std::vector<std::string_view>& raws) const;

  // True and the availability when the text is known. Counts ("3", "0") are stock levels.
  bool ParseAvailability(std::string_view raw, Availability& availability) const;

 private:
  Status Add(std::string_view text, const std::string& name);
  // Standard word of a phrase in `list`, "" if unknown.
  std::string_view Find(std::string_view list, std::string_view folded) const;
  unsigned AudienceBits(std::string_view raw) const;

  std::map<std::string, std::unordered_map<std::string, std::string>, std::less<>> lists_;
  // Shops repeat few values: what each of them was found to mean.
  mutable std::unordered_map<std::string, std::string> colour_cache_;
  mutable std::unordered_map<std::string, unsigned> audience_cache_;
};

}  // namespace vitrine
