// `vitrine partners`: the best partners of every item, from baskets or from a state that a nightly
// job keeps up to date.
#include "indexer/mine/partners_command.h"

#include <memory>
#include <string>
#include <vector>

#include "indexer/command.h"
#include "indexer/mine/pair_state.h"
#include "indexer/mine/partners.h"
#include "indexer/mine/text_output.h"

namespace vitrine {
namespace {

struct Flags {
  std::string state, save, out, format = "fimi", rank = "shrunk";
  std::vector<std::string> add, retire;
  PartnerOptions partners;
};

Status WritePartners(const Flags& flags, const PairView& pairs, Console& console) {
  console.Info(std::to_string(pairs.items()) + " items, " + std::to_string(pairs.pairs) + " pairs");
  const auto partners = TopPartners(pairs, flags.partners);
  VITRINE_ASSIGN(TextOutput out, TextOutput::Create(flags.out.empty() ? "-" : flags.out));
  out.Add("item\tpartner\tcount\tconfidence\tlift\tscore\n");
  size_t with_partner = 0;
  for (uint32_t i = 0; i < partners.size(); ++i) {
    with_partner += !partners[i].empty();
    for (const Partner& partner : partners[i]) {
      const double confidence =
          static_cast<double>(partner.count) / static_cast<double>(pairs.count[i]);
      out.Add(pairs.names[i]);
      out.Add('\t');
      out.Add(pairs.names[partner.item]);
      out.Add('\t');
      out.Add(uint64_t{partner.count});
      out.Add('\t');
      out.Add(confidence);
      out.Add('\t');
      out.Add(confidence * static_cast<double>(pairs.baskets) /
              static_cast<double>(pairs.count[partner.item]));
      out.Add('\t');
      out.Add(partner.score);
      out.Add('\n');
    }
  }
  console.Info(std::to_string(with_partner) + " of " + std::to_string(partners.size()) +
               " items have a partner");
  return out.Finish();
}

Status RunPartners(Flags flags, Context& context) {
  if (flags.state.empty() && flags.add.empty()) {
    return UsageError("give --state FILE, or baskets with --add FILE");
  }
  if (flags.state.empty() && !flags.retire.empty()) {
    return UsageError("--retire takes files away from a --state");
  }
  flags.partners.ranking = flags.rank == "count" ? PartnerRanking::kCount : PartnerRanking::kShrunk;
  PairCountOptions options;
  options.format = flags.format == "csv" ? BasketFormat::kCsv : BasketFormat::kFimi;
  options.max_basket = flags.partners.max_basket;
  options.threads = flags.partners.threads;
  const bool wants_partners = flags.save.empty() || !flags.out.empty();
  if (flags.state.empty() && flags.save.empty()) {  // nothing is kept: all files at once are faster
    VITRINE_ASSIGN(const PairCounts pairs,
                   PairCounts::Count({flags.add.begin(), flags.add.end()}, options));
    return WritePartners(flags, pairs.view(), context.console);
  }
  PairState state;
  if (!flags.state.empty()) {
    VITRINE_ASSIGN(state, PairState::Open(flags.state));
  }
  for (const std::string& file : flags.add) {
    VITRINE_RETURN_IF_ERROR(state.Add(file, options));
  }
  for (const std::string& file : flags.retire) {
    VITRINE_RETURN_IF_ERROR(state.Retire(file, options));
  }
  context.console.Info(std::to_string(state.baskets()) + " baskets");
  PairView view;
  if (wants_partners) {
    VITRINE_ASSIGN(view, state.Sum());
  }
  if (!flags.save.empty()) VITRINE_RETURN_IF_ERROR(state.Save(flags.save));
  return wants_partners ? WritePartners(flags, view, context.console) : Ok();
}

}  // namespace

void AddPartnersCommand(Commands& commands) {
  auto flags = std::make_shared<Flags>();
  CLI::App* app =
      commands.Add("partners", "the best partners of every item, without a minimum support",
                   [flags](Context& context) { return RunPartners(*flags, context); });
  app->add_option("--add", flags->add, "basket files to count")->type_name("FILE…");
  app->add_option("--retire", flags->retire, "basket files that were added once, to take away")
      ->type_name("FILE…");
  app->add_option("--state", flags->state, "pairs counted so far, from --save")->type_name("FILE");
  app->add_option("--save", flags->save, "write the counted pairs here (may be --state's file)")
      ->type_name("FILE");
  app->add_option("--format", flags->format, "fimi: a basket a line; csv: rows basket_id,item_id")
      ->check(CLI::IsMember({"fimi", "csv"}))
      ->capture_default_str();
  app->add_option("-k,--partners", flags->partners.partners, "per item")->capture_default_str();
  app->add_option("--min-count", flags->partners.min_count, "baskets with both, at least")
      ->capture_default_str();
  app->add_option("--max-basket", flags->partners.max_basket,
                  "the pairs of larger baskets are left out")
      ->capture_default_str();
  app->add_option("--rank", flags->rank,
                  "shrunk: how far from chance, small counts shrunk towards it; count")
      ->check(CLI::IsMember({"shrunk", "count"}))
      ->capture_default_str();
  app->add_option("--threads", flags->partners.threads, "the output is the same for any number")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app->add_option("--out", flags->out, "partners as TSV (default: standard output, unless --save)")
      ->type_name("OUT.tsv");
}

}  // namespace vitrine
