// The report's parts that can be told without a shop: what is judged, compared, drawn and written.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "indexer/embed/image_decode.h"
#include "indexer/publish/bundle.h"
#include "indexer/report/compare.h"
#include "indexer/report/measure/input.h"
#include "indexer/report/pages.h"
#include "indexer/report/render/html.h"
#include "indexer/report/render/markdown.h"
#include "indexer/report/render/scale.h"
#include "indexer/report/render/svg.h"
#include "indexer/report/verdict.h"
#include "indexer/vectors/quantizer.h"
#include "shared/section.h"

namespace vitrine {
namespace {

Json EstimateOf(double value, double half_width) {
  return {{"value", value}, {"low", value - half_width}, {"high", value + half_width}};
}

// A report with one strategy beside the reference, as far as gate and comparison read it.
Json ReportOf(double hit_rate, double half_width, double gain_high) {
  Json blend = {
      {"cases", 1000},
      {"hit_rate_20", EstimateOf(hit_rate, half_width)},
      {"mrr_20", EstimateOf(hit_rate / 3, half_width / 3)},
      {"hit_rate_20_gain", {{"value", 0.0}, {"low", -0.1}, {"high", gain_high}, {"p_value", 0.5}}}};
  Json popular = blend;
  Json report = {{"data", {{"products", 1000}, {"interactions", 50000}}}};
  report["personalization"] = {{"reference", "popular"},
                               {"strategies", {{{"name", "popular"}}, {{"name", "blend"}}}},
                               {"groups",
                                {{{"dimension", "all"},
                                  {"value", "all"},
                                  {"strategies", {{"popular", popular}, {"blend", blend}}}}}}};
  report["mining"] = {{"rules", 500}};
  report["similarity"] = {{"violations", {{"cross_audience", 0}}},
                          {"precision_10_shown", {{"type", EstimateOf(0.9, 0.01)}}}};
  return report;
}

TEST_CASE(
    "the gate lets pass what is as good as before and stops what is worse beyond the interval") {
  const Json before = ReportOf(0.30, 0.02, 0.1);
  CHECK(GateFailures(before, nullptr).empty());
  CHECK(GateFailures(ReportOf(0.28, 0.02, 0.1), before).empty());  // the intervals meet
  const auto worse = GateFailures(ReportOf(0.20, 0.02, 0.1), before);
  REQUIRE(worse.size() == 2);  // HR and MRR
  CHECK(worse[0].reason ==
        "HR@20 of \"blend\" fell from 30.0 % (28.0 % to 32.0 %) to 20.0 % (18.0 % to 22.0 %)");
  CHECK(!worse[0].fix.empty());
  const auto below_popular = GateFailures(ReportOf(0.30, 0.02, -0.01), nullptr);
  REQUIRE(below_popular.size() == 1);
  CHECK(below_popular[0].reason.find("below popularity") != std::string::npos);
}

TEST_CASE(
    "the gate stops a shop that lost half of its products or rules, and lists that break an "
    "invariant") {
  const Json before = ReportOf(0.3, 0.02, 0.1);
  Json now = before;
  now["data"]["products"] = 400;
  now["mining"]["rules"] = 10;
  now["similarity"]["violations"]["cross_audience"] = 2;
  CHECK(GateFailures(now, before).size() == 3);
  now = before;
  now["mining"]["rules"] = 251;
  CHECK(GateFailures(now, before).empty());
}

const Change& ChangeOf(const std::vector<Change>& changes, const std::string& what) {
  const auto at = std::find_if(changes.begin(), changes.end(),
                               [&](const Change& change) { return change.what == what; });
  REQUIRE(at != changes.end());
  return *at;
}

TEST_CASE("two reports are compared by a z-test on what was measured, corrected for how much was") {
  // Standard errors 0.01 each: a difference of 0.04 is z = 2.8284, p = 0.00468 (two-sided). Five
  // means are tested, four of them with this p, so that Holm asks five times as much of the least.
  const double half = 1.959964 * 0.01;
  const auto changes = CompareReports(ReportOf(0.30, half, 0.1), ReportOf(0.34, half, 0.1));
  const Change& change = ChangeOf(changes, "blend: HR@20");
  CHECK(change.p_value == doctest::Approx(5 * 0.004678).epsilon(0.01));
  CHECK(change.better());
  CHECK(!change.worse());
  CHECK(ChangeOf(changes, "similar: same type among ten").p_value == 1);
  // 0.03 alone would be p = 0.034, which is no news among five.
  const auto same = CompareReports(ReportOf(0.30, half, 0.1), ReportOf(0.33, half, 0.1));
  CHECK(ChangeOf(same, "blend: HR@20").p_value == doctest::Approx(5 * 0.0339).epsilon(0.01));
  CHECK(!ChangeOf(same, "blend: HR@20").better());
  CHECK(ToText(same).find("no clear difference") != std::string::npos);
}

TEST_CASE("of many comparisons of what did not change hardly any cries wolf") {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 0.01);
  int wolves = 0, uncorrected = 0;
  for (int round = 0; round < 200; ++round) {
    Json reports[2];
    for (Json& report : reports) {
      Json strategies = Json::object();
      for (int s = 0; s < 16; ++s) {
        strategies["s" + std::to_string(s)] = {
            {"hit_rate_20", EstimateOf(0.3 + noise(random), 1.959964 * 0.01)},
            {"mrr_20", EstimateOf(0.1 + noise(random), 1.959964 * 0.01)}};
      }
      report["personalization"]["groups"] = {
          {{"dimension", "all"}, {"value", "all"}, {"strategies", strategies}}};
    }
    bool cries = false, would = false;
    for (const Change& change : CompareReports(reports[0], reports[1])) {
      cries = cries || change.better() || change.worse();
      would = would || std::fabs(change.now - change.before) > 1.959964 * std::hypot(0.01, 0.01);
    }
    wolves += cries;
    uncorrected += would;
  }
  CHECK(uncorrected > 100);
  CHECK(wolves < 20);  // 10 expected
}

// A shop of shirts that are all alike, and a recommender that was made for it.
struct ShirtShop {
  Shop shop;
  Matrix vectors{60, 4};
  BundleParts parts;
  Recommender recommender;

