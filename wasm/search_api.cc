#include "wasm/search_api.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/image/preprocess.h"
#include "shared/search/searcher.h"
#include "shared/text/clip_tokenizer.h"
#include "shared/text/unicode.h"

namespace {

using namespace vitrine;

// More than this is a mistake of the caller, and would only cost memory.
constexpr uint32_t kMaxLimit = 1000;
constexpr uint32_t kMaxSide = 16384;
constexpr uint32_t kSettings = 14;

// The one searcher of this module instance.
struct Search {
  Searcher searcher;
  SearchFilter filter;
  std::optional<ClipTokenizer> tokenizer;
  Bytes output;
  std::string error;
};

Search& TheSearch() {
  static Search search;
  return search;
}

int32_t Fail(std::string message) {
  TheSearch().error = std::move(message);
  return -1;
}

template <typename T>
int32_t Answer(std::span<const T> values) {
  ByteWriter out;
  out.WriteArray(values);
  TheSearch().output = out.Take();
  return static_cast<int32_t>(values.size());
}

std::string_view Text(const uint8_t* text, uint32_t size) {
  return {reinterpret_cast<const char*>(text), size};
}

uint32_t Limit(uint32_t limit) { return limit < kMaxLimit ? limit : kMaxLimit; }

// False (and a message) before the search section was added.
bool Ready() {
  if (TheSearch().searcher.language() != nullptr) return true;
  Fail("add the search section first");
  return false;
}

int32_t Add(uint8_t* bytes, uint32_t size, Status (Searcher::*add)(Bytes)) {
  if (bytes == nullptr) return Fail("no bytes");
  Bytes file(bytes, bytes + size);
  std::free(bytes);
  const Status status = (TheSearch().searcher.*add)(std::move(file));
  return status.ok() ? 0 : Fail(status.error().message);
}

ImagePreprocess ReadSettings(const double* settings) {
  const auto whole = [settings](int i) { return static_cast<int>(settings[i]); };
  ImagePreprocess p;
  p.fit = static_cast<ImagePreprocess::Fit>(whole(0) >= 0 && whole(0) <= 2 ? whole(0) : 0);
  p.width = whole(1);
  p.height = whole(2);
  p.filter = static_cast<ResampleFilter>(whole(3) >= 0 && whole(3) <= 4 ? whole(3) : 2);
  p.crop_width = whole(4);
  p.crop_height = whole(5);
  p.scale = settings[6];
  p.offset = settings[7];
  for (size_t c = 0; c < 3; ++c) {
    p.mean[c] = settings[8 + c];
    p.std[c] = settings[11 + c];
  }
  static_assert(kSettings == 14);
  return p;
}

bool IsPicture(uint32_t width, uint32_t height) {
  return width > 0 && height > 0 && width <= kMaxSide && height <= kMaxSide;
}

// Without the opacity.
Image PictureOf(const uint8_t* rgba, uint32_t width, uint32_t height) {
  Image image{static_cast<int>(width), static_cast<int>(height), {}};
  image.pixels.reserve(size_t{3} * width * height);
  for (size_t i = 0; i < size_t{width} * height; ++i) {
    image.pixels.insert(image.pixels.end(), rgba + 4 * i, rgba + 4 * i + 3);
  }
  return image;
}

}  // namespace

