#include "indexer/config.h"

#include <doctest/doctest.h>

#include "indexer/ingest/starter_config.h"
#include "indexer/support/files.h"

using namespace vitrine;

namespace {

const std::filesystem::path kFolder =
    std::filesystem::temp_directory_path() / "vitrine_config_test";

std::filesystem::path Write(const std::string& name, const std::string& text) {
  REQUIRE(WriteFileAtomically(kFolder / name, text).ok());
  return kFolder / name;
}

std::string Problem(const std::string& toml) {
  auto config = ReadConfig(Write("bad.toml", "[catalogue]\nfiles = \"c.csv\"\n" + toml), {});
  return config.ok() ? "" : config.error().message;
}

}  // namespace

TEST_CASE("rules, mappings and cuts of the configuration reach ingest") {
  auto config = ReadConfig(Write("full.toml",
                                 "[catalogue]\nfiles = \"c.csv\"\n[catalogue.columns]\nid = \"a\"\n"
                                 "care = \"wash\"\n[users]\nage_cuts = [20, 40]\n"
                                 "merge_into_events = true\n[users.columns]\nuser = \"who\"\n"
                                 "[events.columns]\nitem = [\"x\", \"y\"]\n"
                                 "[[events.rules]]\nevent = \"tap\"\nbutton = \"heart\"\n"
                                 "kind = \"wishlist\"\nweight = 2.5\n"
                                 "[[events.rules]]\nevent = \"seen\"\nkind = \"view\"\n"),
                           {});
  REQUIRE_MESSAGE(config.ok(), config.error().message);
  const IngestOptions& ingest = config.value().ingest;
  CHECK(ingest.catalogue.columns.at("care") == std::vector<std::string>{"wash"});
  CHECK(ingest.users.age_cuts == std::vector<int>{20, 40});
  CHECK(ingest.users.merge_into_events);
  CHECK(ingest.users.columns.at("user") == std::vector<std::string>{"who"});
  CHECK(ingest.events.columns.at("item") == std::vector<std::string>{"x", "y"});
  REQUIRE(ingest.events.rules.size() == 2);
  CHECK(ingest.events.rules[0].button == "heart");
  CHECK(ingest.events.rules[0].kind == InteractionKind::kWishlist);
  CHECK(ingest.events.rules[0].weight == 2.5F);
  CHECK(ingest.events.rules[1].weight == 1);
}

TEST_CASE("wrong rules and cuts are errors with the line and what is allowed") {
  CHECK(Problem("[[events.rules]]\nkind = \"tap\"\n").find("wishlist") != std::string::npos);
  CHECK(Problem("[[events.rules]]\nname = \"x\"\n").find(":4: events.rules has no \"name\"") !=
        std::string::npos);
  CHECK(Problem("[[events.rules]]\nkind = \"view\"\nweight = -1\n").find("weight") !=
        std::string::npos);
  CHECK(Problem("[users]\nage_cuts = [1.5]\n").find("whole numbers") != std::string::npos);
  CHECK(Problem("[users.columns]\nname = \"x\"\n").find("users.columns.name") != std::string::npos);
}

TEST_CASE("what init writes is a configuration that reads") {
  const std::vector<std::string> files = {
      Write("products.csv", "id,title,price,image\n1,\"a \"\"b\"\"\",5 EUR,x.jpg\n").string(),
      Write(
          "log.csv",
          "user,event_name,button_name,product_id,time\nu,product_details_page_view,,1,2020-01-01\n"
          "u,\"odd \"\"name\"\" \\\",,1,2020-01-01\n")
          .string(),
      Write("orders.csv", "user,item,time,order\nu,1,2020-01-01,7\n").string(),
      Write("people.csv", "user,answer,city\nu,1990-01-01,Rome\n").string()};
  auto toml = StarterConfiguration(files, kFolder);
  REQUIRE_MESSAGE(toml.ok(), toml.error().message);
  auto config = ReadConfig(Write("init.toml", toml.value()), {});
  REQUIRE_MESSAGE(config.ok(), config.error().message);
  const IngestOptions& ingest = config.value().ingest;
  CHECK(ingest.catalogue.files == std::vector<std::string>{files[0]});
  CHECK(ingest.events.files == std::vector<std::string>{files[1]});
  CHECK(ingest.events.rules.size() == 1);
  CHECK(ingest.orders.columns.at("order") == std::vector<std::string>{"order"});
  CHECK(ingest.users.columns.at("answer") == std::vector<std::string>{"answer"});
  CHECK(config.value().publish.currency == "EUR");
}
