// `vitrine recommend`: the browser's answers, natively, by the same C++.
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "indexer/command.h"
#include "indexer/publish/opened_bundle.h"
#include "indexer/publish/search_files.h"
#include "indexer/recommend_search.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

struct RecommendOptions {
  std::string bundle;
  std::vector<std::string> cart;
  std::string similar;
  std::string session;
  std::vector<std::string> profile;  // attribute=value
  std::string queries;
  SearchQuestion search;
  bool popular = false;
  bool json = false;
  uint32_t limit = 10;
};

constexpr const char* kKindNames[] = {"view", "click", "wishlist", "cart", "order"};

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// item_id [kind [time]]
Result<double> ParseTime(const std::string& time, const std::string& where) {
  double seconds = 0;
  const auto parsed = std::from_chars(time.data(), time.data() + time.size(), seconds);
  if (parsed.ec != std::errc() || parsed.ptr != time.data() + time.size()) {
    return Error{where + ": time \"" + time + "\" must be Unix seconds"};
  }
  return seconds;
}

Result<SessionEvent> ParseEvent(const OpenedBundle& bundle, const std::vector<std::string>& fields,
                                const std::string& where) {
  SessionEvent event;
  event.item = bundle.recommender.catalogue()->Find(fields[0]);
  if (event.item == kNoItem) {
    return Error{where + ": no product has the id \"" + fields[0] + "\""};
  }
  if (fields.size() > 1) {
    const auto* kind = std::find(std::begin(kKindNames), std::end(kKindNames), fields[1]);
    if (kind == std::end(kKindNames)) {
      return Error{where + ": kind \"" + fields[1] +
                   "\" must be view, click, wishlist, cart or order"};
    }
    event.kind = static_cast<InteractionKind>(kind - std::begin(kKindNames));
  }
  if (fields.size() > 2) {
    VITRINE_ASSIGN(event.time_seconds, ParseTime(fields[2], where));
  }
  return event;
}

