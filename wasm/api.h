// The C interface of the WebAssembly module: everything that web/ may know of the engine.
//
// One module instance holds one recommender. Typical use from JavaScript:
//
//   const p = vitrine_alloc(bytes.length); memory.set(bytes, p);
//   if (vitrine_add_section(p, bytes.length) < 0) throw new Error(lastError());
//   const item = vitrine_find(p_id, id_size);  // -1 when the shop has no such product
//   const n = vitrine_similar(item, 10);
//   const answer = new DataView(memory.buffer, vitrine_results(), n * 32);
//
// A result is 32 bytes, little-endian: item u32, score f32, reason u32, other u32, count u32,
// strength f32, also u32 x 2; their meaning is in shared/item.h (Recommendation, ReasonKind). A
// session event is 16 bytes: item u32, kind u32 (InteractionKind), time f64 (Unix seconds).
// Functions that answer return how many results there are (>= 0), or a negative number when the
// call itself was wrong; vitrine_error() then says why. Memory may grow in any call: make new views
// of memory.buffer after each.
#ifndef VITRINE_WASM_API_H_
#define VITRINE_WASM_API_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Version of this interface: 2.
uint32_t vitrine_api_version(void);

// `size` bytes for the caller to fill, or 0 when there is no memory. Free with vitrine_free.
uint8_t* vitrine_alloc(uint32_t size);
void vitrine_free(uint8_t* bytes);

// Adds a section file that was written to vitrine_alloc'ed memory; takes the memory over, also on
// failure. The catalogue section comes first. Returns 0 or -1.
int32_t vitrine_add_section(uint8_t* bytes, uint32_t size);

// UTF-8 text of the last failure.
const uint8_t* vitrine_error(void);
uint32_t vitrine_error_size(void);

// Number of products, 0 before the catalogue section.
uint32_t vitrine_item_count(void);

// The dense index of a product id (UTF-8), or -1.
int32_t vitrine_find(const uint8_t* id, uint32_t size);

// The filter of all later questions, until changed. price in 1/100 of the shop's currency;
// price_max 0xFFFFFFFF, audience 0 and department 0 mean "any".
void vitrine_set_filter(uint32_t price_min, uint32_t price_max, uint32_t audience,
                        uint32_t department);

// What the shopper consented to tell, for all later questions until changed: UTF-8 lines
// "attribute=value" ("age_group=18-24"). Returns how many of them are segments of the bundle; the
// others are not kept. Nothing of it leaves the module.
int32_t vitrine_set_profile(const uint8_t* lines, uint32_t size);

// When the questions after this one are asked, Unix time; 0 = right after the newest event.
void vitrine_set_now(double seconds);

// Questions. Unknown indices in a cart or session are skipped.
int32_t vitrine_bought_together(const uint32_t* cart, uint32_t cart_size, uint32_t limit);
int32_t vitrine_similar(uint32_t item, uint32_t limit);
int32_t vitrine_for_you(const uint8_t* events, uint32_t event_count, uint32_t limit);
int32_t vitrine_popular(uint32_t limit);

// The results of the last question, until the next one.
const uint8_t* vitrine_results(void);

#ifdef __cplusplus
}
#endif

#endif  // VITRINE_WASM_API_H_
