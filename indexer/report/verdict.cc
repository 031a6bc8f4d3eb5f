#include "indexer/report/verdict.h"

#include <algorithm>

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

// What is said of one subject: the worst state, its reason and fix; less bad ones follow.
class Subject {
 public:
  explicit Subject(std::string name) : name_(std::move(name)) {}

  void Say(State state, std::string reason, std::string fix) {
    said_.push_back({name_, state, std::move(reason), std::move(fix)});
  }
  // `good` stands when nothing was said.
  void Finish(const std::string& good, std::vector<Finding>& to) {
    if (said_.empty()) said_.push_back({name_, State::kGreen, good, ""});
    std::stable_sort(said_.begin(), said_.end(),
                     [](const Finding& a, const Finding& b) { return a.state > b.state; });
    to.insert(to.end(), said_.begin(), said_.end());
  }

 private:
  std::string name_;
  std::vector<Finding> said_;
};

void JudgeRows(const Json& report, Subject& data) {
  for (const Json& input : At(report, "data/inputs")) {
    uint64_t rejected = 0, most = 0;
    std::string worst;
    for (const auto& [reason, count] : input["rejected_by_reason"].items()) {
      const auto rows = count.get<uint64_t>();
      if (LeftOutOnPurpose(reason)) continue;
      rejected += rows;
      if (rows > most) most = rows, worst = reason;
    }
    const double share =
        static_cast<double>(rejected) / std::max(1.0, input["rows_read"].get<double>());
    if (share < 0.02) continue;
    data.Say(share > 0.3 ? State::kRed : State::kAmber,
             PercentText(share) + " of the rows of " + input["file"].get<std::string>() +
                 " were rejected, most of them as " + worst + ".",
             "Look at the samples under data health; each names file, line and field.");
  }
}

void JudgeIds(const Json& report, Subject& data) {
  const double seen = NumberAt(report, "data/item_ids/seen");
  const double rate = NumberAt(report, "data/item_ids/match_rate", 1);
  if (seen == 0 || rate >= 0.95) return;
  std::string example;
  const Json& unmatched = At(report, "data/item_ids/most_frequent_unmatched");
  if (!unmatched.empty())
    example = " The most frequent unknown id is \"" + unmatched[0]["id"].get<std::string>() + "\".";
  data.Say(rate < 0.7 ? State::kRed : State::kAmber,
           "Only " + PercentText(rate) +
               " of the item ids in events and orders are in the catalogue." + example,
           "Ids do not match: set events.columns.item and orders.columns.item to the column that "
           "holds the "
           "catalogue's id, or catalogue.columns.id to the one that the log uses (variant or "
           "parent id?).");
}

double FillRate(const Json& report, const std::string& field) {
  return NumberAt(report, "data/fill_rate/" + field);
}

void JudgeFields(const Json& report, Subject& data) {
  const double products = NumberAt(report, "data/products");
  const double missing = NumberAt(report, "data/prices/missing") / std::max(1.0, products);
  if (missing > 0.02) {
    data.Say(missing > 0.5 ? State::kRed : State::kAmber,
             (missing > 0.999 ? std::string("All prices are missing.")
                              : PercentText(missing) + " of the products have no price."),
             "Name the column of the price in catalogue.columns.price; rejected values are among "
             "the samples.");
  }
  size_t departments = 0;
  for (const Json& each : At(report, "data/departments"))
    departments += !each["value"].get<std::string>().empty();
  if (departments <= 1 && products >= 20) {
    data.Say(State::kRed,
             departments == 0 ? "No product says its department."
                              : "All products are of one department.",
             "Set catalogue.columns.department to a column that tells kinds of things apart "
             "(category or article "
             "type); lists cannot be filtered or spread over departments without it.");
  }
  if (FillRate(report, "audience") < 0.5) {
    data.Say(
        State::kAmber,
        PercentText(FillRate(report, "audience")) + " of the products say for whom they are made.",
        "Set catalogue.columns.audience (gender and age group): without it, products for others "
        "can stand in a list.");
  }
  if (FillRate(report, "images") < 0.5) {
    data.Say(State::kAmber,
             PercentText(FillRate(report, "images")) + " of the products have a photo.",
             "Set catalogue.columns.images or catalogue.image_template; products without photo are "
             "compared by text alone.");
  }
}