  ShirtShop() {
    for (uint32_t i = 0; i < 60; ++i) {
      Product shirt;
      shirt.id = std::to_string(i);
      shirt.title = "Shirt " + shirt.id;
      shirt.category = "Shirts";
      shirt.colour = i % 2 == 0 ? "red" : "blue";
      shirt.audience = Audience::kWomen;
      shop.products.push_back(shirt);
      const float angle = static_cast<float>(i) / 60;
      vectors.row(i)[0] = std::cos(angle), vectors.row(i)[1] = std::sin(angle);
    }
    parts.catalogue = EncodeCatalogue(MakeCatalogueData(shop.products));
    auto section = BuildVectorSection(vectors.view(), {.threads = 1});
    REQUIRE(section.ok());
    parts.vectors = std::move(section.value());
    for (const auto& [kind, payload] : {std::pair{SectionKind::kCatalogue, &parts.catalogue},
                                        std::pair{SectionKind::kVectors, &parts.vectors}}) {
      REQUIRE(recommender.AddSection(FrameSection(kind, 1, *payload)).ok());
    }
  }

  Json Similarity() {
    Config config;
    config.embed.encoders = {};
    config.threads = 1;
    Console quiet(Console::Level::kQuiet);
    const IngestReport ingest;
    const ShopEvaluation evaluation;
    return MeasureSimilarity(
        {config, shop, vectors.view(), parts, {}, {}, ingest, evaluation, recommender, quiet});
  }
};

TEST_CASE("a list that breaks an invariant is counted, forbids publishing, and is shown") {
  ShirtShop women;
  Json report;
  report["similarity"] = women.Similarity();
  CHECK(report["similarity"]["entries_checked"].get<int>() > 100);
  CHECK(report["similarity"]["violation_examples"].empty());
  CHECK(GateFailures(report, nullptr).empty());
  const auto html = [&] {
    Thumbnails none(women.shop.products, {});
    return HtmlOf({"report", "", {SimilarityPage(report)}}, none);
  };
  CHECK(html().find("break an invariant") == std::string::npos);

  // What the recommender does not know of: that shirt 30 is a man's and sold out.
  women.shop.products[30].audience = Audience::kMen;
  women.shop.products[30].availability = Availability::kOutOfStock;
  women.shop.products[30].title = "The odd one";
  report["similarity"] = women.Similarity();
  const Json& similarity = report["similarity"];
  CHECK(similarity["violations"]["out_of_stock"].get<int>() > 4);
  CHECK(similarity["violations"]["cross_audience"].get<int>() > 4);
  CHECK(similarity["violations"]["same_group"] == 0);
  CHECK(similarity["violation_examples"].size() == 8);  // four of each
  for (const Json& example : similarity["violation_examples"]) {
    const bool shown = example["shown"]["title"] == "The odd one";
    CHECK((shown || example["product"]["title"] == "The odd one"));
  }
  CHECK(GateFailures(report, nullptr).size() == 1);
  const std::vector<Finding> findings = Verdict(report);
  CHECK(std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.subject == "Similar products" && finding.state == State::kRed &&
           finding.reason.find("break an invariant") != std::string::npos;
  }));
  const std::string page = html();
  const size_t gallery = page.find("Entries that break an invariant");
  REQUIRE(gallery != std::string::npos);
  CHECK(page.find("not kept in similar: nothing that cannot be bought", gallery) !=
        std::string::npos);
  CHECK(page.find("The odd one", gallery) != std::string::npos);
}

