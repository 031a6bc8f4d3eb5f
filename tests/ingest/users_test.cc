#include "indexer/ingest/users.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "indexer/ingest/age_model.h"
#include "indexer/ingest/age_text.h"
#include "tests/ingest/ingest_fixture.h"

using namespace vitrine;

TEST_CASE("ages come out of birth dates in many free forms") {
  const int64_t as_of = *ParseTime("2024-06-15");
  struct Row {
    const char* text;
    int age;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"1990-06-15", 34},
                                  {"1990-06-16", 33},
                                  {"15/06/1990", 34},
                                  {"my birthday is 16.06.1990 :)", 33},
                                  {"June 15, 1990", 34},
                                  {"15th of June 1990", 34},
                                  {"born on 3 Mar 1985!", 39},
                                  {"12-05-55", 69},
                                  {"03/07/1999", 24},
                                  {"I was born in 1988", 36},
                                  {"25 years old", 25},
                                  {"25", 25},
                                  {"1990/1/2", 34},
                                  {"19900615", 34},
                                  {"12 / 05 / 1990", 34},
                                  {"31/31/1990", 34},
                                  {"\u0661\u0665/\u0660\u0666/\u0661\u0669\u0669\u0660", 34},
                                  {"\u06F1\u06F9\u06F9\u06F0-06-16", 33},
                                  {"\uFF11\uFF19\uFF19\uFF10/6/15", 34}}) {
    CAPTURE(row.text);
    const auto age = AgeFromText(row.text, as_of, true);
    REQUIRE(age.has_value());
    CHECK(*age == row.age);
  }
  for (const char* text : {"", "no", "2023-01-01", "1850", "200", "hello 7 8 9"}) {
    CAPTURE(text);
    CHECK_FALSE(AgeFromText(text, as_of, true).has_value());
  }
}

TEST_CASE("age groups begin at the cuts") {
  const std::vector<int> cuts = {18, 25, 35};
  CHECK(AgeGroup(17, cuts) == "0-17");
  CHECK(AgeGroup(18, cuts) == "18-24");
  CHECK(AgeGroup(34, cuts) == "25-34");
  CHECK(AgeGroup(35, cuts) == "35+");
}

TEST_CASE("the user table keeps one row a user and fills gaps as the source system does") {
  TestFolder folder;
  IngestOptions options;
  options.events.files = {
      folder.Write("e.csv", "user,item,time\nu9,X,2024-06-15\nu1,X,2024-06-01\n")};
  options.users.files = {folder.Write("u.csv",
                                      "User ID,Answer,City,Region\n"
                                      "u1,no birthday here,Alex,\n"
                                      "u1,15/06/1990,,\n"
                                      "u1,15/06/1990,,\n"
                                      "u2,,Cairo,Cairo Gov\n"
                                      "u3,1 Jan 2000,Cairo,Cairo Gov\n"
                                      "u4,1999-12-31,Cairo,\n"
                                      "u5,unknown,,Giza\n"
                                      ",2000-01-01,,\n")};
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE(result.ok());
  const auto& users = result.value().shop.users;
  const IngestReport& report = result.value().report;
  CHECK(RowsAddUp(report));
  REQUIRE(users.size() == 5);
  CHECK(users[0].id == "u9");
  CHECK_FALSE(users[0].age.has_value());
  CHECK(users[1].id == "u1");
  CHECK(users[1].age == 34);
  CHECK(users[1].age_group == "25-34");
  CHECK(users[1].city == "Alex");
  CHECK(users[1].region == "Alex");
  CHECK(users[2].id == "u3");
  CHECK(users[2].age == 24);
  CHECK(users[3].region == "Cairo Gov");
  CHECK(users[4].city == "Giza");
  CHECK(report.ages_given == 2);
  CHECK(report.ages_filled == 1);
  const auto& reasons = report.inputs[1].rejected_by_reason;
  CHECK(reasons.at("duplicate_row") == 1);
  CHECK(reasons.at("missing_answer") == 1);
  CHECK(reasons.at("missing_user") == 1);
  CHECK(report.inputs[1].dropped_values.at("no_age") == 2);
}

