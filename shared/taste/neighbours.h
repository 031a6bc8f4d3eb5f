// Past sessions that resemble the shopper's, and what came in them (session kNN with decays of
// position: V-STAN, Ludewig et al., 2021, after STAN, Garg et al., SIGIR 2019).
//
// This part holds raw sessions, in order. It exists only where the shop has said that its sessions
// may be published (privacy.publish_sessions); no other part holds anything of one session.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/top_k.h"

namespace vitrine {

// Session s is items[offset[s]] .. items[offset[s+1]-1] in order of time; sessions oldest first.
struct NeighboursData {
  std::vector<ItemIndex> items;
  std::vector<uint64_t> offset = {0};
};

// Items in as few bits as `item_count` needs. REQUIRES: every item < item_count.
Bytes EncodeNeighbours(const NeighboursData& data, uint32_t item_count);

class Neighbours {
 public:
  static Result<Neighbours> Open(ByteView part, uint32_t item_count);

  bool empty() const { return items_.empty(); }
  size_t size() const { return offset_.size() - 1; }

  // Products of the sessions most like this one, with scores > 0 of which the sum is about 1 a
  // step; in no order. `newest_first`: known products of the session.
  // O(occurrences of the session's products that are looked at).
  std::vector<ScoredItem> Score(std::span<const ItemIndex> newest_first) const;

 private:
  std::vector<ItemIndex> items_;
  std::vector<uint32_t> offset_ = {0};
  // Sessions with item i, oldest first: sessions_[begin_[i]] .. sessions_[begin_[i+1]-1].
  std::vector<uint32_t> begin_, sessions_;
};

}  // namespace vitrine
