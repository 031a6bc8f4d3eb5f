// Whatever bytes a bundle's search sections hold, they are refused or searched, and asking any text
// of an opened index is safe. The first byte says how the rest is cut into sections and a text.
#include "shared/search/searcher.h"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const ByteView all(data, size);
  const size_t first = size * data[0] / 256, second = first + (size - first) * data[1] / 256;
  const ByteView index = all.subspan(2, std::max<size_t>(first, 2) - 2);
  const ByteView shard = all.subspan(std::max<size_t>(first, 2),
                                     second - std::min(second, std::max<size_t>(first, 2)));
  const ByteView text = all.subspan(second);
  Searcher searcher;
  if (!searcher.AddSection(FrameSection(SectionKind::kSearch, 1, index)).ok()) return 0;
  for (SectionKind kind : {SectionKind::kPostings, SectionKind::kQueries, SectionKind::kVectors,
                           SectionKind::kThumbs}) {
    (void)searcher.AddSection(FrameSection(kind, 1, shard)).ok();
  }
  const std::string_view asked(reinterpret_cast<const char*>(text.data()), text.size());
  searcher.Ask(asked);
  (void)searcher.Missing(true);
  (void)searcher.ByWords(20);
  (void)searcher.QueryVector();
  (void)searcher.language()->Suggest(asked, 5);
  return 0;
}