TEST_CASE("birth dates without a day to refer to are an error that says so") {
  TestFolder folder;
  IngestOptions options;
  options.users.files = {folder.Write("u.csv", "user,birth_date\nu,1990-01-01\n")};
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message.find("--as-of") != std::string::npos);
  options.as_of = "2020-01-01";
  result = Ingest(options, console);
  REQUIRE(result.ok());
  CHECK(result.value().shop.users[0].age == 30);
}

TEST_CASE(
    "missing ages are estimated from what goes with age, and the stated error holds on unseen "
    "users") {
  // age = 20 + 10 * style + 2 * spend + noise of 2 years; style has 4 values.
  std::mt19937 random(5);
  std::normal_distribution<double> noise(0, 2);
  AgeFeatures features;
  features.numeric.resize(1);
  features.categories.resize(1);
  features.categories[0].count = 4;
  std::vector<std::optional<int>> ages;
  std::vector<int> truth;
  for (int user = 0; user < 4000; ++user) {
    const uint32_t style = random() % 4;
    const auto spend = static_cast<float>(random() % 10);
    const int age = static_cast<int>(std::lround(20 + 10 * static_cast<double>(style) +
                                                 2 * static_cast<double>(spend) + noise(random)));
    truth.push_back(age);
    features.categories[0].value.push_back(style);
    features.numeric[0].value.push_back(spend);
    ages.push_back(user % 2 == 0 ? std::optional<int>(age) : std::nullopt);
  }
  const auto estimate = EstimateAges(features, ages);
  REQUIRE(estimate.has_value());
  double error = 0;
  for (size_t user = 1; user < 4000; user += 2)
    error += std::abs(estimate->age[user] - truth[user]);
  error /= 2000;
  // Mean absolute value of a normal with deviation 2 is 1.596; rounding adds a little.
  CHECK(error < 1.8);
  CHECK(std::abs(estimate->mean_absolute_error - error) < 0.15);
  // Nothing that tells users apart: no estimate.
  AgeFeatures flat;
  flat.numeric.resize(1);
  flat.numeric[0].value.assign(4000, 1.0F);
  CHECK_FALSE(EstimateAges(flat, ages).has_value());
  ages.assign(4000, std::nullopt);
  CHECK_FALSE(EstimateAges(features, ages).has_value());
}

TEST_CASE("real renters' ages are estimated better than by their mean") {
  const std::string path = DataFile("rtr-rentals/interactions.csv.gz");
  if (path.empty()) {
    MESSAGE("skipped: no rtr-rentals in the test data");
    return;
  }
  IngestOptions options;
  options.users.files = {path};
  options.users.columns = {{"user", {"user_id"}}, {"age", {"age"}}};
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE(result.ok());
  const IngestReport& report = result.value().report;
  CHECK(RowsAddUp(report));
  double sum = 0, deviation = 0;
  size_t known = 0;
  for (const User& user : result.value().shop.users) {
    if (!user.age || user.age_estimated) continue;
    sum += *user.age;
    ++known;
  }
  for (const User& user : result.value().shop.users) {
    if (user.age && !user.age_estimated)
      deviation += std::abs(*user.age - sum / static_cast<double>(known));
  }
  deviation /= static_cast<double>(known);
  MESSAGE("mean absolute error " << report.age_error_years << " years, of the mean alone "
                                 << deviation << "; " << report.ages_estimated << " estimated");
  CHECK(report.age_error_years < deviation);
  CHECK(report.age_error_years > 0);
}

TEST_CASE("numbers in user tables are read in many forms, and what is none is counted") {
  TestFolder folder;
  IngestOptions options;
  options.users.files = {folder.Write("u.csv",
                                      "user,age,income,city,region\nu,30,\"1,200\",Rome,\n"
                                      "v,,EGP 500,,Lazio\nw,40,unknown,Rome,Lazio\nx,50,-3,,\n")};
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE(result.ok());
  const IngestReport& report = result.value().report;
  CHECK(report.user_numbers.at("income").numbers == 3);
  CHECK(report.user_numbers.at("income").others == 1);
  CHECK(report.regions_filled == 1);
  CHECK(report.cities_filled == 1);
  CHECK(result.value().shop.users[0].region == "Lazio");
  CHECK(result.value().shop.users[1].city == "Lazio");
}
