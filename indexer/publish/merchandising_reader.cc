// rules.toml to Merchandising. The only place of the room that knows TOML.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "indexer/publish/bundle.h"
#include "indexer/publish/merchandising.h"
#include "indexer/support/files.h"
#include "shared/text/unicode.h"

namespace vitrine {
namespace {

std::string Lower(std::string_view text) { return EncodeUtf8(ToLower(DecodeUtf8(text))); }

// A product's value of an attribute; the shop's other columns are attributes too.
std::string ValueOf(const Product& product, const std::string& name) {
  constexpr const char* kAvailability[] = {"in_stock", "out_of_stock", "preorder", "backorder"};
  if (name == "id") return product.id;
  if (name == "group_id") return product.group_id;
  if (name == "sku") return product.sku;
  if (name == "title") return product.title;
  if (name == "audience") return std::string(kAudienceNames[static_cast<size_t>(product.audience)]);
  if (name == "colour") return product.colour;
  if (name == "department") return product.department;
  if (name == "category") return product.category;
  if (name == "brand") return product.brand;
  if (name == "availability") return kAvailability[static_cast<size_t>(product.availability)];
  const auto at = product.attributes.find(name);
  return at == product.attributes.end() ? std::string() : at->second;
}

bool IsKnownAttribute(std::span<const Product> products, const std::string& name) {
  constexpr std::array kOwn = {"id",     "group_id",   "sku",      "title", "audience",
                               "colour", "department", "category", "brand", "availability"};
  if (std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end()) return true;
  return std::any_of(products.begin(), products.end(),
                     [&](const Product& product) { return product.attributes.contains(name); });
}

}  // namespace

class RulesReader {
 public:
  RulesReader(const std::filesystem::path& path, std::span<const Product> products)
      : path_(path), products_(products) {
    for (ItemIndex i = 0; i < products.size(); ++i) by_id_[products[i].id] = i;
  }

  Result<Merchandising> Read() {
    VITRINE_ASSIGN(Bytes bytes, ReadFile(path_));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    toml::parse_result parsed = toml::parse(text, path_.string());
    if (!parsed) {
      const toml::parse_error& error = parsed.error();
      return Wrong(error.source().begin.line, std::string(error.description()));
    }
    for (const auto& [key, node] : parsed.table()) {
      if (key != "rule")
        return Wrong(node.source().begin.line,
                     "unknown key \"" + std::string(key) + "\"; rules are written as [[rule]]");
    }
    Merchandising result;
    result.excluded_.assign(products_.size(), false);
    const toml::array* rules = parsed.table()["rule"].as_array();
    if (parsed.table().contains("rule") && rules == nullptr)
      return Wrong(1, "rules are written as [[rule]]");
    if (rules == nullptr) return result;
    for (const toml::node& node : *rules) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return Wrong(node.source().begin.line, "a rule must be a table");
      ++number_;
      VITRINE_ASSIGN(Merchandising::Rule rule, ReadRule(*table));
      if (rule.action == Merchandising::Action::kExclude && rule.everywhere &&
          rule.lists == kAllLists) {
        for (size_t i = 0; i < products_.size(); ++i) {
          if (rule.about[i]) result.excluded_[i] = true;
        }
      }
      result.rules_.push_back(std::move(rule));
    }
    return result;
  }

 private:
  using Rule = Merchandising::Rule;
  using Action = Merchandising::Action;
  static constexpr uint8_t kAllLists = 7;

  Error Wrong(size_t line, const std::string& what) const {
    return UsageError(path_.string() + ":" + std::to_string(line) + ": " + what);
  }
  static size_t LineOf(const toml::node& node) { return node.source().begin.line; }

  Result<Rule> ReadRule(const toml::table& table) {
    static const std::set<std::string_view> kKeys = {"name", "action", "ids",    "where",
                                                     "on",   "lists",  "factor", "position"};
    for (const auto& [key, node] : table) {
      if (!kKeys.contains(key.str()))
        return Wrong(LineOf(node), "unknown key \"" + std::string(key) + "\" in a rule");
    }
    Rule rule;
    const size_t line = LineOf(table);
    const std::string place =
        "rule " + std::to_string(number_) + " (line " + std::to_string(line) + ")";
    rule.name = table["name"].value_or(place);
    const std::string action = table["action"].value_or(std::string());
    constexpr std::array kActions = {"pin", "boost", "bury", "exclude"};
    const auto known = std::find(kActions.begin(), kActions.end(), action);
    if (known == kActions.end())
      return Wrong(line, "action must be pin, boost, bury or exclude, not \"" + action + "\"");
    rule.action = static_cast<Action>(known - kActions.begin());
    if (!table.contains("ids") && !table.contains("where"))
      return Wrong(line, "the rule names no products: give `ids` or `where`");
    if (Status status = ReadProducts(table, rule); !status.ok()) return status.error();
    if (Status status = ReadPages(table, rule); !status.ok()) return status.error();
    if (Status status = ReadNumbers(table, rule); !status.ok()) return status.error();
    return rule;
  }

