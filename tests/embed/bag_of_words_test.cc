#include "indexer/embed/bag_of_words.h"

#include <cmath>

#include "indexer/support/files.h"
#include "indexer/support/npy.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

// scikit-learn's answer for the same texts and categories, as a dense .npy; false when this machine
// has no scikit-learn. The words kept at the edge of max_features depend on an unstable sort there,
// so it is told our vocabulary, and checked that it would keep words of the same frequencies.
constexpr const char* kScript = R"(
import sys, numpy as np, scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer, CountVectorizer
from sklearn.preprocessing import OneHotEncoder
folder, sublinear, smooth, limit = sys.argv[1], sys.argv[2] == '1', sys.argv[3] == '1', int(sys.argv[4])
rows = [line.split('\x1f') for line in open(folder + '/rows.txt', encoding='utf-8').read().split('\x1e')[:-1]]
texts = [r[0] for r in rows]
vocabulary = open(folder + '/vocabulary.txt', encoding='utf-8').read().split('\n')[:-1]
counter = CountVectorizer()
totals = np.asarray(counter.fit_transform(texts).sum(axis=0)).ravel()
ours = sorted(totals[[counter.vocabulary_[w] for w in vocabulary]])
theirs = sorted(np.sort(totals)[::-1][:limit])
assert ours == theirs, 'other words are kept'
assert vocabulary == sorted(vocabulary)
tfidf = TfidfVectorizer(vocabulary=vocabulary, sublinear_tf=sublinear, smooth_idf=smooth).fit_transform(texts)
one_hot = OneHotEncoder().fit_transform([r[1:] for r in rows])
dense = sp.hstack([tfidf, one_hot]).toarray().astype('<f4')
np.save(folder + '/expected.npy', dense)
)";

bool ScikitLearn(const std::filesystem::path& folder, const BagOfWords& options) {
  const std::string python = "/usr/bin/python3 ";
  if (std::system((python + "-c 'import sklearn, scipy' >/dev/null 2>&1").c_str()) != 0) {
    return false;
  }
  REQUIRE(WriteFileAtomically(folder / "sk.py", std::string_view(kScript)).ok());
  const std::string command = python + (folder / "sk.py").string() + " " + folder.string() + " " +
                              (options.sublinear_tf ? "1" : "0") + " " +
                              (options.smooth_idf ? "1 " : "0 ") +
                              std::to_string(options.max_features);
  REQUIRE(std::system(command.c_str()) == 0);
  return true;
}

}  // namespace

TEST_CASE("TF-IDF and one-hot columns equal scikit-learn's to 1e-6 on a real catalogue") {
  const std::vector<Product> products = FashionSmall();
  if (products.empty()) return;
  for (const auto& [sublinear, smooth] : {std::pair(false, true), std::pair(true, false)}) {
    BagOfWords options;
    options.fields = {"title", "audience", "colour", "department", "description"};
    options.one_hot = {"audience", "colour", "department"};
    options.max_features = 5'000;
    options.sublinear_tf = sublinear;
    options.smooth_idf = smooth;
    const BagOfWordsResult ours = MakeBagOfWords(products, options);
    TemporaryFolder folder;
    std::string rows, vocabulary;
    for (const Product& product : products) {
      rows += TextOf(product, options.fields);
      for (const std::string& field : options.one_hot) {
        rows += "\x1f" + std::string(FieldOf(product, field));
      }
      rows += "\x1e";
    }
    for (size_t i = 0; i < options.max_features; ++i) vocabulary += ours.columns[i] + "\n";
    REQUIRE(WriteFileAtomically(folder / "rows.txt", std::string_view(rows)).ok());
    REQUIRE(WriteFileAtomically(folder / "vocabulary.txt", std::string_view(vocabulary)).ok());
    if (!ScikitLearn(folder.path(), options)) {
      MESSAGE("skipped: /usr/bin/python3 has no scikit-learn (scripts/setup.sh reference)");
      return;
    }
    auto expected = NpyFile::Open(folder / "expected.npy");
    REQUIRE(expected.ok());
    REQUIRE(expected.value().view().rows == ours.rows.rows());
    REQUIRE(expected.value().view().cols == ours.rows.cols);
    double worst = 0;
    for (size_t i = 0; i < ours.rows.rows(); ++i) {
      std::vector<float> row(ours.rows.cols);
      for (uint64_t k = ours.rows.offset[i]; k < ours.rows.offset[i + 1]; ++k) {
        row[ours.rows.column[k]] = ours.rows.value[k];
      }
      const auto want = expected.value().view().row(i);
      for (size_t j = 0; j < row.size(); ++j) {
        worst = std::max(worst, std::abs(static_cast<double>(row[j]) - want[j]));
      }
    }
    CHECK(worst < 1e-6);
  }
}

TEST_CASE("TF-IDF weighs by hand-computed numbers") {
  const std::vector<std::string> texts = {"red dress", "red red shoe"};
  const TfidfVectorizer tfidf = TfidfVectorizer::Fit(texts, BagOfWords{});
  CHECK(tfidf.vocabulary() == std::vector<std::string>{"dress", "red", "shoe"});
  CHECK(tfidf.idf()[0] == doctest::Approx(std::log(3.0 / 2) + 1));
  CHECK(tfidf.idf()[1] == doctest::Approx(1.0));
  SparseMatrix rows;
  tfidf.AppendRow("dress red", rows);
  const double idf = std::log(1.5) + 1, norm = std::sqrt(idf * idf + 1);
  REQUIRE(rows.value.size() == 2);
  CHECK(rows.value[0] == doctest::Approx(idf / norm));
  CHECK(rows.value[1] == doctest::Approx(1 / norm));
}

TEST_CASE("of the words at the edge the first in byte order stay") {
  const std::vector<std::string> texts = {"bb aa cc cc dd"};
  BagOfWords options;
  options.max_features = 2;
  CHECK(TfidfVectorizer::Fit(texts, options).vocabulary() == std::vector<std::string>{"aa", "cc"});
}
