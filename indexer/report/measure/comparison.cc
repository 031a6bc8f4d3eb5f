// The approaches of the system that Vitrine replaces, measured on the shop's own data: its miner
// and its index of trees beside ours.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <optional>
#include <thread>

#include "indexer/evaluate/projection_forest.h"
#include "indexer/mine/itemsets.h"
#include "indexer/report/measure/input.h"
#include "indexer/vectors/nearest.h"
#include "indexer/vectors/quantizer.h"
#include "indexer/vectors/small_world.h"
#include "shared/vectors/index.h"

namespace vitrine {
namespace {

constexpr size_t kIndexedProducts = 20000, kIndexedProductsQuick = 3000;
constexpr size_t kQueries = 200;
constexpr size_t kDepth = 20;
constexpr size_t kTrees = 20;  // as the source system has it
constexpr uint64_t kMaxItemsets = 2'000'000;
constexpr double kMaxMiningSeconds = 20, kMaxMiningSecondsQuick = 1;
constexpr double kBytesPerItem[] = {16, 24, 32, 48, 64, 96, 128};
constexpr double kBytesPerItemQuick[] = {16, 32, 64, 128};

// Of this thread: what the work costs, whatever else the machine does.
double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The most that the heap holds while this object lives, beyond what it held before: looked at again
// and again by a thread of its own, so that a short peak can be missed.
class HeapPeak {
 public:
  HeapPeak() : before_(InUse()), watcher_([this] { Watch(); }) {}
  ~HeapPeak() { Stop(); }

  uint64_t Stop() {
    if (watcher_.joinable()) {
      done_ = true;
      watcher_.join();
    }
    return peak_ > before_ ? peak_ - before_ : 0;
  }

 private:
  static uint64_t InUse() {
    const auto heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
  }
  void Watch() {
    do {
      peak_ = std::max<uint64_t>(peak_, InUse());
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    } while (!done_);
  }

  uint64_t before_;
  uint64_t peak_ = 0;
  std::atomic<bool> done_ = false;
  std::thread watcher_;  // last: uses the others
};

// ---- mining

// An order-free digest of all itemsets with their counts.
class DigestSink : public ItemsetSink {
 public:
  void Itemset(std::span<const uint32_t> items, uint64_t count) override {
    std::vector<uint32_t> sorted(items.begin(), items.end());
    std::sort(sorted.begin(), sorted.end());
    uint64_t hash = 0xCBF29CE484222325u ^ count;
    for (uint32_t item : sorted) hash = (hash ^ item) * 0x100000001B3u ^ (hash >> 29);
    digest_ += hash;
    ++itemsets_;
  }
  uint64_t digest() const { return digest_; }
  uint64_t itemsets() const { return itemsets_; }

