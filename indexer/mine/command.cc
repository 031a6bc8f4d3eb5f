// `vitrine mine`: frequent itemsets and rules of a basket file.
#include "indexer/command.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "indexer/mine/association.h"
#include "indexer/mine/basket_source.h"
#include "indexer/mine/fpgrowth.h"
#include "indexer/mine/itemset_writer.h"
#include "indexer/mine/measures.h"
#include "indexer/mine/partners_command.h"
#include "indexer/mine/text_output.h"

namespace vitrine {
namespace {

using Names = std::vector<std::string>;

struct Flags {
  std::string baskets;
  std::string format = "fimi";
  std::optional<uint64_t> min_count;
  std::string min_support;
  std::string kind = "all";
  std::string algorithm = "fpgrowth";
  std::vector<std::string> required, forbidden;
  std::string weights, times;
  double half_life_days = 0;
  std::string memory;
  std::string min_confidence = "0.5";
  std::string min_lift = "0";
  std::string min_improvement;
  uint32_t max_consequent = 0;
  uint64_t max_rules = 50'000'000;
  std::string itemsets_path, rules_path;
  bool count_only = false;
  bool all_measures = false;
  ItemsetOptions options;
};

const std::map<std::string, ItemsetKind> kKinds = {{"all", ItemsetKind::kAll},
                                                   {"closed", ItemsetKind::kClosed},
                                                   {"maximal", ItemsetKind::kMaximal}};

// Names of a set, separated by one space. Item numbers follow the byte order of names.
void AddSet(std::span<const uint32_t> set, const Names& names, TextOutput& out) {
  for (size_t i = 0; i < set.size(); ++i) {
    if (i > 0) out.Add(' ');
    out.Add(names[set[i]]);
  }
}

class RuleWriter : public RuleSink {
 public:
  static constexpr size_t kPromised = 5;  // measures that rules.tsv always has

  RuleWriter(const Names& names, bool all_measures, TextOutput& out)
      : names_(names), measures_(all_measures ? kMeasures : kPromised), out_(out) {
    out_.Add("antecedent\tconsequent\tcount");
    for (size_t m = 0; m < measures_; ++m) {
      out_.Add('\t');
      out_.Add(kMeasureNames[m]);
    }
    out_.Add('\n');
  }

  void Rule(std::span<const uint32_t> antecedent, std::span<const uint32_t> consequent,
            const RuleCounts& counts) override {
    AddSet(antecedent, names_, out_);
    out_.Add('\t');
    AddSet(consequent, names_, out_);
    out_.Add('\t');
    out_.Add(counts.both);
    const auto values = MeasuresOf(counts);
    for (size_t m = 0; m < measures_; ++m) {
      out_.Add('\t');
      out_.Add(values[m]);
    }
    out_.Add('\n');
    ++rules_;
  }
  uint64_t rules() const { return rules_; }