void JudgeTogether(const Json& report, std::vector<Finding>& findings) {
  Subject subject("Bought together");
  const double baskets = NumberAt(report, "mining/baskets");
  const double rules = NumberAt(report, "mining/rules");
  double with_partner = 0;
  for (const Json& row : At(report, "mining/partners_by_decile"))
    with_partner += row["with_partner"].get<double>();
  const double share = with_partner / std::max(1.0, NumberAt(report, "data/products"));
  if (baskets == 0) {
    subject.Say(State::kRed, "There are no orders: no basket tells what is bought together.",
                "Name the order file in [orders] files, or set baskets.from = \"carts\" or "
                "\"sessions\" to learn from "
                "what is put into one cart or seen in one session. Until then, lists show what "
                "goes together by content.");
  } else if (rules == 0) {
    subject.Say(State::kRed,
                CountText(baskets) + " baskets hold no pair that enough shoppers bought.",
                "Most baskets may hold one product: try baskets.from = \"sessions\", or a lower "
                "privacy.min_users.");
  } else if (share < 0.1) {
    subject.Say(State::kAmber,
                "Only " + PercentText(share) + " of the products have a partner from purchases.",
                "More days of orders, baskets.from = \"carts\", or a lower privacy.min_users give "
                "more; the others "
                "show what goes together by content.");
  }
  const Json& gain = At(report, "mining/next_baskets/gain");
  if (rules > 0 && gain.is_object() && gain["high"].get<double>() < 0) {
    subject.Say(State::kRed,
                "On later baskets the rules find less than the most bought products do.",
                "The log may be too short or of another season: give more days of orders.");
  }
  const double hit = NumberAt(report, "mining/next_baskets/hit_rate_10/value");
  subject.Finish(
      PercentText(share) + " of the products have partners; " + CountText(rules) + " rules" +
          (gain.is_object()
               ? "; on later baskets the first ten hold another product of the basket in " +
                     PercentText(hit) + " of cases (most bought: " +
                     PercentText(
                         NumberAt(report, "mining/next_baskets/popular_hit_rate_10/value")) +
                     ")."
               : "."),
      findings);
}

void JudgeSimilar(const Json& report, std::vector<Finding>& findings) {
  Subject subject("Similar products");
  double violations = 0;
  std::string kinds;
  for (const auto& [kind, count] : At(report, "similarity/violations").items()) {
    if (count.get<double>() == 0) continue;
    violations += count.get<double>();
    kinds += (kinds.empty() ? "" : ", ") + CountText(count.get<double>()) + " " + kind;
  }
  if (violations > 0) {
    subject.Say(State::kRed, "Lists break an invariant: " + kinds + ".",
                "This must not happen: run `vitrine verify` on the bundle and report it.");
  }
  const double answered = NumberAt(report, "similarity/products_answered") /
                          std::max(1.0, NumberAt(report, "similarity/products_asked"));
  if (answered < 0.95) {
    subject.Say(answered < 0.5 ? State::kRed : State::kAmber,
                PercentText(answered) + " of the products have similar ones to show.",
                "Products without text and photo have no vector, and lists hold only what can be "
                "bought: look at "
                "fill rates and availability.");
  }
  const double type = NumberAt(report, "similarity/precision_10_shown/type/value", 1);
  if (type < 0.5) {
    subject.Say(State::kAmber,
                "Only " + PercentText(type) + " of what is shown is of the same type.",
                "A fashion encoder (vitrine model add fashion-clip) or fuller titles bring "
                "products of a kind together.");
  }
  std::string shown;
  for (const char* label : {"type", "colour"}) {  // a catalogue may not say either
    const Json& share = At(report, std::string("similarity/precision_10_shown/") + label);
    if (!share.is_object()) continue;
    shown += PercentText(share["value"].get<double>()) + " of what is shown is of the same " +
             label + "; ";
  }
  subject.Finish(shown + "no invariant broken in " +
                     CountText(NumberAt(report, "similarity/entries_checked")) + " entries.",
                 findings);
}

// Rows of events and orders, those that were left out included.
double LogRowsRead(const Json& report) {
  double rows = 0;
  for (const Json& input : At(report, "data/inputs")) {
    if (input["role"] == "events" || input["role"] == "orders") {
      rows += input["rows_read"].get<double>();
    }
  }
  return rows;
}

// What mends a shop without a single interaction.
std::string NameTheLog(const Json& report) {
  return LogRowsRead(report) > 0 ? "Mend what is said of the data first."
                                 : "Name the event log in [events] files.";
}

