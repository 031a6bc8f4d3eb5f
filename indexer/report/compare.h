// Two reports side by side: what got better, what got worse, and whether that is more than chance.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vitrine {

struct Change {
  std::string what;
  double before = 0, now = 0;
  // Of the difference, corrected for how many are tested; negative = not a measured mean, no test.
  double p_value = -1;
  // > 0 when higher is better, < 0 when lower is; 0 = neither.
  int direction = 1;
  bool percent = true;

  bool significant() const { return p_value >= 0 && p_value < 0.05; }
  // Better or worse, beyond chance where that can be told.
  bool better() const { return Moved() && (now - before) * direction > 0; }
  bool worse() const { return Moved() && (now - before) * direction < 0; }

 private:
  bool Moved() const { return direction != 0 && (p_value < 0 ? now != before : significant()); }
};

// Measured means (hit rates, MRR, precision; two-sided z-test from their intervals, as the cases
// are not the same), then counts and sizes. Holm's correction keeps the chance that any mean at all
// is called better or worse without being so below 5 %. Places that one of the reports lacks are
// left out.
std::vector<Change> CompareReports(const nlohmann::ordered_json& before,
                                   const nlohmann::ordered_json& now);

// What differs, as a table for a terminal, and how many figures do not.
std::string ToText(const std::vector<Change>& changes);
nlohmann::ordered_json ToJson(const std::vector<Change>& changes);

}  // namespace vitrine
