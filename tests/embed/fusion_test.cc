// Fusing blocks and choosing their weights, against slow counts in double precision.
#include "indexer/embed/fusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "indexer/embed/embed.h"
#include "indexer/embed/precision.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

using Labels = std::vector<uint32_t>;

Matrix RandomRows(size_t rows, size_t cols, uint32_t seed) {
  std::mt19937 random(seed);
  Matrix matrix(rows, cols);
  for (float& value : matrix.data) value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  return matrix;
}

// Rows near one of `kinds` corners, with some noise: a block that knows a label.
Matrix RowsOfKinds(const Labels& labels, size_t kinds, float noise, uint32_t seed) {
  Matrix matrix = RandomRows(labels.size(), kinds, seed);
  for (float& value : matrix.data) value *= noise;
  for (size_t i = 0; i < labels.size(); ++i) matrix.row(i)[labels[i]] += 1;
  return matrix;
}

Labels RandomLabels(size_t count, uint32_t kinds, uint32_t seed) {
  std::mt19937 random(seed);
  Labels labels(count);
  for (uint32_t& label : labels) label = static_cast<uint32_t>(random() % kinds);
  return labels;
}

double Dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

double Cosine(std::span<const float> a, std::span<const float> b) {
  return Dot(a, b) / std::sqrt(Dot(a, a) * Dot(b, b));
}

// Of the k nearest others of every product with a label, the share with the same one.
double SlowPrecision(const Matrix& rows, const Labels& labels, size_t k) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < rows.rows; ++i) {
    if (labels[i] == kNoLabel) continue;
    std::vector<std::pair<double, size_t>> others;
    for (size_t j = 0; j < rows.rows; ++j) {
      if (j != i) others.emplace_back(-Dot(rows.row(i), rows.row(j)), j);
    }
    std::sort(others.begin(), others.end());
    others.resize(std::min(k, others.size()));
    double same = 0;
    for (const auto& [distance, j] : others) same += labels[j] == labels[i];
    sum += same / static_cast<double>(others.size());
    count += 1;
  }
  return sum / count;
}

}  // namespace

TEST_CASE(
    "precision at k is what a slow count gives, also with ties and products without a label") {
  Matrix rows(90, 3);  // few different values, so that many are equally near
  std::mt19937 random(7);
  for (float& value : rows.data) value = static_cast<float>(random() % 3);
  const std::vector<Labels> labels = {RandomLabels(90, 4, 8), RandomLabels(90, 2, 9)};
  std::vector<Labels> gaps = labels;
  for (size_t i = 0; i < 90; i += 5) gaps[0][i] = kNoLabel;
  const auto queries = SpreadQueries(90, 90);
  const Matrix similarity = Similarity(rows.view(), queries, 2);
  for (size_t k : {1, 10, 200}) {
    CAPTURE(k);
    const auto shares = PrecisionAtK(similarity.view(), queries, gaps, k, 2);
    CHECK(shares[0] == doctest::Approx(SlowPrecision(rows, gaps[0], k)));
    CHECK(shares[1] == doctest::Approx(SlowPrecision(rows, gaps[1], k)));
  }
  const std::vector<Labels> none = {Labels(90, kNoLabel)};
  CHECK(std::isnan(PrecisionAtK(similarity.view(), queries, none, 10, 1)[0]));
}

TEST_CASE("a fused cosine is the mean of the blocks' cosines by the squares of their weights") {
  std::vector<Matrix> blocks = {RandomRows(20, 6, 1), RandomRows(20, 11, 2)};
  std::ranges::fill(blocks[1].row(4), 0.0f);  // a product without a photo
  for (Matrix& block : blocks) block = MakeBlock(std::move(block), 256, 1);
  const std::vector<float> weights = {1.0f, 0.5f};
  const Matrix fused = Fuse(blocks, weights);
  for (size_t j = 0; j < 20; ++j) {
    const double words = Cosine(blocks[0].row(3), blocks[0].row(j));
    if (j == 4) continue;
    const double photos = Cosine(blocks[1].row(3), blocks[1].row(j));
    CHECK(Dot(fused.row(3), fused.row(j)) ==
          doctest::Approx((words + 0.25 * photos) / 1.25).epsilon(1e-5));
  }
  CHECK(Dot(fused.row(4), fused.row(4)) == doctest::Approx(1));  // its words alone
  CHECK(std::ranges::all_of(fused.row(4).subspan(6), [](float value) { return value == 0; }));
}

TEST_CASE("a block that is too wide keeps the cosines of its rows around their mean") {
  // 60 rows in 5 of 40 dimensions, so that five principal components hold all there is.
  const Matrix few = RandomRows(60, 5, 3), axes = RandomRows(5, 40, 4);
  Matrix rows(60, 40);
  for (size_t i = 0; i < 60; ++i) {
    for (size_t k = 0; k < 5; ++k) {
      for (size_t j = 0; j < 40; ++j) rows.row(i)[j] += few.row(i)[k] * axes.row(k)[j];
    }
  }
  Matrix centred = rows;
  NormaliseRows(centred);
  for (size_t j = 0; j < 40; ++j) {
    double mean = 0;
    for (size_t i = 0; i < 60; ++i) mean += centred.row(i)[j] / 60;
    for (size_t i = 0; i < 60; ++i) centred.row(i)[j] -= static_cast<float>(mean);
  }
  const Matrix block = MakeBlock(rows, 5, 2);
  REQUIRE(block.cols == 5);
  for (size_t i = 1; i < 60; ++i) {
    CHECK(Dot(block.row(0), block.row(i)) ==
          doctest::Approx(Cosine(centred.row(0), centred.row(i))).epsilon(1e-3));
  }
}