 private:
  const Names& names_;
  size_t measures_;
  TextOutput& out_;
  uint64_t rules_ = 0;
};

Result<uint64_t> MinCount(const Flags& flags, uint64_t baskets) {
  if (flags.min_count && !flags.min_support.empty()) {
    return UsageError("--min-count and --min-support exclude each other");
  }
  if (flags.min_count) {
    if (*flags.min_count < 1) return UsageError("--min-count must be at least 1");
    return *flags.min_count;
  }
  if (flags.min_support.empty()) return UsageError("give --min-count N or --min-support F");
  auto share = ParseDecimal(flags.min_support);
  if (!share.ok()) return UsageError("--min-support: " + share.error().message);
  if (share.value().numerator > share.value().denominator) {
    return UsageError("--min-support is a share of the baskets, 0..1; for a count use --min-count");
  }
  return std::max<uint64_t>(1, CountAtLeast(share.value(), baskets));
}

Result<Decimal> ParseFlag(const char* flag, const std::string& text) {
  auto value = ParseDecimal(text);
  if (!value.ok()) return UsageError(std::string(flag) + ": " + value.error().message);
  return value;
}

Result<RuleOptions> ParseRuleOptions(const Flags& flags) {
  RuleOptions options;
  VITRINE_ASSIGN(options.min_confidence, ParseFlag("--min-confidence", flags.min_confidence));
  VITRINE_ASSIGN(options.min_lift, ParseFlag("--min-lift", flags.min_lift));
  options.prune = !flags.min_improvement.empty();
  if (options.prune) {
    VITRINE_ASSIGN(options.min_improvement, ParseFlag("--min-improvement", flags.min_improvement));
  }
  options.max_consequent = flags.max_consequent;
  options.max_rules = flags.max_rules;
  return options;
}

// "256M" and the like, in powers of 1024.
Result<uint64_t> ParseBytes(std::string_view text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  const std::string_view unit(parsed.ptr, static_cast<size_t>(end - parsed.ptr));
  const std::map<std::string_view, int> shifts = {{"", 0}, {"K", 10}, {"M", 20}, {"G", 30}};
  const auto shift = shifts.find(unit);
  if (parsed.ec != std::errc() || shift == shifts.end() || value == 0 || value >> 30 != 0) {
    return UsageError("--memory: '" + std::string(text) + "' is not a size such as 256M or 2G");
  }
  return value << shift->second;
}

Result<std::unique_ptr<BasketSource>> OpenBaskets(const Flags& flags) {
  BasketFileOptions options;
  options.format = flags.format == "csv" ? BasketFormat::kCsv : BasketFormat::kFimi;
  options.weights = flags.weights;
  options.times = flags.times;
  options.condensed = flags.kind != "all";
  if (!flags.memory.empty()) {
    VITRINE_ASSIGN(options.memory_bytes, ParseBytes(flags.memory));
    if (flags.algorithm == "apriori") return UsageError("--memory is for --algorithm fpgrowth");
  }
  options.half_life_seconds = flags.half_life_days * 24 * 60 * 60;
  if (flags.times.empty() != (flags.half_life_days == 0)) {
    return UsageError("--times and --half-life-days need each other");
  }
  return BasketSource::Open(flags.baskets, options);
}

Status WriteItemsets(const Flags& flags, const RankedBaskets& ranked, const Names& names) {
  if (flags.count_only) {
    LengthCounter counter;
    VITRINE_RETURN_IF_ERROR(MineRanked(ranked, flags.options, counter));
    VITRINE_ASSIGN(TextOutput out, TextOutput::Create("-"));
    counter.Write(out);
    VITRINE_RETURN_IF_ERROR(out.Finish());
  }
  if (flags.itemsets_path.empty() && (flags.count_only || !flags.rules_path.empty())) return Ok();
  VITRINE_ASSIGN(TextOutput out,
                 TextOutput::Create(flags.itemsets_path.empty() ? "-" : flags.itemsets_path));
  ItemsetWriter writer(ranked.item, names, out);
  VITRINE_RETURN_IF_ERROR(MineRanked(ranked, flags.options, writer));
  writer.Finish();
  return out.Finish();
}

Status WriteRules(const Flags& flags, const RuleOptions& rule_options, const RankedBaskets& ranked,
                  const BasketSource& source, Console& console) {
  ItemsetOptions options = flags.options;
  options.kind = ItemsetKind::kAll;  // every part of an itemset must be there to split it
  CollectItemsets found;
  ItemsOfRanks items(ranked.item, found);
  VITRINE_RETURN_IF_ERROR(MineRanked(ranked, options, items));
  VITRINE_ASSIGN(TextOutput out, TextOutput::Create(flags.rules_path));
  RuleWriter writer(source.names(), flags.all_measures, out);
  VITRINE_RETURN_IF_ERROR(MineAssociations(found, source.total_weight(), rule_options, writer));
  console.Info(std::to_string(writer.rules()) + " rules");
  return out.Finish();
}

Status RunMine(Flags flags, Context& context) {
  VITRINE_ASSIGN(const RuleOptions rule_options, ParseRuleOptions(flags));
  if (!flags.rules_path.empty() && !flags.required.empty()) {
    return UsageError("--require leaves out the itemsets that rules are made of; filter the rules");
  }
  VITRINE_ASSIGN(const auto source, OpenBaskets(flags));
  ItemsetOptions& options = flags.options;
  VITRINE_ASSIGN(options.min_count, MinCount(flags, source->total_weight()));
  options.kind = kKinds.at(flags.kind);
  options.algorithm =
      flags.algorithm == "apriori" ? MiningAlgorithm::kApriori : MiningAlgorithm::kFpGrowth;
  context.console.Info(std::to_string(source->baskets()) + " baskets (" +
                       std::to_string(source->empty_baskets()) + " empty), " +
                       std::to_string(source->items()) + " items, minimum count " +
                       std::to_string(options.min_count));
  VITRINE_ASSIGN(const RankedBaskets ranked,
                 source->Rank(options.min_count, flags.required, flags.forbidden));
  VITRINE_RETURN_IF_ERROR(WriteItemsets(flags, ranked, source->names()));
  if (flags.rules_path.empty()) return Ok();
  return WriteRules(flags, rule_options, ranked, *source, context.console);
}

void AddItemsetOptions(CLI::App& app, Flags& flags) {
  app.add_option("--min-count", flags.min_count, "baskets that must hold an itemset, at least")
      ->type_name("N");
  app.add_option("--min-support", flags.min_support, "the same as a share of all baskets")
      ->type_name("F");
  app.add_option("--kind", flags.kind, "all; closed: no superset is as frequent; maximal: none is")
      ->check(CLI::IsMember({"all", "closed", "maximal"}))
      ->capture_default_str();
  app.add_option("--max-length", flags.options.max_length,
                 "items in an itemset, at most (0 = any)");
  app.add_option("--require", flags.required, "only itemsets with all of these items")
      ->delimiter(',');
  app.add_option("--forbid", flags.forbidden, "only itemsets with none of these items")
      ->delimiter(',');
  app.add_option("--weights", flags.weights,
                 "a file with one integer per basket: counts become sums of weights");
  app.add_option("--times", flags.times,
                 "a file with one Unix time per basket, for --half-life-days");
  app.add_option(
         "--half-life-days", flags.half_life_days,
         "a basket weighs 1048576, halved for each of these that it is older than the newest")
      ->check(CLI::PositiveNumber);
  app.add_option("--algorithm", flags.algorithm, "apriori is slow: a cross-check")
      ->check(CLI::IsMember({"fpgrowth", "apriori"}))
      ->capture_default_str();
  app.add_option("--threads", flags.options.threads, "the output is the same for any number")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option(
      "--memory", flags.memory,
      "for the baskets, at most, e.g. 256M; more are cut into parts on disk (in TMPDIR)");
  app.add_option("--max-itemsets", flags.options.max_itemsets,
                 "fail when there are more (0 = no limit)")
      ->capture_default_str();
  app.add_option("--max-seconds", flags.options.max_seconds,
                 "fail when mining takes longer (0 = no limit)")
      ->capture_default_str();
}

void AddRuleOptions(CLI::App& app, Flags& flags) {
  app.add_option("--min-confidence", flags.min_confidence, "of a rule")->capture_default_str();
  app.add_option("--min-lift", flags.min_lift, "of a rule")->capture_default_str();
  app.add_option("--min-improvement", flags.min_improvement,
                 "leave out rules that gain less confidence than this over a shorter antecedent");
  app.add_option("--max-consequent", flags.max_consequent,
                 "items on the right of a rule, at most (0 = any)");
  app.add_option("--max-rules", flags.max_rules, "fail when there are more (0 = no limit)")
      ->capture_default_str();
}

}  // namespace

void AddMineCommand(Commands& commands) {
  auto flags = std::make_shared<Flags>();
  flags->options.max_itemsets = 20'000'000;
  flags->options.max_seconds = 3600;
  CLI::App* app = commands.Add("mine", "frequent itemsets and association rules of a basket file",
                               [flags](Context& context) { return RunMine(*flags, context); });
  app->add_option("--baskets", flags->baskets, "basket file")->required()->type_name("FILE");
  app->add_option("--format", flags->format, "fimi: a basket a line; csv: rows basket_id,item_id")
      ->check(CLI::IsMember({"fimi", "csv"}))
      ->capture_default_str();
  AddItemsetOptions(*app, *flags);
  AddRuleOptions(*app, *flags);
  app->add_option("--itemsets", flags->itemsets_path, "write itemsets here (- = standard output)")
      ->type_name("OUT.tsv");
  app->add_option("--rules", flags->rules_path, "write rules here")->type_name("OUT.tsv");
  app->add_flag("--count-only", flags->count_only, "print how many itemsets of each length");
  app->add_flag("--all-measures", flags->all_measures,
                "more columns of rules.tsv: zhang jaccard certainty kulczynski …");
  AddPartnersCommand(commands);
}

}  // namespace vitrine
