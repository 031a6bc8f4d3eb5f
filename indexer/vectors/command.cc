// `vitrine index` and `vitrine search`: the vector section alone.
#include "indexer/command.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>

#include "indexer/support/files.h"
#include "indexer/support/npy.h"
#include "indexer/vectors/delta.h"
#include "indexer/vectors/nearest.h"
#include "indexer/vectors/order.h"
#include "indexer/vectors/parallel.h"
#include "indexer/vectors/pca.h"
#include "indexer/vectors/quantizer.h"
#include "shared/section.h"
#include "shared/vectors/index.h"

namespace vitrine {
namespace {

std::string Decimal(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

Status WriteReport(const Context& context, const nlohmann::json& report) {
  if (context.report_path.empty()) return Ok();
  return WriteFileAtomically(context.report_path, report.dump(2) + "\n");
}

// Lines of a file; the last may lack its newline.
Result<std::vector<std::string>> ReadLines(const std::string& path) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  std::vector<std::string> lines;
  std::string line;
  for (uint8_t c : bytes) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    line.clear();
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

// A section file of one kind.
struct SectionFile {
  Bytes bytes;
  ByteView payload;  // into bytes

  static Result<SectionFile> Read(const std::string& path, SectionKind kind) {
    SectionFile file;
    VITRINE_ASSIGN(file.bytes, ReadFile(path));
    const auto section = OpenSection(file.bytes);
    if (!section.ok()) return Error{path + ": " + section.error().message};
    if (section.value().kind != kind || section.value().version != kVectorSectionVersion) {
      return Error{path + ": not a vector " +
                   (kind == SectionKind::kVectors ? "section" : "delta") + " of version " +
                   std::to_string(kVectorSectionVersion) + "; build it with `vitrine index`"};
    }
    file.payload = section.value().payload;
    return file;
  }
};

// FILE.ids: for each item of a section its id and its row in the embeddings.
struct IdTable {
  std::vector<std::string> ids;  // by position in the section
  std::vector<size_t> rows;      // the row of the embeddings it was built from
};

Result<IdTable> ReadIdTable(const std::string& path, size_t expected) {
  VITRINE_ASSIGN(const std::vector<std::string> lines, ReadLines(path));
  if (lines.size() != expected) {
    return Error{path + ": " + std::to_string(lines.size()) + " ids, but the index holds " +
                 std::to_string(expected) + " items; run `vitrine index` again"};
  }
  IdTable table;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t tab = lines[i].find('\t');
    size_t row = 0;
    const char* begin = lines[i].data() + (tab == std::string::npos ? 0 : tab + 1);
    const char* end = lines[i].data() + lines[i].size();
    const auto parsed = std::from_chars(begin, end, row);
    if (tab == std::string::npos || parsed.ec != std::errc() || parsed.ptr != end ||
        row >= expected) {
      return Error{path + ":" + std::to_string(i + 1) + ": expected an id, a tab and a row number"};
    }
    table.ids.push_back(lines[i].substr(0, tab));
    table.rows.push_back(row);
  }
  return table;
}

// The section, and beside it what its items are.
Status WriteIndex(const std::string& path, std::span<const uint32_t> order,
                  const std::vector<std::string>& ids, ByteView file) {
  std::string lines;
  for (uint32_t row : order) lines += ids[row] + "\t" + std::to_string(row) + "\n";
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(path + ".ids", lines));
  return WriteFileAtomically(path, file);
}

// ---- index

struct IndexOptions {
  std::string embeddings, ids, query_sample, base, out;
  QuantizerOptions quantizer;
};

Status CheckIds(const std::vector<std::string>& ids, size_t rows, const IndexOptions& options) {
  if (ids.size() != rows) {
    return Error{options.ids + ": " + std::to_string(ids.size()) + " ids, but " +
                 options.embeddings + " has " + std::to_string(rows) +
                 " rows; write one id a line, in the order of the rows"};
  }
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string where = options.ids + ":" + std::to_string(i + 1) + ": ";
    if (ids[i].empty()) return Error{where + "empty id"};
    if (ids[i].find('\t') != std::string::npos) return Error{where + "an id must not hold a tab"};
    if (!seen.insert(ids[i]).second) return Error{where + "id '" + ids[i] + "' stands here twice"};
  }
  return Ok();
}

