// A photo's thumb: eight by eight colours that tell whether two files are the same photo, whatever
// happened to the file (compression, size, a cut edge). An encoder's vector tells what is in a
// photo, and products that look alike have nearly the same one; the thumb tells them apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "shared/image/resample.h"

namespace vitrine {

inline constexpr int kThumbSide = 8;
inline constexpr size_t kThumbBytes = size_t{3} * kThumbSide * kThumbSide;

// The photo, squashed: channel c at (x, y) is thumb[(c * 8 + y) * 8 + x]. REQUIRES: not empty.
std::vector<uint8_t> ThumbOf(const Image& image);

// Thumbs (n x kThumbBytes) of what the photo may be a part of: itself first, then with its edges
// drawn out by 1/18 of the photo on each set of sides, which undoes a cut by 5 % there, and by half
// of that all around.
std::vector<uint8_t> ThumbViews(const Image& image);

}  // namespace vitrine