TEST_CASE("precision among ten has an interval, and is null where the catalogue says nothing") {
  ShirtShop shop;
  Json shown = shop.Similarity()["precision_10_shown"];
  CHECK(shown["type"]["value"] == 1);
  const double colour = shown["colour"]["value"];
  CHECK(shown["colour"]["low"].get<double>() < colour);
  CHECK(shown["colour"]["high"].get<double>() > colour);
  for (Product& shirt : shop.shop.products) shirt.colour.clear();
  shown = shop.Similarity()["precision_10_shown"];
  CHECK(shown["colour"].is_null());
  CHECK(shown["type"]["value"] == 1);
}

TEST_CASE("a verdict tells everything that is wrong with an empty shop") {
  const Json report = {{"data",
                        {{"products", 100},
                         {"interactions", 0},
                         {"prices", {{"missing", 100}}},
                         {"departments", Json::array()}}},
                       {"mining", {{"baskets", 0}, {"rules", 0}}}};
  const std::vector<Finding> findings = Verdict(report);
  CHECK(Overall(findings) == State::kRed);
  for (const char* subject : {"Data", "Bought together", "For you", "Popular"}) {
    CHECK(std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.subject == subject && finding.state == State::kRed && !finding.fix.empty();
    }));
  }
  const std::vector<Finding> again = FindingsOf(ToJson(findings));
  REQUIRE(again.size() == findings.size());
  CHECK(again.front().reason == findings.front().reason);
}

TEST_CASE("no title of a product can break out of its place") {
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror=\"a\">|`";
  Chart chart{.id = "c", .title = evil, .about = evil, .kind = ChartKind::kPoints, .x_label = evil};
  chart.series = {{.name = evil, .x = {1, 2}, .y = {1, 2}, .label = {evil, evil}}};
  chart.table = {evil, {evil, "n"}, {{evil, "1"}}};
  Document document{evil,
                    evil,
                    {{"p",
                      evil,
                      evil,
                      {Paragraph{evil}, chart, Gallery{evil, {{evil, {{0, evil, evil}}, {}}}},
                       Findings{{{evil, State::kRed, evil, evil}}}}}}};
  Product product;
  product.id = "1";
  product.title = evil;
  Thumbnails thumbnails(std::span(&product, 1), {});
  const std::string html = HtmlOf(document, thumbnails);
  CHECK(html.find("alert(1)</script>") == std::string::npos);
  CHECK(html.find("<img src=x") == std::string::npos);
  CHECK(MarkdownOf(document).find("<script>") == std::string::npos);
  CHECK(SvgOf(chart, true).find("<script>") == std::string::npos);
}