// What changed since the section options.base.
Status IndexDelta(const IndexOptions& options, MatrixView rows, const std::vector<std::string>& ids,
                  Context& context) {
  VITRINE_ASSIGN(const SectionFile base, SectionFile::Read(options.base, SectionKind::kVectors));
  VITRINE_ASSIGN(const VectorIndex index, VectorIndex::Open(base.payload));
  VITRINE_ASSIGN(const IdTable table, ReadIdTable(options.base + ".ids", index.size()));
  VITRINE_ASSIGN(const DayOrder day, OrderForDelta(base.payload, table.ids, rows, ids));
  VITRINE_ASSIGN(const Bytes payload,
                 BuildVectorDelta(base.payload, rows, day, options.quantizer.threads));
  const Bytes file = FrameSection(SectionKind::kVectorDelta, kVectorSectionVersion, payload);
  VITRINE_RETURN_IF_ERROR(WriteIndex(options.out, day.row, ids, file));
  const auto fresh = std::count(day.origin.begin(), day.origin.end(), kNoItem);
  context.console.Info(std::to_string(rows.rows) + " items: " + std::to_string(fresh) +
                       " new or changed, " + std::to_string(day.gone) + " gone; " +
                       std::to_string(file.size()) + " bytes to download in place of " +
                       std::to_string(base.bytes.size()));
  return WriteReport(
      context,
      {{"items", rows.rows}, {"fresh", fresh}, {"gone", day.gone}, {"size_bytes", file.size()}});
}

Status RunIndex(const IndexOptions& options, Context& context) {
  VITRINE_ASSIGN(const NpyFile npy, NpyFile::Open(options.embeddings));
  const MatrixView rows = npy.view();
  VITRINE_ASSIGN(const std::vector<std::string> ids, ReadLines(options.ids));
  VITRINE_RETURN_IF_ERROR(CheckIds(ids, rows.rows, options));
  size_t blank = 0, first_blank = 0;
  for (size_t i = rows.rows; i-- > 0;) {
    if (IsBlank(rows.row(i))) ++blank, first_blank = i;
  }
  if (blank > 0) {
    context.console.Warn(options.embeddings + ": " + std::to_string(blank) +
                         " rows are zero or not finite (the first is row " +
                         std::to_string(first_blank) + ", id '" + ids[first_blank] +
                         "'); no search will find them");
  }
  if (!options.base.empty()) return IndexDelta(options, rows, ids, context);
  const std::vector<uint32_t> order = NeighbourOrder(rows, options.quantizer.threads);
  QuantizerOptions quantizer = options.quantizer;
  quantizer.order = order;
  std::optional<NpyFile> sample;
  if (!options.query_sample.empty()) {
    VITRINE_ASSIGN(sample, NpyFile::Open(options.query_sample));
    quantizer.other_queries = sample->view();
  }
  VITRINE_ASSIGN(const Bytes payload, BuildVectorSection(rows, quantizer));
  const Bytes file = FrameSection(SectionKind::kVectors, kVectorSectionVersion, payload);
  VITRINE_RETURN_IF_ERROR(WriteIndex(options.out, order, ids, file));
  const double per_item = rows.rows ? static_cast<double>(file.size()) / rows.rows : 0;
  context.console.Info("indexed " + std::to_string(rows.rows) + " x " + std::to_string(rows.cols) +
                       ": " + std::to_string(file.size()) + " bytes, " + Decimal(per_item, 1) +
                       " per item");
  return WriteReport(context, {{"items", rows.rows},
                               {"dimensions", rows.cols},
                               {"blank_rows", blank},
                               {"size_bytes", file.size()},
                               {"bytes_per_item", per_item}});
}

// ---- search

struct SearchOptions {
  std::string index, delta, queries, exact;
  size_t k = 20;
};

using Lists = std::vector<std::vector<ScoredItem>>;

// Recall and regret of `answers` (positions in the section) against exact cosines.
struct Quality {
  double recall = 0;
  double regret = 0;  // mean cosine lost per returned item
};

Quality Compare(MatrixView exact, MatrixView queries, const IdTable& table, const Lists& answers,
                size_t k) {
  std::vector<double> recall(queries.rows), regret(queries.rows);
  std::vector<uint8_t> counted(queries.rows, 0);
  ParallelChunks(queries.rows, 8, 0, [&](size_t begin, size_t end) {
    for (size_t q = begin; q < end; ++q) {
      const std::vector<ScoredItem> truth = NearestToQuery(exact, queries.row(q), k);
      if (truth.empty()) continue;
      counted[q] = 1;
      double best = 0, got = 0;
      size_t found = 0;
      for (const ScoredItem& hit : truth) best += hit.score;
      for (const ScoredItem& answer : answers[q]) {
        const size_t row = table.rows[answer.item];
        got += Cosine(exact.row(row), queries.row(q));
        found += std::any_of(truth.begin(), truth.end(),
                             [row](const ScoredItem& hit) { return hit.item == row; });
      }
      const double size = static_cast<double>(truth.size());
      recall[q] = static_cast<double>(found) / size;
      regret[q] = (best - got) / size;
    }
  });
  Quality mean;
  double count = 0;
  for (size_t q = 0; q < queries.rows; ++q) {
    mean.recall += recall[q];
    mean.regret += regret[q];
    count += counted[q];
  }
  if (count > 0) mean.recall /= count, mean.regret /= count;
  return mean;
}