 private:
  uint64_t digest_ = 0, itemsets_ = 0;
};

struct MinerRun {
  bool finished = false;
  std::string error;
  uint64_t itemsets = 0, digest = 0, peak_bytes = 0;
  double cpu_seconds = 0;
};

MinerRun RunMiner(const BasketView& baskets, uint64_t min_count, MiningAlgorithm algorithm,
                  double max_seconds) {
  ItemsetOptions options;
  options.min_count = min_count;
  options.algorithm = algorithm;
  options.threads = 1;
  options.max_itemsets = kMaxItemsets;
  options.max_seconds = max_seconds;
  DigestSink sink;
  HeapPeak heap;
  const double start = CpuSeconds();
  const Status status = MineItemsets(baskets, options, sink);
  const double seconds = CpuSeconds() - start;
  return {status.ok(),     status.ok() ? "" : status.error().message,
          sink.itemsets(), sink.digest(),
          heap.Stop(),     seconds};
}

Json MinerJson(const char* name, const MinerRun& run) {
  return {{"algorithm", name},
          {"finished", run.finished},
          {"error", run.error},
          {"itemsets", run.itemsets},
          {"peak_bytes", run.peak_bytes},
          {"cpu_seconds", Rounded(run.cpu_seconds)}};
}

Json Miners(const ReportInput& input) {
  const Baskets& baskets = input.shop.baskets;
  if (baskets.size() == 0) return nullptr;
  const BasketView view{
      baskets.items, baskets.offset, {}, static_cast<uint32_t>(input.shop.products.size())};
  const double max_seconds = input.thorough ? kMaxMiningSeconds : kMaxMiningSecondsQuick;
  Json runs = Json::array();
  for (double support : {0.01, 0.003, 0.001, 0.0003}) {
    const auto min_count = static_cast<uint64_t>(
        std::max(2.0, std::ceil(support * static_cast<double>(baskets.size()))));
    const MinerRun fast = RunMiner(view, min_count, MiningAlgorithm::kFpGrowth, max_seconds);
    const MinerRun slow = RunMiner(view, min_count, MiningAlgorithm::kApriori, max_seconds);
    runs.push_back({{"min_support", support},
                    {"min_count", min_count},
                    {"same_result", fast.finished && slow.finished && fast.digest == slow.digest &&
                                        fast.itemsets == slow.itemsets},
                    {"miners", {MinerJson("fpgrowth", fast), MinerJson("apriori", slow)}}});
    if (!slow.finished || !fast.finished || min_count == 2) break;
  }
  return {{"baskets", baskets.size()}, {"runs", runs}};
}

// ---- indexes

struct IndexRun {
  std::string name, about;
  double bytes_per_item = 0;
  bool for_browser = false;
  double build_cpu_seconds = 0, query_milliseconds = 0, recall = 0;
};

Json IndexJson(const IndexRun& run) {
  return {{"name", run.name},
          {"about", run.about},
          {"ships", run.for_browser},
          {"bytes_per_item", Rounded(run.bytes_per_item)},
          {"recall_20", Rounded(run.recall)},
          {"build_cpu_seconds", Rounded(run.build_cpu_seconds)},
          {"query_cpu_milliseconds", Rounded(run.query_milliseconds)}};
}

class IndexComparison {
 public:
  explicit IndexComparison(const ReportInput& input)
      : input_(input),
        sample_(EvenSample(input.shop.products.size(),
                           input.thorough ? kIndexedProducts : kIndexedProductsQuick)) {
    rows_ = Matrix(sample_.size(), input.vectors.cols);
    for (size_t i = 0; i < sample_.size(); ++i) {
      std::copy_n(input.vectors.row(sample_[i]).begin(), rows_.cols, rows_.row(i).begin());
    }
    queries_ = EvenSample(rows_.rows, kQueries);
    truth_ =
        ExactNeighbours(rows_.view(), queries_, kDepth, static_cast<size_t>(input.config.threads));
  }

  Json Run() {
    Json list = Json::array();
    list.push_back(IndexJson(Exact()));
    for (double bytes :
         input_.thorough ? std::span<const double>(kBytesPerItem) : kBytesPerItemQuick) {
      if (auto run = Quantized(bytes)) list.push_back(IndexJson(*run));
    }
    for (size_t candidates : {size_t{200}, size_t{1000}, size_t{4000}}) {
      list.push_back(IndexJson(Forest(candidates)));
    }
    for (size_t breadth : {size_t{40}, size_t{200}}) list.push_back(IndexJson(Graph(breadth)));
    return {{"products", rows_.rows}, {"queries", queries_.size()}, {"indexes", list}};
  }

 private:
  // search(query row) gives the nearest items, the query itself among them.
  template <typename Search>
  void Ask(const Search& search, IndexRun& run) const {
    const double start = CpuSeconds();
    std::vector<std::vector<ScoredItem>> lists;
    for (ItemIndex q : queries_) lists.push_back(search(q));
    run.query_milliseconds =
        (CpuSeconds() - start) * 1000 / static_cast<double>(std::max<size_t>(queries_.size(), 1));
    double found = 0, wanted = 0;
    for (size_t q = 0; q < queries_.size(); ++q) {
      std::erase_if(lists[q], [&](const ScoredItem& hit) { return hit.item == queries_[q]; });
      if (lists[q].size() > kDepth) lists[q].resize(kDepth);
      for (const ScoredItem& hit : lists[q]) {
        found += std::any_of(truth_[q].begin(), truth_[q].end(),
                             [&](const ScoredItem& truth) { return truth.item == hit.item; });
      }
      wanted += static_cast<double>(truth_[q].size());
    }
    run.recall = wanted > 0 ? found / wanted : 1;
  }

