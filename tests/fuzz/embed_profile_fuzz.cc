// Any text as an encoder profile: refused, or one whose numbers can be worked with.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "indexer/embed/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto parsed = ParseProfile(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!parsed.ok()) return 0;
  const EncoderProfile& profile = parsed.value();
  if (profile.name.empty() || profile.batch < 1) std::abort();
  if (profile.image) {
    if (!Validate(profile.image->preprocess).ok() || profile.image->files.empty()) std::abort();
  }
  if (profile.text && (profile.text->max_tokens < 2 || profile.text->tokenizer.empty())) {
    std::abort();
  }
  return 0;
}
