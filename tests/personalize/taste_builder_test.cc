#include "indexer/personalize/taste_builder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

using namespace vitrine;

namespace {

// A random shop: sessions wander over products near one another; users have several sessions.
Shop RandomShop(uint32_t items, uint32_t users, uint32_t sessions, uint64_t seed) {
  Shop shop;
  shop.products.resize(items);
  shop.users.resize(users);
  std::mt19937_64 random(seed);
  for (uint32_t s = 0; s < sessions; ++s) {
    const uint32_t user = static_cast<uint32_t>(random() % users);
    const uint32_t home = static_cast<uint32_t>(random() % items);
    int64_t time = 1'600'000'000 + static_cast<int64_t>(random() % (90 * 86400));
    const uint32_t length = 1 + static_cast<uint32_t>(random() % 8);
    for (uint32_t e = 0; e < length; ++e) {
      shop.interactions.push_back({.user = user,
                                   .session = s,
                                   .item = (home + static_cast<uint32_t>(random() % 6)) % items,
                                   .kind = static_cast<InteractionKind>(random() % 5),
                                   .time_seconds = time++});
    }
  }
  return shop;
}

// The distinct users behind "b within ten steps of a in one session", counted the slow way.
std::map<std::pair<ItemIndex, ItemIndex>, std::set<uint32_t>> UsersOfPairs(const Shop& shop) {
  std::map<std::pair<ItemIndex, ItemIndex>, std::set<uint32_t>> users;
  const auto& log = shop.interactions;
  for (size_t a = 0; a < log.size(); ++a) {
    for (size_t b = 0; b < log.size(); ++b) {
      const size_t gap = a > b ? a - b : b - a;
      if (a != b && gap <= 10 && log[a].session == log[b].session && log[a].item != log[b].item) {
        users[{log[a].item, log[b].item}].insert(log[a].user);
      }
    }
  }
  return users;
}

}  // namespace

TEST_CASE("popularity halves with every half-life and counts distinct shoppers") {
  std::vector<Interaction> log;
  const int64_t now = 1'600'000'000;
  for (uint32_t user = 0; user < 6; ++user) {
    log.push_back({.user = user, .session = user, .item = 0, .time_seconds = now});
    log.push_back({.user = user, .session = user, .item = 0, .time_seconds = now});
    log.push_back({.user = user, .session = user, .item = 1, .time_seconds = now - 10 * 86400});
    if (user < 4) log.push_back({.user = user, .session = user, .item = 2, .time_seconds = now});
  }
  TasteOptions options;
  options.half_life_days = 10;
  const PopularityData data = MinePopularity(log, 3, options);
  CHECK(data.score[0] == doctest::Approx(12));
  CHECK(data.score[1] == doctest::Approx(3));
  CHECK(data.shoppers[0] == 6);
  CHECK(data.shoppers[1] == 6);
  CHECK(data.shoppers[2] == 0);  // four shoppers are below the floor of five
  CHECK(data.score[2] == 0);
}

TEST_CASE("a list entry has at least min_users distinct users behind it, and all such are there") {
  const Shop shop = RandomShop(40, 60, 800, 1);
  TasteOptions options;
  options.list_size = 1000;
  const ItemListsData lists = MineItemLists(shop.interactions, 40, options);
  const auto users = UsersOfPairs(shop);
  size_t expected = 0;
  for (const auto& [pair, who] : users) expected += who.size() >= options.min_users;
  CHECK(lists.entries.size() == expected);
  CHECK(expected > 100);
  CHECK(expected < users.size());
  for (ItemIndex i = 0; i < 40; ++i) {
    for (uint64_t e = lists.begin[i]; e < lists.begin[i + 1]; ++e) {
      const auto who = users.find({i, lists.entries[e].item});
      REQUIRE(who != users.end());
      CHECK(who->second.size() >= options.min_users);
    }
  }
}

TEST_CASE("one user, however busy, puts nothing into the lists") {
  Shop shop = RandomShop(10, 1, 500, 2);
  TasteOptions options;
  options.min_users = 2;
  CHECK(MineItemLists(shop.interactions, 10, options).entries.empty());
  CHECK(MineItemCf(shop.interactions, 10, options).entries.empty());
}

TEST_CASE("what comes next weighs more than what came before") {
  std::vector<Interaction> log;
  for (uint32_t user = 0; user < 10; ++user) {
    for (ItemIndex item : {0u, 1u, 2u}) {
      log.push_back(
          {.user = user, .session = user, .item = item, .time_seconds = user * 10 + item});
    }
  }
  const ItemListsData lists = MineItemLists(log, 3, {});
  REQUIRE(lists.begin == std::vector<uint64_t>{0, 2, 4, 6});
  CHECK(lists.entries[2].item == 0);
  CHECK(lists.entries[3].item == 2);
  CHECK(lists.entries[3].weight > lists.entries[2].weight);
}

