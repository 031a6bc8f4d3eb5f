// The words of titles that tell what a product goes with ("Maria", "bikini"), for
// mine/complements.h. They are content: nothing of them is learned from shoppers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "shared/complements.h"

namespace vitrine {

// Of each title the two words that stand in the fewest titles, the rarer one first (equals: the
// word first in byte order), among words that stand in at least five titles: a word of fewer is a
// name that shoppers have not met twice. 0 = there is none. Words are numbered from 1 in byte
// order, those that no title keeps not at all. Of more than 65,535 words the ones in most titles
// count. O(characters log words).
std::vector<PairedWords> FindTitleWords(std::span<const std::string> titles);

}  // namespace vitrine
