#include "shared/taste/item_lists.h"

namespace vitrine {

Bytes EncodeItemLists(const ItemListsData& data) {
  ByteWriter out;
  const size_t lists = data.begin.size() - 1;
  for (size_t i = 0; i < lists; ++i) {
    WriteVarint(out, static_cast<uint32_t>(data.begin[i + 1] - data.begin[i]));
  }
  for (size_t i = 0; i < lists; ++i) {
    ItemIndex previous = 0;
    for (uint64_t e = data.begin[i]; e < data.begin[i + 1]; ++e) {
      const ItemListsData::Entry& entry = data.entries[e];
      assert(e == data.begin[i] || entry.item > previous);
      WriteVarint(out, entry.item - previous);
      out.Write(LevelOf(entry.weight));
      previous = entry.item;
    }
  }
  return out.Take();
}

Result<ItemLists> ItemLists::Open(ByteView part, uint32_t list_count, uint32_t item_count) {
  if (part.size() > UINT32_MAX) return Error{"taste section: item lists of 4 GB or more"};
  if (part.size() < list_count) return Error{"taste section: item lists truncated"};
  ItemLists lists;
  ByteReader in(part);
  std::vector<uint32_t> counts(list_count);
  for (uint32_t& count : counts) count = ReadVarint(in);
  lists.bytes_ = in.ok() ? part.last(in.remaining()) : ByteView();
  lists.begin_.reserve(size_t{list_count} + 1);
  for (uint32_t i = 0; i < list_count; ++i) {
    lists.begin_.push_back(static_cast<uint32_t>(lists.bytes_.size() - in.remaining()));
    uint64_t item = 0;
    for (uint32_t e = 0; e < counts[i] && in.ok(); ++e) {
      const uint32_t step = ReadVarint(in);
      item += step;
      in.Read<uint8_t>();
      if (item >= item_count || (e > 0 && step == 0)) {
        return Error{"taste section: an item list is out of order or out of range"};
      }
    }
    if (!in.ok()) return Error{"taste section: item lists truncated"};
  }
  if (in.remaining() != 0) return Error{"taste section: bytes left over after the item lists"};
  lists.begin_.push_back(static_cast<uint32_t>(lists.bytes_.size()));
  return lists;
}

}  // namespace vitrine
