// The vector index alone as a WebAssembly module, for vectors_bench.mjs.
#include <cstdlib>
#include <optional>

#include "shared/vectors/index.h"

namespace {
std::optional<vitrine::VectorIndex> index_;
std::vector<vitrine::ScoredItem> answer;
}  // namespace

extern "C" {
uint8_t* bench_alloc(uint32_t size) { return static_cast<uint8_t*>(std::malloc(size)); }
void bench_free(uint8_t* bytes) { std::free(bytes); }
uint32_t bench_open(const uint8_t* payload, uint32_t size) {
  auto opened = vitrine::VectorIndex::Open({payload, size});
  if (!opened.ok()) return 0;
  index_ = std::move(opened.value());
  return index_->size();
}
uint32_t bench_search(const float* query, uint32_t k) {
  answer = index_->Search({query, index_->dimensions()}, k);
  return static_cast<uint32_t>(answer.size());
}
uint32_t bench_search_near(uint32_t item, uint32_t k) {
  answer = index_->SearchNear({&item, 1}, {}, k);
  return static_cast<uint32_t>(answer.size());
}
void bench_set_scan_share(float share) { index_->SetScanShare(share); }
const vitrine::ScoredItem* bench_results() { return answer.data(); }
}
