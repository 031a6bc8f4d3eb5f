#include "shared/rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "shared/section.h"

using namespace vitrine;

namespace {

Rule MakeRule(std::vector<ItemIndex> antecedent, ItemIndex consequent, uint32_t count, float lift,
              float score) {
  return {std::move(antecedent), consequent, count, 0.5f, lift, score};
}

std::vector<Rule> RandomRules(uint32_t items, int count, uint32_t seed) {
  std::mt19937 random(seed);
  std::map<std::pair<std::vector<ItemIndex>, ItemIndex>, Rule> rules;
  for (int r = 0; r < count; ++r) {
    std::vector<ItemIndex> all;
    const size_t size = 2 + random() % (r % 3 == 0 ? 8 : 2);
    while (all.size() < size) {
      const ItemIndex item = random() % items;
      if (std::find(all.begin(), all.end(), item) == all.end()) all.push_back(item);
    }
    const ItemIndex consequent = all.back();
    all.pop_back();
    std::sort(all.begin(), all.end());
    const float lift = static_cast<float>(random() % 100000) / 300;
    const float score = static_cast<float>(random() % 1000000) / 1000000;
    rules[{all, consequent}] = MakeRule(all, consequent, random() >> (random() % 32), lift, score);
  }
  std::vector<Rule> out;
  for (auto& [key, rule] : rules) out.push_back(rule);
  return out;
}

// The slow obvious answer: every rule against the cart, from the rules and not from the bytes.
std::vector<ItemIndex> SlowConsequents(const std::vector<Rule>& rules,
                                       std::vector<ItemIndex> cart) {
  std::sort(cart.begin(), cart.end());
  std::vector<ItemIndex> out;
  for (const Rule& rule : rules) {
    if (std::includes(cart.begin(), cart.end(), rule.antecedent.begin(), rule.antecedent.end()) &&
        !std::binary_search(cart.begin(), cart.end(), rule.consequent)) {
      out.push_back(rule.consequent);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

TEST_CASE("rules come back as they were encoded, within the stated precision") {
  std::vector<Rule> rules = RandomRules(60, 500, 1);
  const Bytes bytes = EncodeRules(60, rules);
  auto opened = Rules::Open(bytes);
  REQUIRE(opened.ok());
  CHECK(opened.value().item_count() == 60);
  std::vector<Rule> back = opened.value().All();
  auto by_items = [](const Rule& a, const Rule& b) {
    return std::tie(a.antecedent, a.consequent) < std::tie(b.antecedent, b.consequent);
  };
  std::sort(rules.begin(), rules.end(), by_items);
  std::sort(back.begin(), back.end(), by_items);
  REQUIRE(back.size() == rules.size());
  for (size_t i = 0; i < rules.size(); ++i) {
    CHECK(back[i].antecedent == rules[i].antecedent);
    CHECK(back[i].consequent == rules[i].consequent);
    CHECK(back[i].count == rules[i].count);
    CHECK(back[i].lift == doctest::Approx(rules[i].lift).epsilon(1.0 / 2048));
    CHECK(back[i].score == doctest::Approx(rules[i].score).epsilon(1.0 / 2048));
  }
}

TEST_CASE("the order in which rules are given does not change the bytes") {
  std::vector<Rule> rules = RandomRules(40, 300, 2);
  const Bytes bytes = EncodeRules(40, rules);
  std::reverse(rules.begin(), rules.end());
  CHECK(EncodeRules(40, rules) == bytes);
}

TEST_CASE("a cart gets exactly the consequents whose whole antecedent it holds") {
  const std::vector<Rule> rules = RandomRules(25, 900, 3);
  const Bytes bytes = EncodeRules(25, rules);
  auto opened = Rules::Open(bytes);
  REQUIRE(opened.ok());
  std::mt19937 random(4);
  for (int query = 0; query < 300; ++query) {
    std::vector<ItemIndex> cart(random() % 8);
    for (ItemIndex& item : cart) item = random() % 27;  // 25 and 26 are no products
    std::vector<ItemIndex> found;
    float before = 1e9f;
    for (const Rules::Match& match : opened.value().Matches(cart)) {
      found.push_back(match.consequent);
      CHECK(match.score <= before);
      before = match.score;
      CHECK(match.because == match.antecedent.front());
      for (ItemIndex item : match.antecedent) {
        CHECK(std::find(cart.begin(), cart.end(), item) != cart.end());
      }
    }
    std::sort(found.begin(), found.end());
    CHECK(found == SlowConsequents(rules, cart));
  }
}

TEST_CASE("a consequent with several matching rules is reported with its best one") {
  const std::vector<Rule> rules = {MakeRule({0}, 3, 9, 1.5f, 0.25f),
                                   MakeRule({0, 1}, 3, 4, 3.25f, 0.75f),
                                   MakeRule({0, 1, 2}, 3, 2, 8, 0.5f)};
  const Bytes bytes = EncodeRules(4, rules);
  auto opened = Rules::Open(bytes);
  REQUIRE(opened.ok());
  const auto matches = opened.value().Matches(std::vector<ItemIndex>{2, 1, 0, 0});
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].count == 4);
  CHECK(matches[0].lift == 3.25f);
  CHECK(matches[0].antecedent == std::vector<ItemIndex>{0, 1});
  const auto alone = opened.value().Matches(std::vector<ItemIndex>{0});
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].count == 9);
}

TEST_CASE("a shop without rules has an empty, valid section") {
  const Bytes bytes = EncodeRules(5, {});
  auto opened = Rules::Open(bytes);
  REQUIRE(opened.ok());
  CHECK(opened.value().Matches(std::vector<ItemIndex>{0, 4}).empty());
  CHECK(Rules::Open(EncodeRules(0, {})).ok());
}

TEST_CASE("no prefix of a rules section opens, and no flipped byte passes the frame") {
  const std::vector<Rule> rules = RandomRules(20, 60, 5);
  const Bytes payload = EncodeRules(20, rules);
  for (size_t size = 0; size < payload.size(); ++size) {
    CHECK_FALSE(Rules::Open(ByteView(payload).first(size)).ok());
  }
  const Bytes file = FrameSection(SectionKind::kRules, 1, payload);
  for (size_t i = 12; i < file.size(); ++i) {
    Bytes flipped = file;
    flipped[i] ^= 0x55;
    CHECK_FALSE(OpenSection(flipped).ok());
  }
}

TEST_CASE("a forged rules payload either fails to open or answers within bounds") {
  const Bytes payload = EncodeRules(20, RandomRules(20, 60, 6));
  std::vector<ItemIndex> cart(20);
  for (ItemIndex i = 0; i < 20; ++i) cart[i] = i;
  int refused = 0;
  for (size_t i = 0; i < payload.size(); ++i) {
    for (int mask : {0x01, 0x80, 0xFF, 0x08}) {
      Bytes forged = payload;
      forged[i] ^= static_cast<uint8_t>(mask);
      auto opened = Rules::Open(forged);
      if (!opened.ok()) {
        ++refused;
        CHECK_FALSE(opened.error().message.empty());
        continue;
      }
      for (ItemIndex item : cart) {
        for (const auto& match : opened.value().Matches(std::span(&item, 1))) {
          CHECK(match.consequent < opened.value().item_count());
        }
      }
    }
  }
  CHECK(refused > static_cast<int>(payload.size()));  // at least one forgery in four is noticed
}