extern "C" {

uint32_t vitrine_search_api_version(void) { return 1; }

uint8_t* vitrine_search_alloc(uint32_t size) {
  return static_cast<uint8_t*>(std::malloc(size > 0 ? size : 1));
}

void vitrine_search_free(uint8_t* bytes) { std::free(bytes); }

const uint8_t* vitrine_search_error(void) {
  return reinterpret_cast<const uint8_t*>(TheSearch().error.data());
}

uint32_t vitrine_search_error_size(void) { return static_cast<uint32_t>(TheSearch().error.size()); }

const uint8_t* vitrine_search_output(void) { return TheSearch().output.data(); }

int32_t vitrine_search_add_section(uint8_t* bytes, uint32_t size) {
  return Add(bytes, size, &Searcher::AddSection);
}

int32_t vitrine_search_add_looks(uint8_t* bytes, uint32_t size) {
  return Add(bytes, size, &Searcher::AddLooks);
}

int32_t vitrine_search_ask(const uint8_t* text, uint32_t size) {
  if (!Ready()) return -2;
  Searcher& searcher = TheSearch().searcher;
  searcher.Ask(Text(text, size));
  const Understanding& said = searcher.understanding();
  if (said.words.empty()) return -1;
  return said.query == kNoQuery ? 0 : said.likeness >= 1 ? 2 : 1;
}

int32_t vitrine_search_missing(uint32_t all_words) {
  if (!Ready()) return -2;
  std::vector<uint32_t> pairs;
  for (const ShardName& shard : TheSearch().searcher.Missing(all_words != 0)) {
    pairs.push_back(shard.kind == SectionKind::kQueries ? 1 : 0);
    pairs.push_back(shard.number);
  }
  return Answer(std::span<const uint32_t>(pairs)) / 2;
}

int32_t vitrine_search_suggest(const uint8_t* text, uint32_t size, uint32_t limit) {
  if (!Ready()) return -2;
  std::string texts;
  for (const std::string& each :
       TheSearch().searcher.language()->Suggest(Text(text, size), Limit(limit))) {
    if (!texts.empty()) texts += '\n';
    texts += each;
  }
  return Answer(std::span<const uint8_t>(AsBytes(texts)));
}

void vitrine_search_filter(uint32_t price_min, uint32_t price_max) {
  Search& search = TheSearch();
  search.filter = SearchFilter{};
  search.filter.price_min_minor = price_min;
  search.filter.price_max_minor = price_max;
  search.searcher.SetFilter(search.filter);
}

int32_t vitrine_search_allow(uint32_t field, const uint8_t* name, uint32_t size) {
  SearchFilter& filter = TheSearch().filter;
  std::vector<std::string>* const fields[] = {&filter.audiences, &filter.departments,
                                              &filter.colours, &filter.brands};
  if (field >= std::size(fields)) return Fail("vitrine_search_allow: no such field");
  fields[field]->emplace_back(Text(name, size));
  TheSearch().searcher.SetFilter(filter);
  return 0;
}

int32_t vitrine_search_by_words(uint32_t limit) {
  if (!Ready()) return -2;
  return Answer(std::span<const SearchHit>(TheSearch().searcher.ByWords(Limit(limit))));
}

int32_t vitrine_search_by_vector(const float* vector, uint32_t dimensions, uint32_t limit) {
  if (!Ready()) return -2;
  const Searcher& searcher = TheSearch().searcher;
  if (searcher.space() == nullptr || searcher.space()->dimensions() != dimensions) {
    return Fail("vitrine_search_by_vector: no space of this many dimensions was added");
  }
  return Answer(std::span<const SearchHit>(searcher.ByVector({vector, dimensions}, Limit(limit))));
}

int32_t vitrine_search_by_photo(const float* vector, uint32_t dimensions, const uint8_t* rgba,
                                uint32_t width, uint32_t height, uint32_t limit) {
  if (!Ready()) return -2;
  const Searcher& searcher = TheSearch().searcher;
  if (searcher.space() == nullptr || searcher.space()->dimensions() != dimensions) {
    return Fail("vitrine_search_by_photo: no space of this many dimensions was added");
  }
  if (!IsPicture(width, height)) return Fail("vitrine_search_by_photo: an impossible size");
  const std::vector<uint8_t> views = ThumbViews(PictureOf(rgba, width, height));
  return Answer(
      std::span<const SearchHit>(searcher.ByPhoto({vector, dimensions}, views, Limit(limit))));
}

int32_t vitrine_search_by_shift(uint32_t item, const float* direction, uint32_t dimensions,
                                uint32_t limit) {
  if (!Ready()) return -2;
  const Searcher& searcher = TheSearch().searcher;
  if (searcher.catalogue() == nullptr || item >= searcher.catalogue()->size()) {
    return Fail("vitrine_search_by_shift: no catalogue, or no such product");
  }
  return Answer(
      std::span<const SearchHit>(searcher.ByShift(item, {direction, dimensions}, Limit(limit))));
}

int32_t vitrine_search_find(const uint8_t* id, uint32_t size) {
  const Catalogue* catalogue = TheSearch().searcher.catalogue();
  if (catalogue == nullptr) return Fail("vitrine_search_find: add the catalogue section first");
  const ItemIndex item = catalogue->Find(Text(id, size));
  return item == kNoItem ? -1 : static_cast<int32_t>(item);
}

int32_t vitrine_search_query_vector(void) {
  if (!Ready()) return -2;
  return Answer(TheSearch().searcher.QueryVector());
}

int32_t vitrine_search_item_vector(uint32_t item) {
  if (!Ready()) return -2;
  const VectorIndex* space = TheSearch().searcher.space();
  if (space == nullptr || item >= space->size()) {
    return Fail("vitrine_search_item_vector: no space, or no such product");
  }
  std::vector<float> vector(space->dimensions());
  space->Decode(item, vector);
  return Answer(std::span<const float>(vector));
}

int32_t vitrine_search_zero_shot(const float* vector, uint32_t dimensions, const float* labels,
                                 uint32_t count) {
  if (dimensions == 0) return Fail("vitrine_search_zero_shot: an empty vector");
  return Answer(std::span<const float>(
      Searcher::ZeroShot({vector, dimensions}, {labels, static_cast<size_t>(dimensions) * count})));
}

int32_t vitrine_search_tokenizer(const uint8_t* merges, uint32_t size) {
  auto opened = ClipTokenizer::Open(Text(merges, size));
  if (!opened.ok()) return Fail(opened.error().message);
  TheSearch().tokenizer.emplace(std::move(opened.value()));
  return 0;
}

int32_t vitrine_search_tokens(const uint8_t* text, uint32_t size, uint32_t most, uint32_t lower) {
  const auto& tokenizer = TheSearch().tokenizer;
  if (!tokenizer || most < 2) return Fail("vitrine_search_tokens: no tokenizer, or no room");
  const std::string_view given = Text(text, size);
  const std::vector<int32_t> ids =
      lower != 0 ? tokenizer->Encode(EncodeUtf8(ToLower(DecodeUtf8(given))), most)
                 : tokenizer->Encode(given, most);
  return Answer(std::span<const int32_t>(ids));
}

int32_t vitrine_search_pixels(const uint8_t* rgba, uint32_t width, uint32_t height,
                              const double* settings) {
  const ImagePreprocess preprocess = ReadSettings(settings);
  const Status valid = Validate(preprocess);
  if (!valid.ok()) return Fail(valid.error().message);
  if (!IsPicture(width, height)) {
    return Fail("vitrine_search_pixels: a picture of an impossible size");
  }
  const Image image = PictureOf(rgba, width, height);
  std::vector<float> out(preprocess.output_size());
  Preprocess(image, preprocess, out);
  return Answer(std::span<const float>(out));
}

}  // extern "C"