TEST_CASE("item-cf is the cosine over shoppers, as the definition computes it") {
  const Shop shop = RandomShop(30, 50, 600, 3);
  TasteOptions options;
  options.list_size = 1000;
  options.min_users = 1;
  options.half_life_days = 1e9;
  const ItemListsData lists = MineItemCf(shop.interactions, 30, options);
  std::vector<std::vector<double>> weight(30, std::vector<double>(50));
  for (const Interaction& event : shop.interactions) {
    double& w = weight[event.item][event.user];
    w = std::max(w, static_cast<double>(options.kind_weight[static_cast<size_t>(event.kind)]));
  }
  size_t compared = 0;
  for (ItemIndex i = 0; i < 30; ++i) {
    for (uint64_t e = lists.begin[i]; e < lists.begin[i + 1]; ++e, ++compared) {
      double dot = 0, a = 0, b = 0;
      for (size_t u = 0; u < 50; ++u) {
        dot += weight[i][u] * weight[lists.entries[e].item][u];
        a += weight[i][u] * weight[i][u];
        b += weight[lists.entries[e].item][u] * weight[lists.entries[e].item][u];
      }
      CHECK(lists.entries[e].weight == doctest::Approx(dot / std::sqrt(a * b)).epsilon(1e-4));
    }
  }
  CHECK(compared > 200);
}

TEST_CASE("the taste section is the same bytes with one thread and with three") {
  const Shop shop = RandomShop(200, 300, 3000, 4);
  Console console(Console::Level::kQuiet);
  TasteOptions options;
  options.encoder.epochs = 1;
  options.threads = 1;
  auto one = BuildTasteSection(shop, {}, options, console);
  options.threads = 3;
  auto three = BuildTasteSection(shop, {}, options, console);
  REQUIRE(one.ok());
  REQUIRE(three.ok());
  CHECK(one.value() == three.value());
  CHECK(Taste::Open(one.value()).ok());
}