  IndexRun Exact() const {
    IndexRun run{"exact", "every product compared, 32-bit floats"};
    run.bytes_per_item = static_cast<double>(rows_.cols * sizeof(float));
    Ask([&](ItemIndex q) { return NearestToQuery(rows_.view(), rows_.view().row(q), kDepth + 1); },
        run);
    return run;
  }

  std::optional<IndexRun> Quantized(double bytes_per_item) const {
    QuantizerOptions options;
    options.bytes_per_item = bytes_per_item;
    options.threads = 1;
    const double start = CpuSeconds();
    const Result<Bytes> section = BuildVectorSection(rows_.view(), options);
    if (!section.ok()) return std::nullopt;
    IndexRun run{"vitrine " + std::to_string(static_cast<int>(bytes_per_item)),
                 "our quantized index, " + std::to_string(static_cast<int>(bytes_per_item)) +
                     " bytes asked for per product"};
    run.for_browser = true;
    run.build_cpu_seconds = CpuSeconds() - start;
    run.bytes_per_item = static_cast<double>(section.value().size()) /
                         static_cast<double>(std::max<size_t>(rows_.rows, 1));
    const Result<VectorIndex> index = VectorIndex::Open(section.value());
    if (!index.ok()) return std::nullopt;
    Ask([&](ItemIndex q) { return index.value().Search(rows_.row(q), kDepth + 1); }, run);
    return run;
  }

  IndexRun Forest(size_t candidates) {
    if (!forest_) {
      const double start = CpuSeconds();
      forest_.emplace(rows_.view(), kTrees);
      forest_seconds_ = CpuSeconds() - start;
    }
    IndexRun run{"forest " + std::to_string(candidates),
                 "forest of " + std::to_string(kTrees) + " random-projection trees, at least " +
                     std::to_string(candidates) + " products compared"};
    run.build_cpu_seconds = forest_seconds_;
    run.bytes_per_item = static_cast<double>(forest_->size_bytes()) /
                             static_cast<double>(std::max<size_t>(rows_.rows, 1)) +
                         static_cast<double>(rows_.cols * sizeof(float));
    Ask([&](ItemIndex q) { return forest_->Search(rows_.row(q), kDepth + 1, candidates); }, run);
    return run;
  }

  IndexRun Graph(size_t breadth) {
    constexpr size_t kDegree = 16;
    if (!graph_) {
      const double start = CpuSeconds();
      graph_.emplace(rows_.rows, rows_.cols, kDegree, 100);
      for (ItemIndex i = 0; i < rows_.rows; ++i) graph_->Add(i, rows_.row(i));
      graph_seconds_ = CpuSeconds() - start;
    }
    IndexRun run{"hnswlib " + std::to_string(breadth),
                 "graph of small worlds, 16 links, breadth " + std::to_string(breadth)};
    run.build_cpu_seconds = graph_seconds_;
    // The levels above the ground add a fifteenth of the products, with half as many links.
    run.bytes_per_item = static_cast<double>(graph_->bytes_per_item()) + kDegree * 4.0 / 15;
    graph_->SetBreadth(std::max(breadth, kDepth + 1));
    Ask([&](ItemIndex q) { return graph_->Search(rows_.row(q), kDepth + 1); }, run);
    return run;
  }

  const ReportInput& input_;
  std::vector<uint32_t> sample_;
  Matrix rows_;
  std::vector<ItemIndex> queries_;
  std::vector<std::vector<ScoredItem>> truth_;
  std::optional<ProjectionForest> forest_;
  std::optional<SmallWorldGraph> graph_;
  double forest_seconds_ = 0, graph_seconds_ = 0;
};

}  // namespace

Json MeasureComparison(const ReportInput& input) {
  return {{"mining", Miners(input)},
          {"indexes", input.vectors.rows > 1 ? IndexComparison(input).Run() : Json(nullptr)}};
}

}  // namespace vitrine