  Status ReadProducts(const toml::table& table, Rule& rule) {
    rule.about.assign(products_.size(), !table.contains("ids"));
    if (table.contains("ids")) {
      VITRINE_ASSIGN(std::vector<std::string> ids, Texts(*table.get("ids"), "ids"));
      for (const std::string& id : ids) {
        const auto at = by_id_.find(id);
        if (at == by_id_.end()) continue;  // the linter says so
        if (!rule.about[at->second]) rule.pinned.push_back(at->second);
        rule.about[at->second] = true;
      }
    }
    if (table.contains("where")) {
      if (Status status = Narrow(*table.get("where"), "where", rule.about); !status.ok())
        return status;
      std::erase_if(rule.pinned, [&](ItemIndex item) { return !rule.about[item]; });
    }
    if (!table.contains("ids")) {
      for (ItemIndex i = 0; i < products_.size(); ++i) {
        if (rule.about[i]) rule.pinned.push_back(i);
      }
    }
    if (rule.action != Action::kPin) rule.pinned.clear();
    return Ok();
  }

  Status ReadPages(const toml::table& table, Rule& rule) {
    if (const toml::node* lists = table.get("lists")) {
      VITRINE_ASSIGN(std::vector<std::string> names, Texts(*lists, "lists"));
      constexpr std::array kNames = {"similar", "bought-together", "popular"};
      rule.lists = 0;
      for (const std::string& name : names) {
        const auto at = std::find(kNames.begin(), kNames.end(), name);
        if (at == kNames.end())
          return Wrong(LineOf(*lists),
                       "lists may be similar, bought-together and popular, not \"" + name + "\"");
        rule.lists = static_cast<uint8_t>(rule.lists | 1 << (at - kNames.begin()));
      }
    }
    rule.everywhere = !table.contains("on");
    if (rule.everywhere) return Ok();
    rule.on.assign(products_.size(), true);
    return Narrow(*table.get("on"), "on", rule.on);
  }

  Status ReadNumbers(const toml::table& table, Rule& rule) {
    const bool scales = rule.action == Action::kBoost || rule.action == Action::kBury;
    if (table.contains("factor") && !scales)
      return Wrong(LineOf(*table.get("factor")), "factor belongs to boost and bury");
    if (table.contains("position") && rule.action != Action::kPin)
      return Wrong(LineOf(*table.get("position")), "position belongs to pin");
    const double factor = table["factor"].value_or(rule.action == Action::kBury ? 0.5 : 2.0);
    const bool right =
        rule.action == Action::kBury ? factor > 0 && factor < 1 : factor > 1 && factor <= 1000;
    if (scales && !right) {
      return Wrong(LineOf(*table.get("factor")), rule.action == Action::kBury
                                                     ? "the factor of bury must be between 0 and 1"
                                                     : "the factor of boost must be above 1");
    }
    rule.factor = static_cast<float>(factor);
    const int64_t position = table["position"].value_or(int64_t{1});
    if (position < 1 || position > 100)
      return Wrong(LineOf(*table.get("position")), "position must be from 1 to 100");
    rule.position = static_cast<size_t>(position - 1);
    return Ok();
  }

  Result<std::vector<std::string>> Texts(const toml::node& node, const std::string& key) const {
    std::vector<std::string> texts;
    if (const auto* text = node.as_string()) return std::vector<std::string>{text->get()};
    const toml::array* list = node.as_array();
    for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
      if (const auto* text = (*list)[i].as_string()) texts.push_back(text->get());
    }
    if (list == nullptr || texts.size() != list->size())
      return Wrong(LineOf(node), key + " must be a text or a list of texts");
    return texts;
  }

  // Clears the bit of every product that does not fit all of the table's conditions.
  Status Narrow(const toml::node& node, const std::string& key, std::vector<bool>& bits) const {
    const toml::table* table = node.as_table();
    if (table == nullptr || table->empty())
      return Wrong(LineOf(node), key + " must be a table like {brand = \"Alba\"}");
    for (const auto& [name, value] : *table) {
      const std::string attribute(name.str());
      if (attribute == "price_min" || attribute == "price_max") {
        const auto bound = value.value<double>();
        if (!bound) return Wrong(LineOf(value), attribute + " must be a number");
        for (size_t i = 0; i < bits.size(); ++i) {
          const uint32_t minor = PriceMinor(products_[i].price);
          const bool fits = minor != kNoPrice && (attribute == "price_min" ? minor >= *bound * 100
                                                                           : minor <= *bound * 100);
          if (!fits) bits[i] = false;
        }
        continue;
      }
      if (!IsKnownAttribute(products_, attribute))
        return Wrong(LineOf(value), "no product has an attribute \"" + attribute + "\"");
      VITRINE_ASSIGN(std::vector<std::string> wanted, Texts(value, key + "." + attribute));
      for (std::string& text : wanted) text = Lower(text);
      for (size_t i = 0; i < bits.size(); ++i) {
        if (bits[i] && std::find(wanted.begin(), wanted.end(),
                                 Lower(ValueOf(products_[i], attribute))) == wanted.end())
          bits[i] = false;
      }
    }
    return Ok();
  }

  std::filesystem::path path_;
  std::span<const Product> products_;
  std::unordered_map<std::string_view, ItemIndex> by_id_;
  size_t number_ = 0;
};

Result<Merchandising> Merchandising::Read(const std::filesystem::path& path,
                                          std::span<const Product> products) {
  return RulesReader(path, products).Read();
}

}  // namespace vitrine