TEST_CASE("a small shop's section keeps to its bytes with the network and all") {
  TasteOptions options;
  CHECK(EncoderOptionsFor(100'000, options).dimensions == 64);
  CHECK(EncoderOptionsFor(100'000, options).teachers == 0);
  CHECK(EncoderOptionsFor(0, options).dimensions == 16);
  for (uint32_t products : {217u, 600u}) {
    CAPTURE(products);
    const uint32_t dimensions = EncoderOptionsFor(products, options).dimensions;
    CHECK(dimensions >= 32);
    CHECK(dimensions < 64);
    const Shop shop = RandomShop(products, 500, 6000, 9);
    Console console(Console::Level::kQuiet);
    options.encoder.epochs = 1;
    const auto bytes = BuildTasteSection(shop, {}, options, console);
    REQUIRE(bytes.ok());
    CHECK(static_cast<double>(bytes.value().size()) <= options.bytes_per_item * products);
    CHECK(static_cast<double>(bytes.value().size()) >= 0.6 * options.bytes_per_item * products);
  }
}

TEST_CASE("a budget that not even the encoder fits into leaves lists and published sessions out") {
  Console console(Console::Level::kQuiet);
  TasteOptions options;
  options.bytes_per_item = 4;
  options.publish_sessions = true;
  options.encoder.epochs = 1;
  const auto bytes = BuildTasteSection(RandomShop(100, 300, 3000, 10), {}, options, console);
  REQUIRE(bytes.ok());
  const auto opened = Taste::Open(bytes.value());
  REQUIRE(opened.ok());
  const std::vector<SessionEvent> visit = {{40, InteractionKind::kView, 1.7e9}};
  CHECK(opened.value().ForYou({.events = visit}, nullptr, {}, 10).size() == 10);
}

TEST_CASE("what leads on within a visit is not believed to begin the next one") {
  // Within a visit products follow each other in a fixed order; a visit begins with one of three
  // popular ones, whatever was seen before.
  constexpr uint32_t kProducts = 120;
  Shop shop;
  shop.products.resize(kProducts);
  std::mt19937_64 random(7);
  std::vector<uint32_t> users(3000);
  for (uint32_t s = 0; s < users.size(); ++s) users[s] = static_cast<uint32_t>(random() % 400);
  int64_t time = 1'600'000'000;
  for (uint32_t s = 0; s < users.size(); ++s, time += 5000) {
    uint32_t item = static_cast<uint32_t>(random() % 3) * 40;
    const uint32_t length = 2 + static_cast<uint32_t>(random() % 4);
    for (uint32_t e = 0; e < length; ++e) {
      shop.interactions.push_back(
          {.user = users[s], .session = s, .item = item, .time_seconds = time + e});
      item =
          random() % 8 == 0 ? static_cast<uint32_t>(random() % kProducts) : (item + 1) % kProducts;
    }
  }
  shop.users.resize(400);
  Console console(Console::Level::kQuiet);
  TasteOptions options;
  options.encoder.epochs = 3;
  const auto bytes = BuildTasteSection(shop, {}, options, console);
  REQUIRE(bytes.ok());
  const auto opened = Taste::Open(bytes.value());
  REQUIRE(opened.ok());
  const Taste& taste = opened.value();
  const std::vector<SessionEvent> visit = {{40, InteractionKind::kView, 1.7e9},
                                           {41, InteractionKind::kView, 1.7e9 + 5}};
  const Shopper within{.events = visit}, later{.events = visit, .now_seconds = 1.7e9 + 86400};
  const auto odds_of_42 = [&](const Shopper& shopper) {
    double total = 0, its = 0;
    for (const ScoredItem& line : taste.Rank(shopper, kProducts)) {
      total += std::exp(static_cast<double>(line.score));
      if (line.item == 42) its = std::exp(static_cast<double>(line.score));
    }
    return its / total;
  };
  CHECK(taste.Rank(within, 1)[0].item == 42);
  CHECK(odds_of_42(within) > 0.5);  // 7 of 8 in truth
  CHECK(odds_of_42(later) < 0.1);  // of 120 products, three begin a visit, and this is none of them
}

TEST_CASE("a floor of zero users is refused") {
  Console console(Console::Level::kQuiet);
  TasteOptions options;
  options.min_users = 0;
  auto built = BuildTasteSection(RandomShop(5, 5, 5, 5), {}, options, console);
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().kind == ErrorKind::kUsage);
}

TEST_CASE("removing one user changes no list entry but those that stood at the floor") {
  const Shop shop = RandomShop(40, 60, 800, 6);
  TasteOptions options;
  options.list_size = 1000;
  const auto entries = [&](std::span<const Interaction> log) {
    const ItemListsData lists = MineItemLists(log, 40, options);
    std::set<std::pair<ItemIndex, ItemIndex>> found;
    for (ItemIndex i = 0; i < 40; ++i) {
      for (uint64_t e = lists.begin[i]; e < lists.begin[i + 1]; ++e) {
        found.emplace(i, lists.entries[e].item);
      }
    }
    return found;
  };
  const auto users = UsersOfPairs(shop);
  const auto with_all = entries(shop.interactions);
  size_t gone = 0;
  for (uint32_t user = 0; user < 60; user += 7) {
    std::vector<Interaction> without;
    for (const Interaction& event : shop.interactions) {
      if (event.user != user) without.push_back(event);
    }
    const auto left = entries(without);
    for (const auto& pair : left) CHECK(with_all.count(pair) == 1);
    for (const auto& pair : with_all) {
      if (left.count(pair) == 1) continue;
      ++gone;
      CHECK(users.at(pair).size() == options.min_users);
      CHECK(users.at(pair).count(user) == 1);
    }
  }
  CHECK(gone > 0);
}

TEST_CASE("a product that fewer than min_users touched is learned nowhere") {
  Shop shop = RandomShop(60, 400, 2500, 8);
  // Product 60 belongs to four users only, and they repeat it in every session.
  shop.products.resize(61);
  std::vector<Interaction> log;
  for (const Interaction& event : shop.interactions) {
    log.push_back(event);
    const bool ends = &event == &shop.interactions.back() || (&event)[1].session != event.session;
    if (event.user < 4 && ends) {
      log.push_back({.user = event.user,
                     .session = event.session,
                     .item = 60,
                     .time_seconds = event.time_seconds + 1});
    }
  }
  TasteOptions options;
  options.encoder.epochs = 1;
  const ItemFeatures none;
  const Profiles nobody;
  const TasteData data = LearnTaste(
      {.interactions = log, .item_count = 61, .features = &none, .profiles = &nobody}, options);
  CHECK(data.popularity->score[60] == 0);
  CHECK(data.popularity->shoppers[60] == 0);
  CHECK(data.lists->begin[61] == data.lists->begin[60]);
  for (const auto& entry : data.lists->entries) CHECK(entry.item != 60);
  REQUIRE(data.encoder);
  for (size_t k = 0; k < 64; ++k) CHECK(data.encoder->items[60 * 64 + k] == 0);
}
