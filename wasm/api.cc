#include "wasm/api.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/recommender.h"

namespace {

using namespace vitrine;

// The one recommender of this module instance.
struct Engine {
  Recommender recommender;
  Filter filter;
  std::vector<uint32_t> segments;  // of the shopper's profile
  double now_seconds = 0;
  std::vector<Recommendation> results;
  std::string error;
};

Engine& TheEngine() {
  static Engine engine;
  return engine;
}

int32_t Fail(std::string message) {
  TheEngine().error = std::move(message);
  return -1;
}

int32_t Answer(std::vector<Recommendation> results) {
  Engine& engine = TheEngine();
  engine.results = std::move(results);
  return static_cast<int32_t>(engine.results.size());
}

// More than this many results is a mistake of the caller, and would only cost memory.
constexpr uint32_t kMaxLimit = 1000;

Request RequestFor(uint32_t limit) {
  return {.limit = limit < kMaxLimit ? limit : kMaxLimit,
          .filter = TheEngine().filter,
          .segments = TheEngine().segments,
          .now_seconds = TheEngine().now_seconds};
}

bool Known(uint32_t item) {
  const Catalogue* catalogue = TheEngine().recommender.catalogue();
  return catalogue != nullptr && item < catalogue->size();
}

}  // namespace

extern "C" {

uint32_t vitrine_api_version(void) { return 2; }

uint8_t* vitrine_alloc(uint32_t size) {
  return static_cast<uint8_t*>(std::malloc(size > 0 ? size : 1));
}

void vitrine_free(uint8_t* bytes) { std::free(bytes); }

int32_t vitrine_add_section(uint8_t* bytes, uint32_t size) {
  if (bytes == nullptr) return Fail("vitrine_add_section: no bytes");
  Bytes file(bytes, bytes + size);
  std::free(bytes);
  Status status = TheEngine().recommender.AddSection(std::move(file));
  return status.ok() ? 0 : Fail(status.error().message);
}

const uint8_t* vitrine_error(void) {
  return reinterpret_cast<const uint8_t*>(TheEngine().error.data());
}

uint32_t vitrine_error_size(void) { return static_cast<uint32_t>(TheEngine().error.size()); }

uint32_t vitrine_item_count(void) {
  const Catalogue* catalogue = TheEngine().recommender.catalogue();
  return catalogue != nullptr ? static_cast<uint32_t>(catalogue->size()) : 0;
}

int32_t vitrine_find(const uint8_t* id, uint32_t size) {
  const Catalogue* catalogue = TheEngine().recommender.catalogue();
  if (catalogue == nullptr) return Fail("vitrine_find: add the catalogue section first");
  const ItemIndex item = catalogue->Find({reinterpret_cast<const char*>(id), size});
  return item == kNoItem ? -1 : static_cast<int32_t>(item);
}

void vitrine_set_filter(uint32_t price_min, uint32_t price_max, uint32_t audience,
                        uint32_t department) {
  Filter& filter = TheEngine().filter;
  filter.price_min_minor = price_min;
  filter.price_max_minor = price_max;
  filter.audience = audience < kAudiences ? static_cast<Audience>(audience) : Audience::kUnknown;
  filter.department = static_cast<uint16_t>(department <= 0xFFFF ? department : 0);
}

void vitrine_set_now(double seconds) {
  constexpr double kLatest = 1e12;
  TheEngine().now_seconds = seconds > 0 && seconds < kLatest ? seconds : 0;
}

int32_t vitrine_set_profile(const uint8_t* lines, uint32_t size) {
  Engine& engine = TheEngine();
  engine.segments.clear();
  std::string_view text(reinterpret_cast<const char*>(lines), size);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
    const size_t equals = line.find('=');
    if (equals == line.npos) continue;
    const uint32_t segment =
        engine.recommender.FindSegment(line.substr(0, equals), line.substr(equals + 1));
    if (segment != Segments::kNone) engine.segments.push_back(segment);
  }
  return static_cast<int32_t>(engine.segments.size());
}

int32_t vitrine_bought_together(const uint32_t* cart, uint32_t cart_size, uint32_t limit) {
  std::vector<ItemIndex> items;
  for (uint32_t i = 0; i < cart_size; ++i) {
    if (Known(cart[i])) items.push_back(cart[i]);
  }
  return Answer(TheEngine().recommender.BoughtTogether(items, RequestFor(limit)));
}

int32_t vitrine_similar(uint32_t item, uint32_t limit) {
  if (!Known(item)) return Fail("vitrine_similar: no product has this index");
  return Answer(TheEngine().recommender.Similar(item, RequestFor(limit)));
}

int32_t vitrine_for_you(const uint8_t* events, uint32_t event_count, uint32_t limit) {
  constexpr size_t kEventSize = 16;
  ByteReader in({events, event_count * kEventSize});
  std::vector<SessionEvent> session;
  for (uint32_t i = 0; i < event_count; ++i) {
    SessionEvent event;
    event.item = in.Read<uint32_t>();
    const uint32_t kind = in.Read<uint32_t>();
    event.time_seconds = in.Read<double>();
    if (!Known(event.item) || kind >= kInteractionKinds) continue;
    event.kind = static_cast<InteractionKind>(kind);
    session.push_back(event);
  }
  return Answer(TheEngine().recommender.ForYou(session, RequestFor(limit)));
}

int32_t vitrine_popular(uint32_t limit) {
  return Answer(TheEngine().recommender.Popular(RequestFor(limit)));
}

const uint8_t* vitrine_results(void) {
  return reinterpret_cast<const uint8_t*>(TheEngine().results.data());
}

}  // extern "C"