void JudgeForYou(const Json& report, std::vector<Finding>& findings) {
  Subject subject("For you");
  const std::string shipped = ShippedStrategy(report);
  const Json& blend = MetricsAt(report, "all", "all", shipped);
  if (NumberAt(report, "data/interactions") == 0) {
    subject.Say(State::kRed,
                LogRowsRead(report) > 0
                    ? "Of " + CountText(LogRowsRead(report)) +
                          " rows of events and orders none could be used: nothing is known of "
                          "shoppers."
                    : "There are no events and no orders: nothing is known of shoppers.",
                NameTheLog(report) +
                    " Until then personal lists show products near what the shopper looks at.");
  } else if (!blend.is_object()) {
    subject.Say(State::kAmber,
                "The log could not be evaluated: it has no later sessions to be asked about.",
                "Check that events have times (events.columns.time) and cover several days.");
  } else {
    const double low = blend["hit_rate_20_gain"]["low"].get<double>(),
                 high = blend["hit_rate_20_gain"]["high"].get<double>();
    const double cases = blend["cases"].get<double>();
    if (high < 0) {
      subject.Say(State::kRed,
                  "On later sessions \"" + shipped + "\" finds less than popularity does.",
                  "The log may be too short or mixed with robots: look at the sessions' lengths "
                  "and give more days.");
    } else if (low <= 0) {
      subject.Say(
          State::kAmber,
          "On " + CountText(cases) + " cases \"" + shipped +
              "\" is not shown to be better than popularity.",
          cases < 500
              ? "There are few later sessions: more days of log tell more."
              : "Sessions may be short or hold few views: send product views, not only orders.");
    }
    if (cases < 100) {
      subject.Say(State::kAmber, "Only " + CountText(cases) + " cases could be evaluated.",
                  "Give more days of log, or a larger evaluate.test_share.");
    }
  }
  if (!blend.is_object()) return subject.Finish("", findings);
  const Json& popular =
      MetricsAt(report, "all", "all", At(report, "personalization/reference").get<std::string>());
  subject.Finish("The next product is among the first 20 in " +
                     PercentText(blend["hit_rate_20"]["value"].get<double>()) + " of " +
                     CountText(blend["cases"].get<double>()) + " later cases (" +
                     PercentText(blend["hit_rate_20"]["low"].get<double>()) + " to " +
                     PercentText(blend["hit_rate_20"]["high"].get<double>()) +
                     "); popularity alone: " +
                     PercentText(popular["hit_rate_20"]["value"].get<double>()) + ".",
                 findings);
}

void JudgePopular(const Json& report, std::vector<Finding>& findings) {
  Subject subject("Popular");
  double known = 0;
  for (const Json& group : At(report, "privacy/groups")) {
    if (group["what"] == "popularity of products") known = group["numbers"].get<double>();
  }
  if (known == 0) {
    subject.Say(NumberAt(report, "data/interactions") == 0 ? State::kRed : State::kAmber,
                "No product has enough shoppers to be called popular.",
                NumberAt(report, "data/interactions") == 0
                    ? NameTheLog(report)
                    : "Give more days of log, or lower privacy.min_users for a small shop.");
  }
  subject.Finish(CountText(known) + " products have enough shoppers behind them.", findings);
}

}  // namespace

bool LeftOutOnPurpose(const std::string& reason) {
  return reason == "told_by_orders" || reason == "not_of_interest" || reason == "bot_session";
}

std::vector<Finding> Verdict(const Json& report) {
  std::vector<Finding> findings;
  Subject data("Data");
  JudgeIds(report, data);
  JudgeFields(report, data);
  JudgeRows(report, data);
  data.Finish(CountText(NumberAt(report, "data/products")) + " products, " +
                  CountText(NumberAt(report, "data/interactions")) + " interactions, " +
                  CountText(NumberAt(report, "data/baskets")) + " baskets; " +
                  PercentText(NumberAt(report, "data/item_ids/match_rate", 1)) +
                  " of the ids match.",
              findings);
  JudgeTogether(report, findings);
  JudgeSimilar(report, findings);
  JudgeForYou(report, findings);
  JudgePopular(report, findings);
  return findings;
}

State Overall(const std::vector<Finding>& findings) {
  State worst = State::kGreen;
  for (const Finding& finding : findings) worst = std::max(worst, finding.state);
  return worst;
}

Json ToJson(const std::vector<Finding>& findings) {
  constexpr const char* kStates[] = {"green", "amber", "red"};
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"subject", finding.subject},
                    {"state", kStates[static_cast<size_t>(finding.state)]},
                    {"reason", finding.reason},
                    {"fix", finding.fix}});
  }
  return list;
}

std::vector<Finding> FindingsOf(const Json& json) {
  std::vector<Finding> findings;
  for (const Json& each : json) {
    const auto state = each["state"].get<std::string>();
    findings.push_back({each["subject"],
                        state == "red"     ? State::kRed
                        : state == "amber" ? State::kAmber
                                           : State::kGreen,
                        each["reason"], each["fix"]});
  }
  return findings;
}

}  // namespace vitrine
