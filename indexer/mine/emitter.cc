#include "indexer/mine/emitter.h"

#include <string>

namespace vitrine {

Status Budget::status() const {
  const std::string advice =
      "; raise the minimum support, set a maximum length, ask for closed or maximal itemsets, or "
      "raise the limit ";
  switch (verdict()) {
    case Verdict::kWithin:
      break;
    case Verdict::kTooMany:
      return Error{"there are more than " + std::to_string(max_itemsets_) +
                   " itemsets, or candidates for them" + advice + "(--max-itemsets)"};
    case Verdict::kTooLong:
      return Error{"mining took longer than " + std::to_string(static_cast<int64_t>(max_seconds_)) +
                   " s and was stopped after " + std::to_string(spent_.load()) + " itemsets" +
                   advice + "(--max-seconds)"};
  }
  return Ok();
}

}  // namespace vitrine
