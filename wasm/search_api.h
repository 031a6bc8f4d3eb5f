// The C interface of search's WebAssembly module: everything that web/ may know of it. A module of
// its own, so that a page that is never searched never loads it. One instance holds one searcher.
//
//   const p = vitrine_search_alloc(bytes.length); memory.set(bytes, p);
//   if (vitrine_search_add_section(p, bytes.length) < 0) throw error();
//   vitrine_search_ask(p_text, text_size);
//   for (each of vitrine_search_missing(0) pairs at vitrine_search_output()) add the shard;
//   const n = vitrine_search_by_words(20);
//
// Functions that answer return how many values there are at vitrine_search_output() (>= 0), or a
// negative number when the call was wrong; vitrine_search_error() then says why. Memory may grow in
// any call: make new views of memory.buffer after each. Numbers are little-endian; a hit is 16
// bytes: item u32, score f32, words f32, likeness f32 (shared/search/searcher.h, SearchHit).
#ifndef VITRINE_WASM_SEARCH_API_H_
#define VITRINE_WASM_SEARCH_API_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Version of this interface: 1.
uint32_t vitrine_search_api_version(void);

uint8_t* vitrine_search_alloc(uint32_t size);
void vitrine_search_free(uint8_t* bytes);
const uint8_t* vitrine_search_error(void);
uint32_t vitrine_search_error_size(void);
// What the last answer is made of, until the next call.
const uint8_t* vitrine_search_output(void);

// Adds a section file (Searcher::AddSection) or the recommender's vectors (AddLooks); takes the
// memory over, also on failure. Returns 0 or -1.
int32_t vitrine_search_add_section(uint8_t* bytes, uint32_t size);
int32_t vitrine_search_add_looks(uint8_t* bytes, uint32_t size);

// What later questions are about (UTF-8). Returns 2 when a likely query says the same in the same
// words, 1 when it does in other forms, 0 when there is none, -1 when no word means anything here.
int32_t vitrine_search_ask(const uint8_t* text, uint32_t size);
// Shards that are not there yet, as pairs of u32: 0 postings or 1 queries, number.
int32_t vitrine_search_missing(uint32_t all_words);
// Suggestions: the number of bytes of texts that are separated by line feeds.
int32_t vitrine_search_suggest(const uint8_t* text, uint32_t size, uint32_t limit);

// A new filter: prices in 1/100 of the shop's currency, 0xFFFFFFFF = no upper bound. Then names
// that may be shown: field 0 audience, 1 department, 2 colour, 3 brand.
void vitrine_search_filter(uint32_t price_min, uint32_t price_max);
int32_t vitrine_search_allow(uint32_t field, const uint8_t* name, uint32_t size);

// Hits.
int32_t vitrine_search_by_words(uint32_t limit);
int32_t vitrine_search_by_vector(const float* vector, uint32_t dimensions, uint32_t limit);
// By a photo's vector and the photo itself (RGBA, 8 bits, row-major).
int32_t vitrine_search_by_photo(const float* vector, uint32_t dimensions, const uint8_t* rgba,
                                uint32_t width, uint32_t height, uint32_t limit);
int32_t vitrine_search_by_shift(uint32_t item, const float* direction, uint32_t dimensions,
                                uint32_t limit);
// The dense index of a product id, or -1; needs the catalogue section.
int32_t vitrine_search_find(const uint8_t* id, uint32_t size);

// Floats: of the likely query that was asked (0 = none), of a product in the space of photos and
// words.
int32_t vitrine_search_query_vector(void);
int32_t vitrine_search_item_vector(uint32_t item);
// One probability for each of `count` labels' vectors.
int32_t vitrine_search_zero_shot(const float* vector, uint32_t dimensions, const float* labels,
                                 uint32_t count);

// CLIP's tokenizer from its list of merges; then a text's ids as i32, cut to `most`.
int32_t vitrine_search_tokenizer(const uint8_t* merges, uint32_t size);
int32_t vitrine_search_tokens(const uint8_t* text, uint32_t size, uint32_t most, uint32_t lower);

// A picture (RGBA, 8 bits, row-major) as the numbers that an image encoder reads (planar floats).
// `settings` are 14 doubles: fit (0 shortest, 1 squash, 2 pad), width, height, filter (as
// ResampleFilter), crop width, crop height, scale, offset, mean of r, g, b, deviation of r, g, b.
int32_t vitrine_search_pixels(const uint8_t* rgba, uint32_t width, uint32_t height,
                              const double* settings);

#ifdef __cplusplus
}
#endif

#endif  // VITRINE_WASM_SEARCH_API_H_
