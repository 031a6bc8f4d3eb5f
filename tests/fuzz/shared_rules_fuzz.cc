// Rules::Open on any bytes: what it accepts answers every cart within the catalogue, and encoded
// again it is the same section.
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "shared/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto rules = Rules::Open({data, size});
  if (!rules.ok()) return 0;
  const uint32_t items = rules.value().item_count();
  std::vector<ItemIndex> cart(std::min<uint32_t>(items, 64) + 1);
  std::iota(cart.begin(), cart.end(), 0u);
  for (const Rules::Match& match : rules.value().Matches(cart)) {
    if (match.consequent >= items) std::abort();
    for (ItemIndex item : match.antecedent) {
      if (item > cart.back()) std::abort();
    }
  }
  const std::vector<Rule> all = rules.value().All();
  if (all.size() != rules.value().rule_count()) std::abort();
  const size_t size_of_lists = size - rules.value().rest().size();
  if (EncodeRules(items, all) != Bytes(data, data + size_of_lists)) std::abort();
  return 0;
}