Status RunSearch(const SearchOptions& options, Context& context) {
  VITRINE_ASSIGN(const SectionFile section,
                 SectionFile::Read(options.index, SectionKind::kVectors));
  VITRINE_ASSIGN(VectorIndex index, VectorIndex::Open(section.payload));
  if (!options.delta.empty()) {
    VITRINE_ASSIGN(const SectionFile delta,
                   SectionFile::Read(options.delta, SectionKind::kVectorDelta));
    VITRINE_RETURN_IF_ERROR(index.Apply(delta.payload));
  }
  const std::string& names = options.delta.empty() ? options.index : options.delta;
  VITRINE_ASSIGN(const IdTable table, ReadIdTable(names + ".ids", index.size()));
  VITRINE_ASSIGN(const NpyFile queries, NpyFile::Open(options.queries));
  const MatrixView rows = queries.view();
  if (rows.rows > 0 && index.size() > 0 && rows.cols != index.dimensions()) {
    return Error{options.queries + ": " + std::to_string(rows.cols) +
                 " dimensions, but the index has " + std::to_string(index.dimensions())};
  }
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Lists answers;
  for (size_t q = 0; q < rows.rows; ++q) answers.push_back(index.Search(rows.row(q), options.k));
  const double milliseconds =
      std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  const double per_query = rows.rows ? milliseconds / static_cast<double>(rows.rows) : 0;
  std::string text = "query\trank\tid\tscore\n";
  for (size_t q = 0; q < answers.size(); ++q) {
    for (size_t r = 0; r < answers[q].size(); ++r) {
      text += std::to_string(q) + "\t" + std::to_string(r + 1) + "\t" +
              table.ids[answers[q][r].item] + "\t" + Decimal(answers[q][r].score, 6) + "\n";
    }
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  nlohmann::json report = {{"items", index.size()},
                           {"queries", rows.rows},
                           {"size_bytes", section.bytes.size()},
                           {"ms_per_query", per_query}};
  if (!options.exact.empty()) {
    VITRINE_ASSIGN(const NpyFile exact, NpyFile::Open(options.exact));
    if (exact.view().rows != index.size() || exact.view().cols != rows.cols) {
      return Error{options.exact + ": must be the embeddings that the index was built from"};
    }
    const Quality quality = Compare(exact.view(), rows, table, answers, options.k);
    const std::string at_k = "recall@" + std::to_string(options.k);
    std::fprintf(stderr, "%s %.4f  regret %.5f  %.4f ms/query  %.1f bytes/item\n", at_k.c_str(),
                 quality.recall, quality.regret, per_query,
                 index.size() ? static_cast<double>(section.bytes.size()) / index.size() : 0.0);
    report[at_k] = quality.recall;
    report["regret"] = quality.regret;
  }
  return WriteReport(context, report);
}

}  // namespace

void AddVectorCommands(Commands& commands) {
  auto index = std::make_shared<IndexOptions>();
  CLI::App* app = commands.Add("index", "quantized vectors from embeddings",
                               [index](Context& context) { return RunIndex(*index, context); });
  app->add_option("--embeddings", index->embeddings, "float32 matrix, one row an item")
      ->type_name("E.npy")
      ->required();
  app->add_option("--ids", index->ids, "the items' ids, one a line, in the order of the rows")
      ->type_name("ids.txt")
      ->required();
  app->add_option("--bytes-per-item", index->quantizer.bytes_per_item,
                  "size of the section per item; less = smaller download, more = truer neighbours")
      ->capture_default_str();
  app->add_option(
         "--query-sample", index->query_sample,
         "queries of another kind than the items (texts, shoppers' photos), a few dozen or "
         "more: keeps them accurate too")
      ->type_name("Q.npy");
  app->add_option("--base", index->base,
                  "a section of an earlier day (with its .ids): writes only what changed since")
      ->type_name("FILE");
  app->add_option("--threads", index->quantizer.threads, "0 = as many as the machine has")
      ->capture_default_str();
  app->add_option("--out", index->out, "the section; FILE.ids beside it names its items")
      ->type_name("FILE")
      ->required();

  auto search = std::make_shared<SearchOptions>();
  app = commands.Add("search", "nearest items of queries, as TSV: query rank id score",
                     [search](Context& context) { return RunSearch(*search, context); });
  app->add_option("--index", search->index, "a section written by `vitrine index`")
      ->type_name("FILE")
      ->required();
  app->add_option("--delta", search->delta, "what changed since, from `vitrine index --base`")
      ->type_name("FILE");
  app->add_option("--queries", search->queries, "float32 matrix, one row a query")
      ->type_name("Q.npy")
      ->required();
  app->add_option("-k", search->k, "answers per query")->capture_default_str();
  app->add_option("--exact", search->exact,
                  "the embeddings of the index: also prints recall, regret and ms per query")
      ->type_name("E.npy");
}

}  // namespace vitrine
