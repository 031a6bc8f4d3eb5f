#include "shared/catalogue.h"

#include <algorithm>
#include <numeric>

namespace vitrine {
namespace {

constexpr std::array<std::vector<uint16_t> CatalogueData::*, 4> kCodes = {
    &CatalogueData::department, &CatalogueData::category, &CatalogueData::colour,
    &CatalogueData::brand};
constexpr std::array<std::vector<std::string> CatalogueData::*, 4> kNames = {
    &CatalogueData::department_names, &CatalogueData::category_names, &CatalogueData::colour_names,
    &CatalogueData::brand_names};

void WriteNames(const std::vector<std::string>& names, ByteWriter& out) {
  out.Write(static_cast<uint32_t>(names.size()));
  for (const std::string& name : names) {
    out.Write(static_cast<uint16_t>(name.size()));
    out.WriteBytes(AsBytes(name));
  }
}

std::vector<std::string> ReadNames(ByteReader& in) {
  const uint32_t count = in.Read<uint32_t>();
  std::vector<std::string> names;
  // A name takes at least its two length bytes, so a false count cannot make us allocate.
  if (count > in.remaining() / 2) return in.ReadBytes(SIZE_MAX), names;
  names.reserve(count);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    ByteView text = in.ReadBytes(in.Read<uint16_t>());
    names.emplace_back(text.begin(), text.end());
  }
  return names;
}

}  // namespace

Bytes EncodeCatalogue(const CatalogueData& data) {
  ByteWriter out;
  out.Write(static_cast<uint32_t>(data.size()));
  out.WriteArray(std::span(data.audience_gate.data(), data.audience_gate.size()));
  for (auto names : kNames) WriteNames(data.*names, out);
  out.WriteArray(std::span(data.id_hash.data(), data.size()));
  out.WriteArray(std::span(data.group.data(), data.size()));
  out.WriteArray(std::span(data.price_minor.data(), data.size()));
  for (auto codes : kCodes) out.WriteArray(std::span((data.*codes).data(), data.size()));
  out.WriteArray(std::span(data.audience.data(), data.size()));
  out.WriteArray(std::span(data.availability.data(), data.size()));
  return out.Take();
}

Result<Catalogue> Catalogue::Open(ByteView payload) {
  ByteReader in(payload);
  Catalogue catalogue;
  CatalogueData& data = catalogue.data_;
  const uint32_t n = in.Read<uint32_t>();
  for (uint8_t& gate : data.audience_gate) gate = in.Read<uint8_t>();
  for (auto names : kNames) data.*names = ReadNames(in);
  data.id_hash = in.ReadArray<uint64_t>(n);
  data.group = in.ReadArray<uint32_t>(n);
  data.price_minor = in.ReadArray<uint32_t>(n);
  for (auto codes : kCodes) data.*codes = in.ReadArray<uint16_t>(n);
  data.audience = in.ReadArray<Audience>(n);
  data.availability = in.ReadArray<Availability>(n);
  if (!in.ok()) return Error{"catalogue section: truncated"};
  if (in.remaining() != 0) return Error{"catalogue section: bytes left over after its arrays"};

  for (size_t f = 0; f < kCodes.size(); ++f) {
    const size_t limit = (data.*kNames[f]).size();
    for (uint16_t code : data.*kCodes[f]) {
      if (code >= limit) return Error{"catalogue section: a name index is out of range"};
    }
  }
  for (uint32_t i = 0; i < n; ++i) {
    if (static_cast<int>(data.audience[i]) >= kAudiences ||
        data.availability[i] > Availability::kBackorder) {
      return Error{"catalogue section: unknown audience or availability"};
    }
  }
  for (uint32_t group : data.group) {
    if (group >= n) return Error{"catalogue section: a group number is out of range"};
  }
  catalogue.IndexIds();
  for (uint32_t i = 1; i < n; ++i) {
    if (data.id_hash[catalogue.by_hash_[i - 1]] == data.id_hash[catalogue.by_hash_[i]]) {
      return Error{"catalogue section: two products share one id hash"};
    }
  }
  catalogue.IndexGroups();
  return catalogue;
}

void Catalogue::IndexIds() {
  by_hash_.resize(size());
  std::iota(by_hash_.begin(), by_hash_.end(), 0u);
  std::sort(by_hash_.begin(), by_hash_.end(), [&](uint32_t a, uint32_t b) {
    return data_.id_hash[a] != data_.id_hash[b] ? data_.id_hash[a] < data_.id_hash[b] : a < b;
  });
}

void Catalogue::IndexGroups() {
  group_begin_.assign(size() + 1, 0);
  for (uint32_t group : data_.group) ++group_begin_[group + 1];
  std::partial_sum(group_begin_.begin(), group_begin_.end(), group_begin_.begin());
  std::vector<uint32_t> next(group_begin_.begin(), group_begin_.end() - 1);
  by_group_.resize(size());
  for (ItemIndex i = 0; i < size(); ++i) by_group_[next[data_.group[i]]++] = i;
}

ItemIndex Catalogue::Find(std::string_view id) const {
  const uint64_t hash = Fnv1a64(id);
  auto at = std::lower_bound(by_hash_.begin(), by_hash_.end(), hash,
                             [&](uint32_t i, uint64_t h) { return data_.id_hash[i] < h; });
  return at != by_hash_.end() && data_.id_hash[*at] == hash ? *at : kNoItem;
}

}  // namespace vitrine
