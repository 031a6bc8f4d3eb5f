// Values written as Python literals or JSON, as they stand in cells of exported tables:
//
//   [{'price': '1,299.00', 'original': True, 'valid_from': datetime.datetime(2016, 1, 8, 11, 15)}]
//   {"sku": "25732", "review_rating": null}      ObjectId('568f9a59f0f254331b469374')
//
// One lenient reader for both: None/null/nan, True/true, all quotes and escapes of either language,
// lists, tuples, sets, dicts, trailing commas, and calls: datetime(...) and date(...) become ISO
// 8601 text, OrderedDict([...]) and dict(...) dicts, any other call its first argument
// (Decimal('5') → 5). MongoDB's extended JSON ({"$oid": …}, {"$date": …}, {"$numberDecimal": …})
// becomes its value.
//
// Safe on any bytes: nesting at most 64 deep, at most a million values, time linear in the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine {

struct Literal {
  enum class Kind { kNone, kBool, kNumber, kText, kList, kDict };
  Kind kind = Kind::kNone;
  std::string text;  // a text; a number as it is written; "true" or "false"
  std::vector<Literal> items;
  std::vector<std::pair<std::string, Literal>> entries;  // in order; keys as text

  // Where the type is complete: clang 14 cannot make them inside of it.
  Literal();
  ~Literal();
  Literal(const Literal&);
  Literal(Literal&&) noexcept;
  Literal& operator=(const Literal&);
  Literal& operator=(Literal&&) noexcept;

  bool is_none() const { return kind == Kind::kNone; }
  bool is_true() const;  // True, "true", "yes", 1
  // Of a dict: the value of a key, given as FoldText writes it ("valid from" finds "Valid_From").
  const Literal* Find(std::string_view folded_key) const;
  // A scalar as text, a list as its texts joined by `separator`, a dict as "key: value; …".
  std::string ToText(std::string_view separator = "|") const;
  std::string TakeText(std::string_view separator = "|") &&;
};

struct ParsedLiteral {
  Literal value;         // what was read until the text was over or wrong
  bool complete = true;  // the whole text was one literal
};
ParsedLiteral ParseLiteral(std::string_view text);

// Pairs in a list, as a dict: [('a', 1)], [['a', 1]], [{'key': 'a', 'value': 1}], [{'a': 1}, {'b':
// 2}].
std::vector<std::pair<std::string, Literal>> PairsOf(std::vector<Literal> items);

// Key-value text in any of the encodings that exports use: a dict or JSON object, a list of
// {'key': k, 'value': v} or of pairs, "k: v; k: v", lines "K: v", "k=v|k=v", "k => v", HTML
// lists. Values that are literals are parsed. A damaged dict gives the entries before the damage.
// Empty when there is no key at all.
std::vector<std::pair<std::string, Literal>> ParseKeyValues(std::string_view text);

// The hexadecimal id in "568f…", "ObjectId('568f…')", {"$oid": "568f…"}; else the text itself,
// trimmed.
std::string ExtractObjectId(std::string_view text);

}  // namespace vitrine
