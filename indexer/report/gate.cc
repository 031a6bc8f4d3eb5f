// The quality gate: what must be so before a bundle is published.
#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

class Gate {
 public:
  Gate(const Json& report, const Json& published) : report_(report), published_(published) {}

  std::vector<Finding> Check() {
    const std::string shipped = ShippedStrategy(report_);
    const Json& now = MetricsAt(report_, "all", "all", shipped);
    if (now.is_object() && now["hit_rate_20_gain"]["high"].get<double>() < 0) {
      Fail(
          "For you",
          "HR@20 of \"" + shipped + "\" is below popularity: " + Interval(now["hit_rate_20"]) +
              " against " +
              PercentText(MetricsAt(report_, "all", "all",
                                    At(report_, "personalization/reference")
                                        .get<std::string>())["hit_rate_20"]["value"]
                              .get<double>()),
          "look at the report's page on personalization; a short or mixed log is the usual reason");
    }
    double violations = 0;
    for (const auto& [kind, count] : At(report_, "similarity/violations").items())
      violations += count.get<double>();
    if (violations > 0)
      Fail("Lists", CountText(violations) + " entries break an invariant", "run vitrine verify");
    if (!published_.is_object()) return std::move(failures_);

    const Json& before = MetricsAt(published_, "all", "all", shipped);
    Fell("For you", "HR@20 of \"" + shipped + "\"", At(before, "hit_rate_20"),
         At(now, "hit_rate_20"));
    Fell("For you", "MRR@20 of \"" + shipped + "\"", At(before, "mrr_20"), At(now, "mrr_20"));
    Fell("Bought together", "hit@10 on later baskets",
         At(published_, "mining/next_baskets/hit_rate_10"),
         At(report_, "mining/next_baskets/hit_rate_10"));
    Halved("Data", "products", "data/products");
    Halved("Data", "interactions", "data/interactions");
    Halved("Bought together", "rules", "mining/rules");
    Halved("Similar", "products of the same type among ten similar ones",
           "similarity/precision_10_shown/type/value");
    return std::move(failures_);
  }

 private:
  static std::string Interval(const Json& estimate) {
    return PercentText(estimate["value"].get<double>()) + " (" +
           PercentText(estimate["low"].get<double>()) + " to " +
           PercentText(estimate["high"].get<double>()) + ")";
  }

  void Fail(const std::string& subject, std::string reason, std::string fix) {
    failures_.push_back({subject, State::kRed, std::move(reason), std::move(fix)});
  }

  // Below the last published figure, and the intervals do not meet.
  void Fell(const std::string& subject, const std::string& what, const Json& before,
            const Json& now) {
    if (!before.is_object() || !now.is_object()) return;
    if (now["high"].get<double>() >= before["low"].get<double>()) return;
    Fail(subject, what + " fell from " + Interval(before) + " to " + Interval(now),
         "compare the two reports (vitrine evaluate --compare); was a file cut off or a column "
         "renamed?");
  }

  void Halved(const std::string& subject, const std::string& what, const std::string& path) {
    const double before = NumberAt(published_, path), now = NumberAt(report_, path);
    if (before < 20 && before > 1) return;  // too few to say
    if (now * 2 >= before) return;
    Fail(subject,
         what + " fell by more than half: " + DecimalText(before, before > 1 ? 0 : 3) + " to " +
             DecimalText(now, before > 1 ? 0 : 3),
         "is the input whole? (vitrine ingest shows rows read and rejected)");
  }

  const Json& report_;
  const Json& published_;
  std::vector<Finding> failures_;
};

}  // namespace

std::vector<Finding> GateFailures(const Json& report, const Json& published) {
  return Gate(report, published).Check();
}

}  // namespace vitrine
