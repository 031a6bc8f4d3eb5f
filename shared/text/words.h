// The words of a text as scikit-learn's TfidfVectorizer sees them by default: lower case, then the
// matches of (?u)\b\w\w+\b, that is runs of at least two letters, numbers or underscores.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

// UTF-8 in, UTF-8 out, in the order of the text. O(size).
std::vector<std::string> Words(std::string_view text);

}  // namespace vitrine