TEST_CASE("an axis has round ticks within its range") {
  const Scale scale(3, 97, 0, 100);
  const auto ticks = scale.Ticks(5);
  CHECK(ticks == std::vector<double>{0, 20, 40, 60, 80, 100});
  CHECK(scale(50) == doctest::Approx(50));
  const Scale logarithmic(1, 10000, 0, 100, true);
  CHECK(logarithmic(100) == doctest::Approx(50));
  for (double tick : logarithmic.Ticks(6))
    CHECK(std::fmod(std::log10(tick), 1) == doctest::Approx(0));
  const Scale flat(5, 5, 0, 100);  // one value only
  CHECK(std::isfinite(flat(5)));
  CHECK(TickText(0.25, true) == "25 %");
  CHECK(TickText(120000, false) == "120k");
}

TEST_CASE("charts without data, with one dot and with equal values are drawn without a NaN") {
  for (const ChartKind kind : {ChartKind::kBars, ChartKind::kLines, ChartKind::kPoints,
                               ChartKind::kIntervals, ChartKind::kGraph}) {
    for (size_t dots : {0, 1, 3}) {
      Chart chart{.id = "c", .title = "t", .about = "a", .kind = kind};
      chart.series = {
          {.name = "s", .x = std::vector<double>(dots, 2), .y = std::vector<double>(dots, 0)}};
      chart.categories = std::vector<std::string>(dots, "one");
      const std::string svg = SvgOf(chart, true);
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.find("inf") == std::string::npos);
      CHECK(svg.ends_with("</svg>"));
    }
  }
}

TEST_CASE("only numbers stand on the right of a table, their intervals below them") {
  const auto is_number = [](const std::string& cell) {
    Document document{"t", "", {{"p", "p", "", {Table{"c", {"name", "cell"}, {{"row", cell}}}}}}};
    Thumbnails none({}, {});
    return HtmlOf(document, none).find("<td class=\"n\">") != std::string::npos;
  };
  for (const char* cell : {"12,345", "-3.2 (-5.0 to -1.0)", "55.1 %", "55.1 % (50.0 to 60.0)",
                           "130 kB", "0.005", "<0.001", "+4"})
    CHECK_MESSAGE(is_number(cell), cell);
  for (const char* cell : {"", "21188, 21179", "3/4 trousers", "2-pack tee / white", "-", "yes"})
    CHECK_MESSAGE(!is_number(cell), cell);
  CHECK(DecimalText(-0.04, 1) == "0.0");
  CHECK(DecimalText(-0.06, 1) == "-0.1");
  CHECK(ChanceText(0.00049) == "<0.001");
  CHECK(ChanceText(0.005) == "0.005");
}

TEST_CASE("base64 is that of RFC 4648") {
  const auto encoded = [](std::string_view text) { return Base64(AsBytes(text)); };
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foobar") == "Zm9vYmFy");
}

TEST_CASE("a thumbnail is a photo that can be read again, nearly the same") {
  Image image{40, 30, std::vector<uint8_t>(40 * 30 * 3)};
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 40; ++x) {
      uint8_t* pixel = &image.pixels[static_cast<size_t>(y * 40 + x) * 3];
      pixel[0] = static_cast<uint8_t>(x * 6), pixel[1] = static_cast<uint8_t>(y * 8), pixel[2] = 90;
    }
  }
  const auto again = DecodeImage(EncodeJpeg(image, 90));
  REQUIRE(again.ok());
  REQUIRE(again.value().pixels.size() == image.pixels.size());
  double apart = 0;
  for (size_t p = 0; p < image.pixels.size(); ++p)
    apart += std::abs(image.pixels[p] - again.value().pixels[p]);
  CHECK(apart / static_cast<double>(image.pixels.size()) < 4);
}

}  // namespace
}  // namespace vitrine