TEST_CASE("tuned weights are better than the given ones and than any single change of them") {
  const std::vector<Labels> labels = {RandomLabels(240, 6, 10), RandomLabels(240, 4, 11)};
  std::vector<Matrix> blocks = {RowsOfKinds(labels[0], 6, 0.9f, 12),
                                RowsOfKinds(labels[1], 4, 0.7f, 13), RandomRows(240, 8, 14)};
  for (Matrix& block : blocks) block = MakeBlock(std::move(block), 256, 1);
  const auto quality = [&](const std::vector<float>& weights) {
    const Matrix fused = Fuse(blocks, weights);
    return (SlowPrecision(fused, labels[0], 10) + SlowPrecision(fused, labels[1], 10)) / 2;
  };
  const std::vector<float> given = {1, 1, 1};
  const std::vector<float> tuned = TuneWeights(blocks, given, labels, 2);
  REQUIRE(tuned.size() == 3);
  const double best = quality(tuned);
  MESSAGE("given ", quality(given), ", tuned ", best);
  CHECK(best > quality(given) + 0.05);
  CHECK(tuned[0] > 0);
  CHECK(tuned[1] > 0);
  CHECK(tuned[2] < std::min(tuned[0], tuned[1]));  // which knows nothing
  for (size_t b = 0; b < 3; ++b) {
    for (float weight : {0.0f, 0.25f, 0.5f, 0.7f, 1.0f, 1.4f, 2.0f, 4.0f}) {
      std::vector<float> other = tuned;
      other[b] = weight;
      CAPTURE(b);
      CAPTURE(weight);
      CHECK(quality(other) <= best + 1e-9);
    }
  }
  // Where nothing tells one weight from another, the given ones stay.
  const std::vector<Labels> none = {Labels(240, kNoLabel)};
  CHECK(TuneWeights(blocks, given, none, 1) == given);
}

TEST_CASE("the tuned weight of words in a joint space is on the side that knows the label") {
  const std::vector<Labels> labels = {RandomLabels(150, 5, 20)};
  Matrix knows = RowsOfKinds(labels[0], 5, 0.2f, 21), noise = RandomRows(150, 5, 22);
  NormaliseRows(knows);
  NormaliseRows(noise);
  CHECK(TuneJointWeight(noise, knows, 0.5f, labels, 1) > 0.5f);
  CHECK(TuneJointWeight(knows, noise, 0.5f, labels, 1) < 0.5f);
}

TEST_CASE("a catalogue tuned by a field has the vectors of the weights that are reported") {
  const std::array words = {"oak", "elm", "ash", "fir", "yew"};
  std::vector<Product> products;
  for (int i = 0; i < 120; ++i) {
    // Only one encoder sees the department.
    std::string title;
    for (int w = 0; w < 4; ++w)
      title += std::string(words[static_cast<size_t>(i * 7 + w * i) % 5]) + " ";
    products.push_back(MakeProduct(std::to_string(i), title));
    products.back().colour = words[static_cast<size_t>(i / 3) % 5];
    products.back().department = words[static_cast<size_t>(i * i) % 5];
  }
  TemporaryFolder folder;
  const auto profile = [&](const std::string& name, const std::string& one_hot, double weight) {
    std::ofstream(folder / (name + ".json"))
        << R"({"name": ")" << name << R"(", "weight": )" << weight
        << R"(, "bag_of_words": {"fields": ["title"], "one_hot": [")" << one_hot << R"("]}})";
  };
  profile("colours", "colour", 2);
  profile("departments", "department", 0.25);
  EmbedOptions options;
  options.profile_dir = folder.path();
  options.encoders = {"colours", "departments"};
  options.tune_by = {"department"};
  Console console(Console::Level::kQuiet);
  const auto tuned = EmbedCatalogue(products, options, console);
  REQUIRE_MESSAGE(tuned.ok(), tuned.error().message);
  const std::vector<float>& weights = tuned.value().weights;
  CHECK(weights[1] >= weights[0]);
  options.tune_by.clear();
  const auto plain = EmbedCatalogue(products, options, console);
  CHECK(plain.value().weights == std::vector<float>{2, 0.25f});
  options.weights = weights;
  CHECK(EmbedCatalogue(products, options, console).value().vectors.data ==
        tuned.value().vectors.data);
  const Labels departments = LabelsOf(products, "department");
  CHECK(SlowPrecision(tuned.value().vectors, departments, 10) >
        SlowPrecision(plain.value().vectors, departments, 10));
  options.weights = {1};
  CHECK_FALSE(EmbedCatalogue(products, options, console).ok());
}