Result<std::vector<SessionEvent>> ReadSession(const OpenedBundle& bundle, const std::string& path) {
  VITRINE_ASSIGN(Bytes bytes, ReadFile(path));
  std::vector<SessionEvent> session;
  int line_number = 0;
  for (std::string line :
       Split({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, '\n')) {
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    VITRINE_ASSIGN(SessionEvent event,
                   ParseEvent(bundle, Split(line, '\t'), path + ":" + std::to_string(line_number)));
    session.push_back(event);
  }
  return session;
}

Result<std::vector<ItemIndex>> FindAll(const OpenedBundle& bundle,
                                       const std::vector<std::string>& ids) {
  std::vector<ItemIndex> items;
  for (const std::string& id : ids) {
    const ItemIndex item = bundle.recommender.catalogue()->Find(id);
    if (item == kNoItem) return Error{"no product has the id \"" + id + "\""};
    items.push_back(item);
  }
  return items;
}

std::string Name(const OpenedBundle& bundle, ItemIndex item) {
  return item < bundle.ids.size() ? bundle.ids[item] : std::string();
}

// The products that a reason refers to.
std::vector<std::string> NamesOf(const OpenedBundle& bundle, const Recommendation& line) {
  std::vector<std::string> names;
  // A segment's reason names a segment in the place of a product.
  if (line.reason == ReasonKind::kPopularSegment) return names;
  for (ItemIndex item : {line.other, line.also[0], line.also[1]}) {
    if (item < bundle.ids.size()) names.push_back(bundle.ids[item]);
  }
  return names;
}

std::string Join(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string ReasonText(const OpenedBundle& bundle, const Recommendation& line) {
  char text[160];
  const std::string other = Name(bundle, line.other);
  switch (line.reason) {
    case ReasonKind::kBoughtTogether:
      std::snprintf(text, sizeof text, ": %u orders, %.1f times more often than chance", line.count,
                    static_cast<double>(line.strength));
      return "with " + Join(NamesOf(bundle, line), " + ") + text;
    case ReasonKind::kSimilar: {
      std::string shares;
      if (line.count & kSameCategory) shares += ", same kind";
      if (line.count & kSameColour) shares += ", same colour";
      if (line.count & kSameBrand) shares += ", same brand";
      if (line.count & kSameStyle) shares += ", same style";
      return "similar" + shares;
    }
    case ReasonKind::kBecauseViewed:
      return "because of " + other;
    case ReasonKind::kGoesWith:
      return "goes with " + other;
    case ReasonKind::kSimilarTaste:
      return std::to_string(line.count) + " shoppers with a similar taste";
    case ReasonKind::kPopularSegment: {
      const Segments& segments = bundle.recommender.taste()->segments();
      return "popular with " + segments.Attribute(line.other) + " " + segments.Value(line.other);
    }
    default:
      return "popular" +
             (line.count > 0 ? " with " + std::to_string(line.count) + " shoppers" : "");
  }
}

const char* ReasonName(ReasonKind kind) {
  constexpr const char* kNames[] = {"",        "bought-together", "similar",   "because-viewed",
                                    "popular", "popular-segment", "goes-with", "similar-taste"};
  return kNames[static_cast<uint32_t>(kind)];
}

void Print(const OpenedBundle& bundle, const std::vector<Recommendation>& answer, bool json) {
  if (json) {
    Json items = Json::array();
    for (const Recommendation& line : answer) {
      const std::vector<std::string> names = NamesOf(bundle, line);
      items.push_back({{"id", Name(bundle, line.item)},
                       {"score", line.score},
                       {"title", bundle.titles[line.item]},
                       {"reason",
                        {{"kind", ReasonName(line.reason)},
                         {"item", names.empty() ? "" : names[0]},
                         {"items", names},
                         {"count", line.count},
                         {"strength", line.strength}}}});
    }
    std::puts(Json{{"items", items}}.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  for (const Recommendation& line : answer) {
    std::printf("%s\t%.4f\t%s\t%s\n", Name(bundle, line.item).c_str(),
                static_cast<double>(line.score), bundle.titles[line.item].c_str(),
                ReasonText(bundle, line).c_str());
  }
}

template <typename Line>
void PrintHex(std::span<const Line> answer) {
  for (uint8_t byte :
       std::span(reinterpret_cast<const uint8_t*>(answer.data()), answer.size_bytes())) {
    std::printf("%02x", byte);
  }
  std::printf("\n");
}

Status PrintSearch(const RecommendOptions& options, const OpenedBundle& bundle, Console& console) {
  SearchQuestion question = options.search;
  question.limit = options.limit;
  VITRINE_ASSIGN(const SearchAnswer answer,
                 AnswerSearch(options.bundle, bundle, question, console));
  Json items = Json::array();
  for (const SearchHit& hit : answer.hits) {
    if (!options.json) {
      std::printf("%s\t%.4f\t%s\twords %.2f, likeness %.4f\n", Name(bundle, hit.item).c_str(),
                  static_cast<double>(hit.score), bundle.titles[hit.item].c_str(),
                  static_cast<double>(hit.words), static_cast<double>(hit.likeness));
    }
    items.push_back({{"id", Name(bundle, hit.item)},
                     {"score", hit.score},
                     {"title", bundle.titles[hit.item]},
                     {"words", hit.words},
                     {"likeness", hit.likeness}});
  }
  const Json json = {{"items", items}, {"likely_query", answer.likely_query}};
  if (options.json) std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  return Ok();
}

// One question a line: "text<TAB>words", "bought-together<TAB>id,id", "similar<TAB>id", "popular",
// or "for-you<TAB>id:kind:time,…", which may name after a further tab the time when it is asked.
// One answer a line: the result bytes of wasm/api.h in hexadecimal.
Status AnswerQueries(const OpenedBundle& bundle, const RecommendOptions& options) {
  VITRINE_ASSIGN(Bytes bytes, ReadFile(options.queries));
  const Request request{.limit = options.limit};
  std::optional<Searcher> searcher;
  int line_number = 0;
  for (const std::string& line :
       Split({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, '\n')) {
    ++line_number;
    if (line.empty()) continue;
    const std::string where = options.queries + ":" + std::to_string(line_number);
    const auto fields = Split(line, '\t');
    const auto names = fields.size() > 1 && !fields[1].empty() ? Split(fields[1], ',')
                                                               : std::vector<std::string>();
    std::vector<Recommendation> answer;
    if (fields[0] == "text" && fields.size() == 2) {
      if (!searcher) {
        VITRINE_ASSIGN(searcher, OpenSearch(options.bundle, bundle.manifest));
      }
      searcher->Ask(fields[1]);
      PrintHex(std::span<const SearchHit>(searcher->ByWords(options.limit)));
      continue;
    }
    if (fields[0] == "popular") {
      answer = bundle.recommender.Popular(request);
    } else if (fields[0] == "for-you") {
      std::vector<SessionEvent> session;
      for (const std::string& name : names) {
        VITRINE_ASSIGN(SessionEvent event, ParseEvent(bundle, Split(name, ':'), where));
        session.push_back(event);
      }
      Request asked = request;
      if (fields.size() > 2) {
        VITRINE_ASSIGN(asked.now_seconds, ParseTime(fields[2], where));
      }
      answer = bundle.recommender.ForYou(session, asked);
    } else if (fields[0] == "bought-together" || (fields[0] == "similar" && names.size() == 1)) {
      VITRINE_ASSIGN(auto items, FindAll(bundle, names));
      answer = fields[0] == "similar" ? bundle.recommender.Similar(items[0], request)
                                      : bundle.recommender.BoughtTogether(items, request);
    } else {
      return Error{where +
                   ": must be text, bought-together, similar, for-you or popular, with its ids"};
    }
    PrintHex(std::span<const Recommendation>(answer));
  }
  return Ok();
}

Result<Request> RequestOf(const OpenedBundle& bundle, const RecommendOptions& options) {
  Request request{.limit = options.limit};
  for (const std::string& told : options.profile) {
    const size_t equals = told.find('=');
    if (equals == told.npos) {
      return UsageError("--profile \"" + told + "\" must be attribute=value, as age_group=18-24");
    }
    const uint32_t segment =
        bundle.recommender.FindSegment(told.substr(0, equals), told.substr(equals + 1));
    if (segment != Segments::kNone) request.segments.push_back(segment);
  }
  return request;
}

Status Recommend(const RecommendOptions& options, Console& console) {
  const bool search = !options.search.text.empty() || !options.search.photo.empty();
  if (!options.search.like.empty() && options.search.text.empty()) {
    return UsageError("--like needs --text: what should be different");
  }
  const int questions = search + !options.cart.empty() + !options.similar.empty() +
                        !options.session.empty() + options.popular + !options.queries.empty();
  if (questions != 1) {
    return UsageError(
        "ask one question: --text, --photo, --bought-together, --similar, --session, --popular or "
        "--queries");
  }
  VITRINE_ASSIGN(OpenedBundle bundle, OpenBundle(options.bundle));
  if (!options.queries.empty()) return AnswerQueries(bundle, options);
  if (search) return PrintSearch(options, bundle, console);
  VITRINE_ASSIGN(const Request request, RequestOf(bundle, options));
  std::vector<Recommendation> answer;
  if (options.popular) {
    answer = bundle.recommender.Popular(request);
  } else if (!options.session.empty()) {
    VITRINE_ASSIGN(auto session, ReadSession(bundle, options.session));
    answer = bundle.recommender.ForYou(session, request);
  } else if (!options.similar.empty()) {
    VITRINE_ASSIGN(auto items, FindAll(bundle, {options.similar}));
    answer = bundle.recommender.Similar(items[0], request);
  } else {
    VITRINE_ASSIGN(auto items, FindAll(bundle, options.cart));
    answer = bundle.recommender.BoughtTogether(items, request);
  }
  Print(bundle, answer, options.json);
  return Ok();
}

void AddSearchOptions(CLI::App& app, SearchQuestion& search) {
  app.add_option("--text", search.text, "words, as a shopper types them")->type_name("WORDS");
  app.add_option("--photo", search.photo, "products that look like this photo (with --model-dir)")
      ->type_name("FILE");
  app.add_option("--like", search.like, "like this product, but as --text says (\"red\")")
      ->type_name("ID");
  app.add_option("--model-dir", search.embed.model_dir,
                 "folder of the bundle's encoder: search by meaning too, not by words alone")
      ->type_name("DIR");
  app.add_option("--profiles", search.embed.profile_dir, "folder of further profiles")
      ->type_name("DIR");
}

}  // namespace

void AddRecommendCommand(Commands& commands) {
  auto options = std::make_shared<RecommendOptions>();
  CLI::App* app =
      commands.Add("recommend", "answer as the shopper's browser would, from a bundle",
                   [options](Context& context) { return Recommend(*options, context.console); });
  AddSearchOptions(*app, options->search);
  app->add_option("--bundle", options->bundle, "folder with manifest.json")->required();
  app->add_option("--bought-together", options->cart, "product ids of a cart, separated by commas")
      ->delimiter(',')
      ->type_name("ID,…");
  app->add_option("--similar", options->similar, "product id")->type_name("ID");
  app->add_option("--profile", options->profile,
                  "what the shopper tells of themselves, with --session or --popular")
      ->delimiter(',')
      ->type_name("ATTRIBUTE=VALUE");
  app->add_option("--session", options->session,
                  "file with one event a line: item_id, then kind and Unix time if known (tabs)")
      ->type_name("EVENTS.tsv");
  app->add_flag("--popular", options->popular, "the shop's popular products");
  app->add_option("--queries", options->queries,
                  "file with one question a line; answers as hexadecimal result bytes (wasm/api.h)")
      ->type_name("FILE");
  app->add_option("-k,--limit", options->limit, "how many products")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app->add_flag("--json", options->json, "print JSON");
}

}  // namespace vitrine
