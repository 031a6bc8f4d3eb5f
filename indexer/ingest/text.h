// Small text helpers of the readers. All work on UTF-8 and never fail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

std::string_view TrimSpace(std::string_view text);  // ASCII white space and no-break spaces
bool IsValidUtf8(std::string_view text);
// Bytes that are no valid UTF-8 are read as Windows-1252: what exports in the wild hold when they
// are not UTF-8.
std::string RepairUtf8(std::string_view text);
// How many bytes at the end of a block may be the beginning of a character that goes on in the
// next.
size_t OpenUtf8Tail(std::string_view block);
// The code point of a byte of Windows-1252 (a superset of Latin-1).
uint32_t Windows1252(uint8_t byte);
void AppendUtf8(uint32_t code_point, std::string& out);  // U+FFFD for what is no code point

// "", "nan", "none", "null", "n/a", "na", "-" …: an export's ways to write nothing.
bool IsMissing(std::string_view text);

// Lower case, accents off, everything but letters and digits one space: "Été-2020 " → "ete 2020".
std::string FoldText(std::string_view text);

// FoldText(text) == folded, without making the text.
bool FoldsTo(std::string_view text, std::string_view folded);

std::vector<std::string_view> SplitText(std::string_view text, std::string_view separator);

// Plain text of HTML: tags and comments dropped (script and style with their content), block tags
// and <br> become spaces, entities decoded, runs of white space one space. Text without markup
// comes back unchanged but for its white space.
std::string PlainText(std::string_view html);

// The candidate with the smallest edit distance to `word`, "" when none is near.
std::string NearestWord(std::string_view word, const std::vector<std::string>& candidates);

std::string JoinText(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace vitrine
